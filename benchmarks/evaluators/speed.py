"""How long all built-in evaluators take together on 1 kB of prompt and 1 kB of answer, beside presidio and VADER."""

import importlib
import statistics
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from ai_monitoring.quality import Exchange, Suite, built_in

ROUNDS = 200
LIMIT_MS = 3.0

_QUESTION = (
    "We are moving our small shop to a new warehouse next spring and I would like to understand how "
    "the insurance works. "
    "At the moment the policy covers fire and water damage, but nobody could tell me whether goods "
    "in transit are included. "
    "Could you explain what changes when the address changes, which documents the insurer asks for, "
    "and how long it takes? "
)
_ANSWER = (
    "When the address changes, the insurer looks at the new building again: its age, its alarm and "
    "the distance to the fire station. "
    "You send the lease, a plan of the rooms and a list of the goods with their value. Goods in "
    "transit are covered only where the policy "
    "names them, so ask for that clause in writing. Most companies answer within two weeks, and the "
    "old cover stays until then. "
)
_FRENCH = (
    "Nous déménageons notre petite boutique au printemps et je voudrais comprendre comment fonctionne l'assurance. "
    "Le contrat couvre l'incendie et le dégât des eaux, mais personne n'a su me dire si les "
    "marchandises transportées le sont aussi. "
    "Pouvez-vous expliquer ce qui change avec l'adresse, quels papiers l'assureur demande, et "
    "combien de temps cela prend ? "
)
_DENSE = (
    "Ada, ada@example.org, +44 20 7946 0018, 4111 1111 1111 1111, FR14 2004 1010 "
    "0505 0001 3M02 606; password: Kx7!tree. "
)


def _kilobyte(text: str) -> str:
    return (text * (1_000 // len(text) + 1))[:1_000]


TEXTS: Mapping[str, tuple[str, str]] = {
    "English": (_kilobyte(_QUESTION), _kilobyte(_ANSWER)),
    "French": (_kilobyte(_FRENCH), _kilobyte(_FRENCH[110:] + _FRENCH[:110])),
    "dense personal data": (_kilobyte(_DENSE), _kilobyte(_DENSE)),
}


def show() -> None:
    """A Markdown table: medians and 95th percentiles in milliseconds."""
    print("\n| 1 kB prompt + 1 kB answer | text | median CPU ms | p95 CPU ms |\n|---|---|---|---|")
    for name, (prompt, response) in TEXTS.items():
        _line("all built-in, in a Suite", name, suite_times(prompt, response, ()))
        _line("the same with 2 kB of documents", name, suite_times(prompt, response, (prompt, response)))
    for name, call in (("VADER, both texts", _vader), ("presidio's default analyser, without a model", presidio)):
        _peer(name, call)


def times(call: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds of processor time of each of `rounds` calls, after a first: others do not show."""
    call()
    found = []
    for _ in range(rounds):
        started = time.thread_time()
        call()
        found.append((time.thread_time() - started) * 1e3)
    return found


def suite_times(prompt: str, response: str, context: tuple[str, ...], rounds: int = ROUNDS) -> list[float]:
    """Of all built-in evaluators on one exchange, in milliseconds."""
    suite = Suite(built_in())
    return times(lambda: suite.evaluate(Exchange(prompt, response, context, 0.8)), rounds)


def _line(what: str, text: str, found: list[float]) -> None:
    print(f"| {what} | {text} | {statistics.median(found):.2f} | {statistics.quantiles(found, n=20)[-1]:.2f} |")


def _peer(name: str, make: Callable[[], Callable[[str], Any]]) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call = make()
    except ImportError as error:
        print(f"| {name} | not installed ({error.name}) | | |")
        return
    prompt, response = TEXTS["English"]
    _line(name, "English", times(lambda: (call(prompt), call(response)), 30))


def _vader() -> Callable[[str], Any]:
    analyser = importlib.import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    return lambda text: analyser.polarity_scores(text)


def presidio() -> Callable[[str], Any]:
    """With a blank spaCy model, so that nothing is fetched; its patterns and validation are the default ones."""
    engine = importlib.import_module("ai_monitoring.quality.presidio").analyser("en")
    return lambda text: engine.analyze(text, language="en")
