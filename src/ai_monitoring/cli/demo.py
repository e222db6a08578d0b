"""`ai-monitoring demo`: start the watch with the demo, or replay a trace through a demo that runs."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ai_monitoring import durations
from ai_monitoring.cli.replay import Replay, Sums
from ai_monitoring.cli.service import Counters, Service, counters
from ai_monitoring.cli.trace import Recorded, read_trace
from ai_monitoring.configuration import load_config
from ai_monitoring.llm.prices import Prices
from ai_monitoring.llm.usage import Usage
from ai_monitoring.stack import settings
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal, table

EXACT = 1e-9
"""How far two sums of money may lie apart, as a share: they are added up in another order."""


def start(root: Path = settings.ROOT) -> int:
    """Start the watch with the demo, as `start_monitoring.py --demo` does. Returns its exit status."""
    launcher = root / "start_monitoring.py"
    if not launcher.exists():
        raise StackError(
            f"There is no {launcher}.", "The demo is part of the project's repository: clone it, and start there."
        )
    return subprocess.run([sys.executable, str(launcher), "--demo"], check=False).returncode


def replay_trace(file: Path, speed: float, url: str | None, *, as_json: bool = False) -> int:
    """Replay `file`, and compare what the service counted with what was sent. Returns 0 where all of it agrees.

    As JSON, only the comparison goes to standard output.
    """
    trace = read_trace(file)
    with Service(url or _service_url()) as service:
        return _replay(trace, file.name, speed, service, Terminal(sys.stderr if as_json else None), as_json)


def _replay(trace: list[Recorded], name: str, speed: float, service: Service, terminal: Terminal, as_json: bool) -> int:
    before = service.metrics()
    terminal.line(f"Replaying {name} through {service.url}: {_plan(trace, speed)}.")
    sums = Replay(service, speed, lambda done: terminal.line(f"  {done:,} of {len(trace):,}")).run(trace)
    for failure, number in sums.failures.most_common(3):
        terminal.line(terminal.bad(f"{number} failed: {failure}"))
    if not sums.calls:
        raise StackError("Nothing could be replayed.", "See above; a replay needs the demo's own upstream beside it.")
    counted = counters(service.metrics(), _model(sums)).since(counters(before, _model(sums)))
    rows = _comparison(trace, sums, counted)
    if as_json:
        print(json.dumps(_as_json(sums, rows), ensure_ascii=False))
    return _report(sums, rows, terminal)


def _service_url() -> str:
    return os.environ.get("FASTAPI_URL") or f"http://127.0.0.1:{settings.load().ports['FASTAPI_PORT']}"


def _plan(trace: list[Recorded], speed: float) -> str:
    pace = "as fast as it goes"
    if not math.isinf(speed):
        pace = f"{speed:g} times its own pace, about {durations.said(trace[-1].due / speed)}"
    return f"{len(trace):,} requests, {pace}"


def _model(sums: Sums) -> str:
    return next(iter(sums.models))


def _as_json(sums: Sums, rows: list[tuple[str, str, str, bool]]) -> dict[str, Any]:
    compared = [{"what": what, "trace": said, "service": service, "same": same} for what, said, service, same in rows]
    return {"seconds": round(sums.seconds, 3), "failures": dict(sums.failures), "compared": compared}


def _report(sums: Sums, rows: list[tuple[str, str, str, bool]], terminal: Terminal) -> int:
    rate = sums.calls / max(sums.seconds, 1e-9)
    terminal.line(
        f"\nReplayed {sums.calls:,} requests in {sums.seconds:.1f} s ({rate:.0f} a second), {sums.streamed:,} of them "
        f"streamed, answered by {_model(sums)}."
    )
    if sums.late > 1:
        terminal.line(terminal.warning(f"The service fell up to {durations.said(sums.late)} behind the trace."))
    shown = [(what, said, service, "yes" if same else terminal.bad("no")) for what, said, service, same in rows]
    for line in table([("", "trace", "service's metrics", "the same"), *shown]):
        terminal.line(line)
    agrees = all(same for *_, same in rows)
    verdict = "The service counted every call and token." if agrees else "The service counted something else."
    terminal.line(terminal.good(verdict) if agrees else terminal.bad(verdict))
    return 0 if agrees and not sums.failures else 1


def _comparison(trace: list[Recorded], sums: Sums, counted: Counters) -> list[tuple[str, str, str, bool]]:
    """What was sent, beside what the service's metrics say."""
    context = sum(recorded.context_tokens for recorded in trace)
    generated = sum(recorded.generated_tokens for recorded in trace)
    return [
        _row("calls", len(trace), counted.calls),
        _row("input tokens", context, counted.input_tokens),
        _row("output tokens", generated, counted.output_tokens),
        _cost_row(cost_of(trace, _model(sums)), counted),
    ]


def _row(what: str, sent: int, counted: float) -> tuple[str, str, str, bool]:
    return what, f"{sent:,}", f"{counted:,.0f}", sent == counted


def cost_of(trace: list[Recorded], model: str) -> tuple[float, str]:
    """What the trace costs by the price list, call by call, and the currency. Raises StackError without a price."""
    file = settings.ROOT / "monitoring.yaml"
    named = os.environ.get("AI_MONITORING_CONFIG") or (file if file.exists() else None)
    prices = Prices(load_config(named))
    costs = [
        prices.cost("openai", (model,), Usage(recorded.context_tokens, recorded.generated_tokens)) for recorded in trace
    ]
    priced = [cost.total for cost in costs if cost is not None]
    if len(priced) < len(trace):
        raise StackError(f"No price is known for {model}.", "Install the price list: pip install 'ai-monitoring[llm]'.")
    return math.fsum(priced), prices.currency


def _cost_row(expected: tuple[float, str], counted: Counters) -> tuple[str, str, str, bool]:
    cost, currency = expected
    shown = counted.cost.get(currency, 0.0)
    return "cost", f"{cost:,.6f} {currency}", f"{shown:,.6f} {currency}", math.isclose(cost, shown, rel_tol=EXACT)
