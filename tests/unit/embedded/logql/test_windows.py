import math

import pytest

from ai_monitoring.embedded.logql.windows import function, quantile

SECONDS = 60.0
TIMES = [n * 10**9 for n in range(4)]
VALUES = [4.0, 1.0, 3.0, 2.0]


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("count_over_time", 4),
        ("rate", 10 / 60),
        ("bytes_over_time", 10),
        ("bytes_rate", 10 / 60),
        ("sum_over_time", 10),
        ("avg_over_time", 2.5),
        ("max_over_time", 4),
        ("min_over_time", 1),
        ("first_over_time", 4),
        ("last_over_time", 2),
        ("stdvar_over_time", 1.25),
        ("stddev_over_time", math.sqrt(1.25)),
    ],
)
def test_range_functions(operation: str, value: float) -> None:
    assert function(operation, None)(TIMES, VALUES, SECONDS) == pytest.approx(value)


@pytest.mark.parametrize(("q", "value"), [(0, 1), (0.5, 2.5), (1, 4), (0.25, 1.75), (-1, -math.inf), (2, math.inf)])
def test_quantiles_are_interpolated(q: float, value: float) -> None:
    assert quantile(q, VALUES) == value
    assert function("quantile_over_time", q)(TIMES, VALUES, SECONDS) == value


def test_a_counter_that_starts_anew_has_grown_all_the_same() -> None:
    rate = function("rate_counter", None)
    assert rate(TIMES, [10.0, 20.0, 5.0, 6.0], SECONDS) == pytest.approx((20 - 10 + 6) / 60, rel=1e-4)
    assert rate(TIMES[:1], [1.0], SECONDS) == 0
    assert math.isnan(rate([0, 0], [1.0, 2.0], SECONDS))
