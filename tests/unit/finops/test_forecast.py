from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_monitoring.finops.forecast import forecast


@pytest.mark.parametrize(
    ("spent", "previous", "elapsed", "expected"),
    [
        ("50", "0", 0.5, "100"),  # no period before: this one's pace alone
        ("50", "60", 0.5, "90"),  # 50 + half a period of (half of a pace of 100 + half of 60) = 50 + 0.5 x 80
        ("0", "60", 0.0, "60"),  # nothing seen: as the last one
        ("0", "60", 0.5, "15"),  # 0 + 0.5 x (0.5 x 0 + 0.5 x 60)
        ("90", "10", 1.0, "90"),  # over: what is spent
        ("0", "0", 0.3, "0"),
        ("1", "0", 0.0001, "25.9974"),  # a first minute is not taken for the pace of a month
    ],
)
def test_a_blend_of_two_paces(spent: str, previous: str, elapsed: float, expected: str) -> None:
    assert float(forecast(Decimal(spent), Decimal(previous), elapsed)) == pytest.approx(float(expected), rel=1e-3)


AMOUNTS = st.decimals(0, 10**9, places=9, allow_nan=False)


@given(AMOUNTS, AMOUNTS, st.floats(-1, 2))
def test_it_is_finite_and_never_below_what_is_spent(spent: Decimal, previous: Decimal, elapsed: float) -> None:
    expected = forecast(spent, previous, elapsed)
    assert expected.is_finite()
    assert expected >= spent
    assert not expected.is_signed()
