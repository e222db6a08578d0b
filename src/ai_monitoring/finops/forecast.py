"""What a budget will have spent when its period ends."""

from decimal import Decimal
from typing import Final

_LEAST: Final = Decimal("0.04")
"""Share of a period, about an hour of a day or a day of a month, before which a pace says nothing."""


def forecast(spent: Decimal, previous: Decimal, elapsed: float) -> Decimal:
    """What is `spent`, and for the rest of the period a blend of two paces: this period's so far, and that of the
    `previous` period, which spent that much in all. This period's weighs what share of it has `elapsed` (0 to 1): the
    more was seen of it, the more it is believed, as actuaries weigh experience against what was known before
    (Bühlmann's credibility). Without a previous one this period's pace is all there is. Never below `spent`.
    """
    seen = min(max(Decimal(str(elapsed)), Decimal(0)), Decimal(1))
    pace = spent / max(seen, _LEAST)
    expected = seen * pace + (1 - seen) * previous if previous > 0 else pace
    return spent + (1 - seen) * expected
