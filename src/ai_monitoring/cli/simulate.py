"""`ai-monitoring simulate`: rehearse an incident in the running demo."""

import json
import sys
from collections.abc import Sequence
from textwrap import fill
from typing import TextIO

from ai_monitoring.simulate.demo import START
from ai_monitoring.simulate.rehearsal import Moment, Rehearsal
from ai_monitoring.simulate.scenarios import NOT_REHEARSED, SCENARIOS, find
from ai_monitoring.simulate.watch import Watch
from ai_monitoring.stack import channels, settings
from ai_monitoring.stack.engine import running
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal, table


def show_list(*, as_json: bool) -> int:
    """Print what can be rehearsed, and what cannot."""
    if as_json:
        kept = [{"alert": alert, "why": why} for why, alerts in NOT_REHEARSED.items() for alert in alerts]
        print(json.dumps({"incidents": [one.as_json() for one in SCENARIOS], "not_rehearsed": kept}, indent=2))
        return 0
    terminal = Terminal()
    terminal.line("ai-monitoring simulate INCIDENT makes it happen in the running demo, and undoes it.\n")
    rows = [(one.name, f"{one.alert} ({one.severity})", f"{one.minutes} min", one.does) for one in SCENARIOS]
    for line in table([("incident", "raises", "takes about", "what happens"), *rows]):
        terminal.line(line)
    terminal.line("\nNot rehearsed; promtool proves these rules (tests/rules):")
    for why, alerts in NOT_REHEARSED.items():
        terminal.line(f"\n{why}:")
        terminal.line(fill(", ".join(alerts), initial_indent="  ", subsequent_indent="  "))
    return 0


def simulate(name: str, *, as_json: bool) -> int:
    """Rehearse one incident. Returns 0 where all that was waited for came."""
    scenario = find(name)
    if scenario is None:
        raise StackError(f"There is no incident {name!r}.", f"There are: {', '.join(one.name for one in SCENARIOS)}.")
    now, terminal = settings.load(), Terminal(_stream(as_json=as_json))
    _check_demo(now, terminal)
    rehearsal = Rehearsal(scenario, Watch(now.ports), terminal, people=channels.reach(now.channels, scenario.severity))
    try:
        moments = rehearsal.run()
    except (OSError, ValueError) as error:
        raise StackError(f"Prometheus does not answer: {error}.", "See: python3 start_monitoring.py status") from error
    start = moments[0].at or 0.0
    if as_json:
        print(json.dumps({"incident": name, "moments": [_json(moment, start) for moment in moments]}, indent=2))
    else:
        _print(moments, start, terminal)
    return 0 if all(moment.at is not None for moment in moments) else 1


def _stream(*, as_json: bool) -> TextIO | None:
    return sys.stderr if as_json else None


def _check_demo(now: settings.Settings, terminal: Terminal) -> None:
    engine = running(now, terminal)
    if engine is None:
        raise StackError("Nothing runs here.", START)
    if "llm-upstream" not in {part.name for part in engine.parts()}:
        raise StackError("The demo does not run; incidents are rehearsed there and nowhere else.", START)


def _print(moments: Sequence[Moment], start: float, terminal: Terminal) -> None:
    rows = [(moment.name, _seconds(moment, start), moment.what) for moment in moments]
    terminal.line()
    for line in table([("", "seconds", ""), *rows]):
        terminal.line(line)
    terminal.line()
    for moment in moments:
        if moment.at is None:
            terminal.line(terminal.bad(f"It did not come within {moment.within:.0f} s that {moment.what}."))


def _seconds(moment: Moment, start: float) -> str:
    return "-" if moment.at is None else f"{moment.at - start:.0f}"


def _json(moment: Moment, start: float) -> dict[str, object]:
    at = None if moment.at is None else round(moment.at - start, 1)
    return {"moment": moment.name, "seconds": at, "within": moment.within, "what": moment.what}
