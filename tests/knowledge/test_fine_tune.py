"""What fine-tuning learns from, what it is asked afterwards, and when its result is kept (all but the training)."""

from collections.abc import Sequence

from knowledge import index
from knowledge.article import Article
from knowledge.evaluation.data import Question
from knowledge.evaluation.exams import Exam, is_better
from knowledge.evaluation.held_out import ask_held_out, held_out_topics
from knowledge.evaluation.runs import Run
from knowledge.examples import BATCH, batches, examples_of
from knowledge.source import MarkdownSource
from tests.knowledge.conftest import WordModel, article


def built(articles: Sequence[Article]) -> index.Index:
    return index.build(articles, WordModel(), None, lambda done, total: None)


def test_a_question_is_taught_with_the_passage_of_its_article_that_is_nearest() -> None:
    text = "总述。\n\n## 材料\n报警回执。\n\n## 时间\n24小时。"
    (title, listed) = examples_of(built([article("theft", "zh", "被盗", text, questions=["要报警回执吗"])]))
    assert (title.topic, title.language, listed.question) == ("theft", "zh", "要报警回执吗")
    assert "报警回执" in listed.passage


def test_a_batch_has_one_language_and_no_topic_twice_and_hardly_a_question_is_left_out() -> None:
    examples = examples_of(built(MarkdownSource().articles()))
    plan = batches(examples, seed=1)
    for batch in plan:
        assert 1 < len(batch) <= BATCH
        assert len({one.language for one in batch}) == 1
        assert len({one.topic for one in batch}) == len(batch)
    taught = [one for batch in plan for one in batch]
    assert len(taught) == len(set(taught))
    assert len(examples) - BATCH < len(taught) <= len(examples)
    assert plan != batches(examples, seed=2)


def test_a_quarter_of_the_topics_is_held_out_always_the_same_ones() -> None:
    articles = MarkdownSource().articles()
    topics = held_out_topics(articles)
    assert topics == held_out_topics(articles[::-1])
    assert 0.2 < len(topics) / len({one.id for one in articles}) <= 0.25


def test_only_listed_questions_of_held_out_topics_are_asked_and_only_passages_are_ranked(
    articles: list[Article],
) -> None:
    more = article("grace", "zh", "宽限期多久", "保费晚交有60天宽限期。", questions=["晚交保费怎么办"])
    made = built([more, *articles[1:]])
    questions, runs = ask_held_out(made, {"grace"})
    assert [one.query for one in questions] == ["晚交保费怎么办"]
    assert [made.entries[int(text)].kind for text in questions[0].relevant] == ["passage"]
    assert runs["hybrid"].ranks == [1]
    across, found = ask_held_out(made, {"grace"}, across=True)
    right = made.entries[int(across[0].relevant[0])]
    assert (made.articles[right.article].language, len(found["embeddings"].ranks)) == ("en", 1)


def exams(*ranks: Sequence[int], decides: bool = True) -> dict[str, Exam]:
    return {
        str(place): Exam(
            [Question(query="q", relevant=["a"])] * len(some), Run(list(some), [True] * len(some)), decides
        )
        for place, some in enumerate(ranks)
    }


def test_a_tuned_model_is_kept_when_it_is_better_somewhere_and_worse_nowhere() -> None:
    poor, good = [2] * 30, [1] * 30
    assert is_better(exams(poor, poor), exams(good, poor))
    assert not is_better(exams(poor, poor), exams(poor, poor))
    assert not is_better(exams(poor, good), exams(good, poor))
    assert not is_better(exams(poor, decides=False), exams(good, decides=False))
