"""Confidence as given, and when its fall is certain."""

import random

import pytest

from ai_monitoring.quality import Exchange
from ai_monitoring.quality.confidence import ConfidenceEvaluator, PageHinkley


def confident(value: float | None) -> Exchange:
    return Exchange("", "", confidence=value)


@pytest.mark.parametrize(
    ("value", "label"), [(0.9, "high"), (0.2, "low"), (None, "not_given"), (float("nan"), "not_given"), (7.0, "high")]
)
def test_the_label_tells_how_sure(value: float | None, label: str) -> None:
    evaluation = ConfidenceEvaluator().evaluate(confident(value))
    assert evaluation.label == label
    assert 0 <= evaluation.score <= 1


def test_a_fall_is_found_and_steady_noise_is_not() -> None:
    noise = random.Random(7)  # noqa: S311 - noise, not secrets
    steady, falling = PageHinkley(), PageHinkley()
    assert not any(steady.update(noise.gauss(0.8, 0.05)) for _ in range(5_000))
    assert not any(falling.update(noise.gauss(0.8, 0.05)) for _ in range(500))
    assert any(falling.update(noise.gauss(0.65, 0.05)) for _ in range(60))


def test_a_rise_is_no_drift() -> None:
    test = PageHinkley()
    assert not any(test.update(value) for value in [0.5] * 200 + [0.9] * 200)


def test_the_answer_that_makes_it_certain_says_so() -> None:
    evaluator = ConfidenceEvaluator()
    labels = [evaluator.evaluate(confident(value)).label for value in [0.9] * 100 + [0.6] * 40]
    assert labels.count("drifted") == 1
