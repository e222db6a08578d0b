"""Range functions: one number from the samples of a window, (moment - range, moment]."""

import math
from collections.abc import Callable, Sequence

Numbers = Sequence[float]
Function = Callable[[Sequence[int], Numbers, float], float]
"""Of the samples' times (nanoseconds), their values, and the range in seconds."""


def _mean(values: Numbers) -> float:
    return math.fsum(values) / len(values)


def variance(values: Numbers) -> float:
    """The population's."""
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / len(values)


def quantile(q: float, values: Numbers) -> float:
    """As Prometheus interpolates it."""
    if q < 0:
        return -math.inf
    if q > 1:
        return math.inf
    ordered = sorted(values)
    rank = q * (len(ordered) - 1)
    lower = math.floor(rank)
    upper = min(lower + 1, len(ordered) - 1)
    weight = rank - lower
    return ordered[lower] * (1 - weight) + ordered[upper] * weight


def counter_rate(times: Sequence[int], values: Numbers, seconds: float) -> float:
    """Growth of a counter per second, resets added. The ends are extrapolated as Loki does it: hardly."""
    if len(values) < 2:
        return 0.0
    grown, last = values[-1] - values[0], 0.0
    for value in values:
        grown += last if value < last else 0.0
        last = value
    # Loki takes these nanoseconds for milliseconds, beside which the range is short.
    sampled = (times[-1] - times[0]) / 1000
    if not sampled:
        return math.nan
    average = sampled / (len(values) - 1)
    to_start = seconds
    if grown > 0 and values[0] >= 0:
        to_start = min(to_start, sampled * (values[0] / grown))
    before = to_start if to_start < average * 1.1 else average / 2
    return grown * ((sampled + before) / sampled) / seconds


def function(operation: str, parameter: float | None) -> Function:
    """The function of a range aggregation over unwrapped values, or over lines counted as 1 or by their bytes."""
    if operation == "quantile_over_time":
        return lambda _times, values, _seconds: quantile(parameter or 0.0, values)
    return _FUNCTIONS[operation]


_FUNCTIONS: dict[str, Function] = {
    "count_over_time": lambda _times, values, _seconds: float(len(values)),
    "absent_over_time": lambda _times, _values, _seconds: 1.0,
    "rate": lambda _times, values, seconds: sum(values) / seconds,
    "bytes_rate": lambda _times, values, seconds: sum(values) / seconds,
    "bytes_over_time": lambda _times, values, _seconds: float(sum(values)),
    "sum_over_time": lambda _times, values, _seconds: float(sum(values)),
    "avg_over_time": lambda _times, values, _seconds: _mean(values),
    "max_over_time": lambda _times, values, _seconds: max(values),
    "min_over_time": lambda _times, values, _seconds: min(values),
    "first_over_time": lambda _times, values, _seconds: values[0],
    "last_over_time": lambda _times, values, _seconds: values[-1],
    "stdvar_over_time": lambda _times, values, _seconds: variance(values),
    "stddev_over_time": lambda _times, values, _seconds: math.sqrt(variance(values)),
    "rate_counter": counter_rate,
}
