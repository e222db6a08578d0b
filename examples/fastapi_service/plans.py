"""Training plans: simulated seasons, more of them the longer the service may think."""

import random
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

DISTANCES = {"10k": 10.0, "half-marathon": 21.1, "marathon": 42.2}
MAX_HOURS = 20.0


@dataclass(frozen=True)
class Week:
    week: int
    hours: float
    focus: str


def make_plan(goal: str, weekly_hours: float, effort: float) -> dict[str, Any]:
    """The best of the seasons that can be simulated in `effort` seconds, at least one.

    Raises KeyError for a goal that is not in DISTANCES.
    """
    distance = DISTANCES[goal]
    chance = random.Random(f"{goal} {weekly_hours}")  # noqa: S311 - the same question has the same first answers
    deadline = perf_counter() + effort
    best, best_form, seasons = _season(weekly_hours, distance, chance), float("-inf"), 0
    while seasons == 0 or perf_counter() < deadline:
        season = _season(weekly_hours, distance, chance)
        seasons += 1
        if (form := _form(season)) > best_form:
            best, best_form = season, form
    return {"goal": goal, "seasons": seasons, "weeks": [asdict(week) for week in best]}


def _season(weekly_hours: float, distance: float, chance: random.Random) -> list[Week]:
    """Twelve weeks that grow by about a tenth, rest each fourth week, and ease off at the end."""
    weeks, hours = [], weekly_hours * 0.7
    for number in range(1, 13):
        rests = number % 4 == 0 or number > 10
        focus = "rest" if rests else "long run" if distance > 15 and number % 2 else "tempo"
        weeks.append(Week(number, round(hours * (0.6 if rests else 1.0), 1), focus))
        hours = min(hours * chance.uniform(1.0, 1.15), weekly_hours * 1.2, MAX_HOURS)
    return weeks


def _form(weeks: list[Week]) -> float:
    """Fitness fades over six weeks and fatigue over one; form on race day is what is left of both."""
    fitness = fatigue = 0.0
    for week in weeks:
        fitness = fitness * 0.85 + week.hours
        fatigue = fatigue * 0.37 + week.hours * 1.6
    return fitness - fatigue
