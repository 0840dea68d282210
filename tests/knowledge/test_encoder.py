"""The sentence model itself, where it has been made."""

import numpy as np
import pytest

from knowledge.encoder import Encoder
from knowledge.model import manifest
from knowledge.settings import Settings

MADE = Settings(_env_file=None).model_folder
needs_model = pytest.mark.skipif(
    not (MADE / "manifest.json").is_file(), reason="the sentence model is not made"
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(MADE, workers=2)


@needs_model
def test_a_question_is_nearest_to_its_translation(encoder: Encoder) -> None:
    zh, en, other = encoder.encode(["宽限期有多长", "How long is the grace period?", "今天天气怎么样"])
    assert en @ zh > en @ other


@needs_model
def test_vectors_have_length_one_and_do_not_depend_on_their_neighbours(encoder: Encoder) -> None:
    texts = ["犹豫期", "a much longer sentence about the waiting period of a policy", "", "😀" * 3000]
    together = encoder.encode(texts, "passage")
    alone = np.concatenate([encoder.encode([text], "passage") for text in texts])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


@needs_model
def test_questions_and_passages_are_marked_apart(encoder: Encoder) -> None:
    as_question, as_passage = (encoder.encode(["宽限期"], kind)[0] for kind in ("query", "passage"))
    assert as_question @ as_passage < 0.999


@needs_model
def test_what_serves_is_the_pinned_model() -> None:
    assert manifest.is_intact(MADE.parent)


@needs_model
def test_cased_product_words_are_known(encoder: Encoder) -> None:
    tokens = encoder._tokenizer.encode("query: WeChat VIP Evercare 康泽 CNY").tokens
    assert "<unk>" not in tokens
