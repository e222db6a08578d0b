"""Who does what how often.

Failures come by the clock and not by chance, so that no window of an alert ever holds more than its share. At these
rates, in five minutes: some 500 requests to Django and 650 to FastAPI with five errors (5xx) each at most, fifteen
refusals, three probes; 150 script runs with one error and one that is slow.

Of language models, in five minutes: some 45 calls, embeddings among them, with one that fails, one answer of 429, one
stream that is left, and two or three questions that the FAQ has no answer to among 15; about 800 tokens a minute, 240
of them for one long prompt that is mostly read from a cache, and some 500 more at the start, for embedding the FAQ.
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
    Scenario(requests.ask_faq, every=40.0, first=1.6),
    Scenario(requests.ask_through_gateway, every=90.0, first=4.4),
    Scenario(requests.be_coached, every=120.0, first=6.2),
    Scenario(requests.make_plan, every=30.0, first=3.1),
    Scenario(requests.log_in, every=20.0, first=5.3),
    Scenario(requests.breathe, every=20.0, first=8.7),
    Scenario(requests.get_lost, every=30.0, first=11.4),
    Scenario(requests.walk_away, every=60.0, first=17.9),
    Scenario(visits.talk, every=60.0, first=2.0),
    Scenario(visits.look_around, every=20.0, first=7.0),
    Scenario(visits.ask_advice, every=300.0, first=33.0),
    # What goes wrong starts once enough has gone right.
    Scenario(requests.be_refused, every=20.0, first=21.2),
    Scenario(visits.mistype, every=300.0, first=56.1),
    Scenario(requests.break_django, every=90.0, first=46.5),
    Scenario(requests.break_fastapi, every=75.0, first=52.8),
    Scenario(requests.plan_in_vain, every=120.0, first=64.4),
    Scenario(requests.ask_off_topic, every=120.0, first=75.3),
    Scenario(requests.ask_nothing, every=300.0, first=88.8),
    Scenario(requests.leave_the_coach, every=300.0, first=97.1),
    Scenario(requests.trouble("cached"), every=300.0, first=40.3),
    Scenario(requests.trouble("rate-limited"), every=300.0, first=140.6),
    Scenario(requests.trouble("error"), every=600.0, first=190.9),
    Scenario(requests.trouble("timeout"), every=600.0, first=490.9),
    Scenario(requests.trouble("no-usage"), every=600.0, first=340.2),
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
