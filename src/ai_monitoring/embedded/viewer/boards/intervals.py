"""How far apart a panel's points are: Grafana's rules, from the time range and the panel's width."""

import re
from bisect import bisect_right

SCRAPE_MS = 15_000
"""How often Prometheus scrapes, as prometheus/prometheus.yml says."""
MAX_POINTS = 11_000
"""More points of a series Prometheus and Loki refuse."""
_UNITS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "M": 2_592_000_000,
    "y": 31_536_000_000,
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwMy])")
_ROUNDED = [1, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000]
_ROUNDED += [600_000, 900_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000]
_ROUNDED += [86_400_000, 604_800_000, 2_592_000_000, 31_536_000_000]
_BELOW = [10, 15, 35, 75, 150, 350, 750, 1500, 3500, 7500, 12_500, 17_500, 25_000, 45_000, 90_000, 210_000, 450_000]
_BELOW += [750_000, 1_050_000, 1_500_000, 2_700_000, 5_400_000, 9_000_000, 16_200_000, 32_400_000, 86_400_000]
_BELOW += [604_800_000, 1_814_400_000, 3_628_800_000]


def milliseconds(duration: str) -> int:
    """Of `5m`, `1h30m` or `>10s`. Raises ValueError for what is no duration."""
    text = duration.strip().lstrip(">").strip()
    parts = _DURATION.findall(text)
    total = int(sum(float(number) * _UNITS[unit] for number, unit in parts))
    if "".join(map("".join, parts)) != text or total <= 0:
        raise ValueError(f"{duration!r} is no duration: write one such as 30s, 5m or 1h.")
    return total


def duration(length: int) -> str:
    """Milliseconds as a duration that PromQL and LogQL read, in the largest unit that loses nothing."""
    for unit in ("d", "h", "m", "s"):
        if length >= _UNITS[unit] and length % _UNITS[unit] == 0:
            return f"{length // _UNITS[unit]}{unit}"
    return f"{length}ms"


def rounded(interval: float) -> int:
    """Milliseconds, rounded to what people and clocks divide by."""
    return _ROUNDED[bisect_right(_BELOW, interval)]


def interval(length: int, points: int, least: int) -> int:
    """Milliseconds between `points` points over `length` milliseconds, rounded, at least `least`."""
    return max(rounded(length / points), least)


def safe(step: int, length: int) -> int:
    """`step`, or what keeps a series within the points that sources answer. Milliseconds."""
    return max(step, rounded(length / MAX_POINTS), -(-length // MAX_POINTS))


def rate_interval(step: int, least: int = SCRAPE_MS) -> int:
    """Milliseconds of `$__rate_interval`: wide enough for four scrapes, and for a step and a scrape."""
    return max(step + least, 4 * least)
