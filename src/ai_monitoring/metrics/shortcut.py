"""The short way to a child's value, for paths where each microsecond is some application's.

prometheus_client checks at every step that the child has its labels and that a counter does not fall. Here both hold by
construction. Where its inner names change, the public methods take over: slower, and as right.
"""

from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from ai_monitoring.metrics.instrument import Instrument


def adder(child: Any) -> Callable[[float], None]:
    """What adds to a counter's or gauge's child: its `inc`, unchecked."""
    try:
        add: Callable[[float], None] = child._value.inc
    except AttributeError:
        return child.inc  # type: ignore[no-any-return]
    return add


def observer(child: Any) -> Callable[[float], None]:
    """What records one value, not NaN, in a histogram's child: its `observe`, unchecked and without exemplar."""
    try:
        bounds, add_to_sum = child._upper_bounds, child._sum.inc
        count_in = [bucket.inc for bucket in child._buckets]
    except AttributeError:
        return child.observe  # type: ignore[no-any-return]

    def observe(value: float) -> None:
        add_to_sum(value)
        count_in[bisect_left(bounds, value)](1)

    return observe


def _quiet(add: Callable[[float], None]) -> Callable[[float], None]:
    """Several workers share a folder. That it is gone when a new one begins must not be the application's matter."""

    def quietly(value: float) -> None:
        with suppress(Exception):
            add(value)

    return quietly


def stepper(gauge: Instrument) -> tuple[Callable[[], object], Callable[[], object]]:
    """What raises a gauge without labels by one, and what lowers it.

    In a single process the gauge is the length of a list, which needs no lock: adding and removing are atomic, and it
    never falls below 0. The list belongs to the metric, so that all who step it in one registry share it.
    """
    child = gauge[()]
    if getattr(getattr(child, "_value", None), "_multiprocess", True):
        add = _quiet(adder(child))
        return partial(add, 1), partial(add, -1)
    child.set_function(gauge.steps.__len__)
    return partial(gauge.steps.append, None), partial(gauge.steps.__delitem__, slice(-1, None))
