"""Another sentence model than the default: what is said when it cannot be used, and what it may answer.

The tests with a real sentence-transformers folder need the environment of the group `knowledge`.
"""

import json
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from knowledge import app, build_index, follow, index
from knowledge.article import Article
from knowledge.calibrate import calibrate
from knowledge.confidence import confidence_of
from knowledge.model_choice import ModelUnusable, NamedModel, fingerprint_of, load_model
from knowledge.settings import ServiceSettings, Settings
from knowledge.source import MarkdownSource
from tests.knowledge.conftest import WordModel

has_library = find_spec("sentence_transformers") is not None
TODAY = Settings(_env_file=None, now="2026-11-23T04:00:00Z").today()


def no_progress(done: int, total: int) -> None:
    pass


def named(folder: Path, name: str = "words") -> Settings:
    return Settings(_env_file=None, data_dir=folder, knowledge_model=name, now="2026-11-23T04:00:00Z")


@pytest.mark.skipif(has_library, reason="sentence-transformers is installed here")
def test_without_the_library_it_is_said_which_environment_has_it(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"some/model.*\.venv/knowledge.*unset the setting"):
        load_model(named(tmp_path, "some/model"))


def test_a_default_model_that_was_never_made_is_said_with_its_command(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"knowledge\.make_model --out"):
        load_model(Settings(_env_file=None, data_dir=tmp_path))


def test_the_index_of_an_unusable_model_is_not_built_and_the_reason_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANDA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ANDA_KNOWLEDGE_MODEL", "/no/such/folder")
    assert build_index.main() == 1
    said = capsys.readouterr().err
    assert said.startswith("knowledge index: ANDA_KNOWLEDGE_MODEL is /no/such/folder")
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "knowledge").exists()


def test_a_service_with_an_unusable_model_runs_on_and_tells_why_it_answers_nothing(tmp_path: Path) -> None:
    given = ServiceSettings(
        _env_file=None, data_dir=tmp_path, service_token="secret", knowledge_model="/no/such/folder"
    )
    follower = follow.Follower(given)
    with pytest.raises(ModelUnusable):
        follower.is_behind()
    with TestClient(app.create_app(given)) as client:
        for _ in range(200):
            told = client.get("/health")
            if told.json()["detail"]:
                break
            time.sleep(0.02)
        assert told.status_code == 503
        assert "/no/such/folder" in told.json()["detail"]
        asked = client.post("/search", json={"query": "x"}, headers={"Authorization": "Bearer secret"})
        assert asked.status_code == 503


def test_a_model_nobody_calibrated_offers_articles_but_answers_nothing_until_somebody_does(
    tmp_path: Path, articles: list[Article], model: WordModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = named(tmp_path)
    monkeypatch.setattr(follow, "load_model", lambda settings: model)
    index.save(index.build(articles, model, None, no_progress), settings.index_folder)
    follower = follow.Follower(settings)
    follower.load_newest()
    assert follower.retriever is not None
    found = follower.retriever.search("How long is the grace period", "en", None, TODAY)
    assert (found.fits, found.hits[0].article.id, found.hits[0].score) == (False, "grace", 0)

    said = calibrate(settings, model, None, no_progress)
    assert [line.split(":")[0] for line in said] == ["BM25", "embeddings", "hybrid"]
    follower.load_newest()
    assert follower.retriever.search("How long is the grace period", "en", None, TODAY).fits
    assert not follower.retriever.search("zebra", "en", None, TODAY).fits


def test_a_calibration_serves_the_model_it_was_made_for_and_no_other(
    tmp_path: Path, model: WordModel
) -> None:
    settings = named(tmp_path)
    settings.confidence_file.parent.mkdir()
    kept = {"weights": [1, 1, 1, 1, 1], "bias": 0, "threshold": 0.5}
    settings.confidence_file.write_text(json.dumps({"model": model.fingerprint, "hybrid": kept}), "utf-8")
    assert confidence_of(settings, model.fingerprint) is not None
    assert confidence_of(settings, "another") is None
    settings.confidence_file.write_text("{", "utf-8")
    assert confidence_of(settings, model.fingerprint) is None


def test_a_folder_with_other_files_is_another_model_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "1_Pooling").mkdir(parents=True)
        (tmp_path / name / "model.safetensors").write_bytes(b"weights")
        (tmp_path / name / "1_Pooling" / "config.json").write_text("{}", "utf-8")
    first = fingerprint_of(str(tmp_path / "one"))
    assert fingerprint_of(str(tmp_path / "two")) == first
    (tmp_path / "two" / "model.safetensors").write_bytes(b"weightz")
    assert fingerprint_of(str(tmp_path / "two")) != first
    assert fingerprint_of("some/model", "a") != fingerprint_of("some/model", "b")


def tiny_model(folder: Path, dimension: int = 32) -> Path:
    """A sentence-transformers folder: one random vector a character, averaged."""
    library = pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    signs = sorted({sign for one in MarkdownSource().articles() for sign in one.text.lower()})
    tokenizer = Tokenizer(WordLevel({sign: place for place, sign in enumerate(["?", *signs])}, unk_token="?"))
    tokenizer.pre_tokenizer = Split("", "isolated")
    library.SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_dim=dimension)], device="cpu"
    ).save(str(folder))
    return folder


def test_any_sentence_transformers_folder_serves(tmp_path: Path) -> None:
    given = named(tmp_path / "data", str(tiny_model(tmp_path / "tiny")))
    model = load_model(given)
    built, is_new = build_index.bring_up_to_date(given, MarkdownSource(), model, no_progress)
    assert (is_new, built.vectors.shape[1]) == (True, 32)
    calibrate(given, model, built, no_progress)
    follower = follow.Follower(given)
    follower.load_newest()
    assert follower.retriever is not None
    assert follower.retriever.confidence is not None
    assert follower.retriever.search("宽限期有多少天", "zh", None, TODAY).hits


def test_another_model_in_the_same_folder_is_another_model(tmp_path: Path) -> None:
    first = NamedModel(str(tiny_model(tmp_path / "tiny")))
    again = NamedModel(str(tmp_path / "tiny"))
    assert first.fingerprint == again.fingerprint
    np.testing.assert_allclose(first.encode(["宽限期"]), again.encode(["宽限期"]))
    tiny_model(tmp_path / "tiny")
    assert NamedModel(str(tmp_path / "tiny")).fingerprint != first.fingerprint


def test_a_folder_that_is_no_model_is_said(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    (tmp_path / "empty").mkdir()
    for name in (tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(ModelUnusable, match=r"cannot load\. Name a folder"):
            NamedModel(str(name))
