"""`ai-monitoring setup`: looks at what a start needs, makes `.env`, and asks for what neither that file nor
monitoring.local.yaml says: currency, time zone and a budget, and the channels of alerts.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path
from typing import Final

from ai_monitoring.cli import local_settings, setup
from ai_monitoring.cli.local_settings import Ask
from ai_monitoring.configuration import FILE, ConfigurationError, load_config
from ai_monitoring.stack import channels, engine, preflight, settings, targets, thresholds
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.terminal import Terminal

_SLACK: Final = (("SLACK_WEBHOOK_URL", "Slack webhook for alerts (https://hooks.slack.com/…)"),)
_EMAIL: Final = (
    ("SMTP_HOST", "SMTP server for alerts by e-mail"),
    ("SMTP_PORT", "  its port (587 where empty)"),
    ("SMTP_USER", "  user to log in as"),
    ("SMTP_PASSWORD", "  password"),
    ("SMTP_FROM", "  address that alerts come from"),
    ("ALERT_EMAIL_TO", "  who gets them"),
)
_HEARTBEAT: Final = (("HEARTBEAT_URL", "Address of a service elsewhere that waits for a sign of life each minute"),)
_SECRET: Final = frozenset({"SLACK_WEBHOOK_URL", "SMTP_PASSWORD", "HEARTBEAT_URL"})

Checks = Mapping[str, Callable[[Settings, Terminal], str]]


def run(root: Path = settings.ROOT, *, yes: bool = False, as_json: bool = False, ask: Ask | None = None) -> int:
    """Check, make and ask. Returns 0 where nothing stands against a start, else 1.

    Asks on a terminal alone, and neither with `yes` nor for JSON. `ask` gets a question and whether the answer is a
    secret. Raises StackError for a setting that cannot be used.
    """
    terminal = Terminal(sys.stderr if as_json else None)
    if ask is None and not yes and not as_json and sys.stdin.isatty():
        ask = _asked
    made = _made(root / ".env", terminal)
    chosen = settings.load(root)
    results = [_looked_at(name, check, chosen, terminal) for name, check in _CHECKS.items()]
    if ask and all(result["ok"] for result in results if result["check"] == FILE):
        _money(chosen, ask, terminal)
    told = _told(chosen, ask, terminal) if ask else {}
    if as_json:
        print(json.dumps({"made": made, "checks": results}))
    if all(result["ok"] for result in results):
        terminal.line("\nReady. Start with: python3 start_monitoring.py")
    if told and ask and ask("Send a test message through each channel now? [Y/n]", False).lower() not in ("n", "no"):
        return setup.check(root, terminal)
    return 0 if all(result["ok"] for result in results) else 1


def _made(file: Path, terminal: Terminal) -> list[str]:
    """`.env` for its owner alone, as it holds secrets."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text("# Settings of this installation; .env.example names and explains each.\n", encoding="utf-8")
        terminal.line(f"  {terminal.good('made  ')}  .env, for your settings")
        return [".env"]
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
        terminal.line(f"  {terminal.good('closed')}  .env is readable by you alone now: it holds secrets")
    return []


def _looked_at(
    name: str, check: Callable[[Settings, Terminal], str], chosen: Settings, terminal: Terminal
) -> dict[str, object]:
    try:
        with terminal.step(name) as step:
            step.detail = check(chosen, terminal)
    except StackError as error:
        terminal.line(f"          {terminal.bad(error.problem)}\n          {error.remedy}")
        return {"check": name, "ok": False, "detail": error.problem, "remedy": error.remedy}
    return {"check": name, "ok": True, "detail": step.detail, "remedy": ""}


def _engine(chosen: Settings, terminal: Terminal) -> str:
    on, reason = engine.choose("auto", chosen, terminal)
    return f"{on.name} ({reason})"


def _room(chosen: Settings, terminal: Terminal) -> str:
    preflight.check_disk(chosen)
    on = engine.running(chosen, terminal)
    if on is not None:
        return "the watch runs already"
    parts = engine.choose("auto", chosen, terminal)[0].plan(demo=False)
    preflight.check_ports(parts)
    return f"disk, and the ports of {len(parts)} parts"


def _settings(chosen: Settings, _: Terminal) -> str:
    try:
        found = load_config(chosen.root / FILE)
    except ConfigurationError as error:
        raise StackError(str(error), "Correct it; docs/record.md and docs/finops.md explain the keys.") from error
    return f"costs in {found.currency}, {len(found.budgets)} budgets"


def _rules(chosen: Settings, _: Terminal) -> str:
    thresholds.check(chosen.root)
    for file in targets.files(chosen.root):
        targets.check_labels(file)
    return "thresholds are numbers, targets are named"


def _channels(chosen: Settings, _: Terminal) -> str:
    channels.check(chosen.channels, chosen.places)
    return channels.named(chosen.channels) or "none; alerts show in status, dashboards and the incident log"


_CHECKS: Final[Checks] = {
    "Engine": _engine,
    "Room": _room,
    FILE: _settings,
    "Rules and targets": _rules,
    "Channels": _channels,
}


def _money(chosen: Settings, ask: Ask, terminal: Terminal) -> None:
    """Digests keep to the time zone of budgets, where `.env` names no other."""
    zone = local_settings.ask_for(chosen.root, ask, terminal).get("time_zone")
    if zone and "DIGEST_TIME_ZONE" not in settings.read_env(chosen.root / ".env"):
        _write(chosen.root / ".env", {"DIGEST_TIME_ZONE": zone})


def _told(chosen: Settings, ask: Ask, terminal: Terminal) -> dict[str, str]:
    """What was answered, once it stands in `.env`."""
    terminal.line("\nHow should alerts reach you? An empty answer leaves it out.")
    answers = _answers(_SLACK, chosen, ask)
    answers |= _answers(_EMAIL[:1], chosen, ask)
    if "SMTP_HOST" in answers:
        answers |= _answers(_EMAIL[1:], chosen, ask)
    answers |= _answers(_HEARTBEAT, chosen, ask)
    channels.check({**chosen.channels, **answers}, {name: name for name in (*chosen.channels, *answers)})
    if answers:
        _write(chosen.root / ".env", answers)
        terminal.line(f"  {terminal.good('ok    ')}  .env names {', '.join(answers)}")
    return answers


def _answers(questions: tuple[tuple[str, str], ...], chosen: Settings, ask: Ask) -> dict[str, str]:
    asked = {name: ask(question, name in _SECRET) for name, question in questions if name not in chosen.channels}
    return {name: answer.strip() for name, answer in asked.items() if answer.strip()}


def _write(file: Path, answers: Mapping[str, str]) -> None:
    quotes = {name: '"' if "'" in answer else "'" for name, answer in answers.items()}
    for name, answer in answers.items():
        if quotes[name] in answer or "\n" in answer:
            raise StackError(f"{name} holds both kinds of quotes, which .env cannot.", "Choose another value.")
    with file.open("a", encoding="utf-8") as lines:
        lines.writelines(f"{name}={quotes[name]}{answer}{quotes[name]}\n" for name, answer in answers.items())
        lines.flush()
        os.fsync(lines.fileno())


def _asked(question: str, secret: bool) -> str:
    return getpass(f"{question}: ") if secret else input(f"{question}: ")
