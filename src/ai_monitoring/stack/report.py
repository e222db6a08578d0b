"""How the launcher tells a person what runs and how it is."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ai_monitoring import durations
from ai_monitoring.stack import targets
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.status import AlertStatus, PartStatus, ServiceStatus, Status
from ai_monitoring.stack.terminal import Terminal, table


def addresses(parts: Sequence[Part], settings: Settings, terminal: Terminal) -> None:
    """Where everything is, and what to do next."""
    for line in table([[part.title, part.address, part.note] for part in parts if part.address]):
        terminal.line(line)
    demo = any(part.name == "traffic" for part in parts)
    terminal.line()
    if demo:
        terminal.line("The demo's services are declared in prometheus/targets/demo.yml.")
    if targets.declared(settings.root):
        terminal.line("Your services in prometheus/targets are under watch; changes there need no restart.")
    else:
        if not demo:
            terminal.line("This machine and the stack itself are under watch, and no service of yours yet.")
        terminal.line("Declare yours in prometheus/targets/services.yml; it is taken up without a restart.")
    terminal.line("See how all is:  python3 start_monitoring.py status")
    terminal.line("Stop it:         python3 start_monitoring.py stop")


def status(now: Status, terminal: Terminal) -> None:
    """The whole stack on one screen."""
    if not now.running:
        for problem in now.problems or ["Nothing is running. Start it: python3 start_monitoring.py"]:
            terminal.line(problem)
        return
    _section("Parts", [["", "up for", "address", "state"], *(_part(part, terminal) for part in now.parts)], terminal)
    if now.services:
        heading = ["", "", "requests/s", "errors", "p95", "state"]
        _section("Services", [heading, *(_service(service, terminal) for service in now.services)], terminal)
    elif now.services is not None:
        terminal.line("\nNo service is declared. Declare one in prometheus/targets/services.yml.")
    if now.alerts is not None:
        _alerts(now.alerts, terminal)
    for problem in now.problems:
        terminal.line(f"\n{terminal.bad(problem)}")


def _section(title: str, rows: Sequence[Sequence[str]], terminal: Terminal) -> None:
    terminal.line(f"\n{terminal.bold(title)}")
    for line in table(rows):
        terminal.line(line)


def _part(part: PartStatus, terminal: Terminal) -> list[str]:
    state = (
        terminal.good("healthy")
        if part.healthy
        else terminal.bad("not healthy" if part.state == "running" else part.state)
    )
    if part.restarts:
        last = f", last at {part.last_exit}" if part.last_exit else ""
        state += terminal.warning(f"; restarted {part.restarts}x{last}")
    return [part.name, durations.said(part.uptime_seconds), part.address, state]


def _service(service: ServiceStatus, terminal: Terminal) -> list[str]:
    state = (
        terminal.good("up")
        if service.up
        else terminal.bad(f"down: {service.problem}" if service.problem else "not scraped yet")
    )
    return [
        service.service,
        service.instance,
        _number(service.requests_per_second, "{:.2f}"),
        _number(service.error_ratio, "{:.1%}"),
        # Interpolated between two bucket bounds: more digits would pretend.
        _number(service.p95_seconds, "{:.2g} s"),
        state,
    ]


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _alerts(alerts: Sequence[AlertStatus], terminal: Terminal) -> None:
    firing = [alert for alert in alerts if alert.severity != "none"]
    watchdog = any(alert.severity == "none" for alert in alerts)
    terminal.line(f"\n{terminal.bold('Alerts')}")
    if not firing:
        terminal.line(f"  none{'' if watchdog else terminal.warning('; the dead man switch has not arrived yet')}")
    for alert in firing:
        paint = terminal.bad if alert.severity == "critical" else terminal.warning
        terminal.line(f"  {paint(alert.severity)}  {alert.name}: {alert.summary} (for {_since(alert.since)})")
        if alert.runbook:
            terminal.line(f"    what to do: {alert.runbook}")


def _since(moment: str) -> str:
    return durations.said((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())
