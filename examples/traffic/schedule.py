"""Who does what how often.

Failures come by the clock and not by chance, so that no window of an alert ever holds more than its share. At these
rates, in five minutes: some 700 requests to Django and 900 to FastAPI with five errors (5xx) each at most, fifteen
refusals, three probes; 180 script runs with one error and one that is slow.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from examples.traffic import requests, visits
from examples.traffic.world import World


@dataclass(frozen=True)
class Scenario:
    """`act` happens every `every` seconds, for the first time `first` seconds after the start."""

    act: Callable[[World], Awaitable[None]]
    every: float
    first: float

    @property
    def name(self) -> str:
        return getattr(self.act, "__name__", "scenario").replace("_", " ")


SCHEDULE = (
    Scenario(requests.read_profile, every=1.5, first=0.0),
    Scenario(requests.read_tip, every=0.5, first=0.25),
    Scenario(requests.ask_coach, every=4.0, first=1.6),
    Scenario(requests.make_plan, every=6.0, first=3.1),
    Scenario(requests.log_in, every=20.0, first=5.3),
    Scenario(requests.breathe, every=20.0, first=8.7),
    Scenario(requests.get_lost, every=30.0, first=11.4),
    Scenario(requests.walk_away, every=60.0, first=17.9),
    Scenario(visits.talk, every=15.0, first=2.0),
    # What goes wrong starts once enough has gone right.
    Scenario(requests.be_refused, every=20.0, first=21.2),
    Scenario(visits.mistype, every=300.0, first=56.1),
    Scenario(requests.break_django, every=90.0, first=46.5),
    Scenario(requests.break_fastapi, every=75.0, first=52.8),
    Scenario(requests.plan_in_vain, every=120.0, first=64.4),
    Scenario(requests.probe, every=140.0, first=70.7),
    Scenario(requests.think_long, every=600.0, first=153.3),
    Scenario(visits.meet_trouble, every=300.0, first=124.9),
    Scenario(visits.breathe_slowly, every=600.0, first=211.6),
)

# Each variant of what the schedule takes in turns.
ONCE = (
    *(scenario.act for scenario in SCHEDULE if scenario.act is not requests.be_refused),
    *requests.REFUSALS,
    *[requests.probe] * (len(requests.PROBES) - 1),
)
