"""Fusion, centring, coverage and the "nothing fits" decision."""

import numpy as np
import pytest

from knowledge.calibrate import fit
from knowledge.confidence import evidence, load_confidence
from knowledge.dense import DenseIndex
from knowledge.fusion import fuse
from knowledge.lexical import LexicalIndex


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_fusion_prefers_what_both_rankings_like() -> None:
    cosines = floats(0.80, 0.90, 0.89)
    fused = fuse(floats(9, 8, 0), cosines, cosines)
    assert fused.argmax() == 1


def test_fusion_goes_by_meaning_when_no_word_is_known() -> None:
    cosines = floats(0.1, 0.3, 0.2)
    assert fuse(floats(0, 0, 0), cosines, cosines).argsort().tolist() == [0, 2, 1]


def test_fusion_weighs_both_cosines_alike() -> None:
    fused = fuse(floats(0, 0, 0), floats(0.9, 0.8, 0.1), floats(0.5, 0.6, 0.1))
    assert fused[0] == pytest.approx(fused[1], abs=0.05)
    assert fused.argmin() == 2


def test_centring_takes_off_what_all_texts_share() -> None:
    shared = np.array([[10, 1, 0], [10, 0, 1]], np.float32)
    vectors = shared / np.linalg.norm(shared, axis=1, keepdims=True)
    dense = DenseIndex(vectors, ["text", "text"])
    plain = dense.cosines(vectors[0])
    centred = dense.centred(vectors[0], plain)
    assert plain[0] - plain[1] < 0.02
    assert centred.tolist() == pytest.approx([1, -1], abs=1e-4)


def test_each_kind_of_text_has_its_own_centre() -> None:
    vectors = np.eye(4, dtype=np.float32)
    cosines = vectors @ vectors[0]
    alone = DenseIndex(vectors[:2], ["question", "question"]).centred(vectors[0], cosines[:2])
    kinds = ["question", "question", "passage", "passage"]
    together = DenseIndex(vectors, kinds).centred(vectors[0], cosines)
    np.testing.assert_allclose(together[:2], alone)


def test_rare_words_weigh_more_in_coverage() -> None:
    lexical = LexicalIndex.build(["保单 宽限期", "保单 保费", "保单 理赔"])
    coverage = lexical.coverage(["保单", "宽限", "unknown"], np.arange(3))
    assert coverage[0] > 3 * coverage[1] > 0
    assert lexical.coverage(["宽限"], np.array([2, 0])).tolist() == [0, 1]
    assert lexical.coverage([], np.arange(3)).tolist() == [0, 0, 0]


def test_terms_that_no_text_has_score_nothing() -> None:
    lexical = LexicalIndex.build(["宽限期", "理赔"])
    assert lexical.scores(["zebra"]).tolist() == [0, 0]


def test_evidence_counts_the_lead_over_the_best_other_text() -> None:
    same = floats(0.5, 0.5, 0.5)
    rows = evidence(question=same, passage=same, plain=same, coverage=same, ranks=floats(0.9, 0.6, 0.2))
    assert rows[:, 4].tolist() == pytest.approx([0.3, -0.3, -0.7])


def test_calibration_learns_which_evidence_counts() -> None:
    draws = np.random.default_rng(1)
    right = draws.integers(0, 2, 400).astype(float)
    rows = np.stack([right + draws.normal(0, 0.3, 400), draws.normal(0, 1, 400)], axis=1)
    fitted = fit(rows, right, [0, 1])
    chance = fitted.probability(rows.astype(np.float32))
    assert chance[right == 1].mean() > 0.8
    assert chance[right == 0].mean() < 0.2
    assert abs(fitted.weights[0]) > 10 * abs(fitted.weights[1])


def test_no_evidence_speaks_against_an_article_and_a_lead_alone_not_for_it() -> None:
    draws = np.random.default_rng(1)
    right = draws.integers(0, 2, 400).astype(float)
    cosines = [draws.normal(0, 1, 400) - right for _ in range(3)]
    coverage, lead = (right + draws.normal(0, 0.5, 400) for _ in range(2))
    fitted = fit(np.stack([*cosines, coverage, lead], axis=1), right, [0, 1, 2, 3, 4])
    assert fitted.weights[:3] == (0, 0, 0)
    assert fitted.weights[3] > 0
    assert fitted.weights[4] == 0


def test_the_committed_calibration_answers_a_perfect_match_and_refuses_a_stranger() -> None:
    confidence = load_confidence()
    perfect = np.array([[1, 0.6, 0.95, 1, 0.3]], np.float32)
    stranger = np.array([[0.2, 0.2, 0.8, 0.1, 0.0]], np.float32)
    assert confidence.probability(perfect)[0] > 0.9
    assert confidence.probability(stranger)[0] < confidence.threshold
