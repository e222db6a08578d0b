import pytest

from ai_monitoring.embedded.logql import bounds
from ai_monitoring.embedded.logql.bounds import SeriesBounds
from ai_monitoring.embedded.logql.errors import LimitError


def test_series_are_bounded() -> None:
    found = SeriesBounds(1)
    for number in range(bounds.MAX_SERIES):
        found.add_series((("trace", str(number)),))
    with pytest.raises(LimitError, match="more than 20000 series"):
        found.add_series((("trace", "one more"),))


def test_text_of_labels_is_bounded() -> None:
    with pytest.raises(LimitError, match="more than 8 MB"):
        SeriesBounds(1).add_series((("text", "x" * 2**23),))


def test_values_are_bounded() -> None:
    found = SeriesBounds(bounds.MAX_VALUES // 2)
    found.add_series(())
    found.add_series(())
    with pytest.raises(LimitError, match="use a longer step"):
        found.add_series(())


def test_samples_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_SAMPLES", 1)
    found = SeriesBounds(1)
    found.add_sample()
    with pytest.raises(LimitError, match="more than 1 lines into memory"):
        found.add_sample()
