"""`ai-monitoring setup --check`: a test message through each channel, as Alertmanager would send it."""

import json
import sys
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path

from ai_monitoring.outbox import slack, smtp, webhook
from ai_monitoring.stack import channels, settings
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

_NONE = """\
No channel is set: alerts are in `status`, in the dashboards and in the incident log, and reach nobody by message.
Set SLACK_WEBHOOK_URL in .env, or SMTP_HOST, SMTP_FROM and ALERT_EMAIL_TO, then check again: docs/notifications.md"""

_NAMES = {"ml": "model"}
"""What a person calls an audience."""

_MAILED = {
    "ALERT_EMAIL_TO": "",
    "ALERT_EMAIL_TO_ML": ", for model alerts",
    "ESCALATION_EMAIL_TO": ", for escalated alerts",
}


def check(root: Path = settings.ROOT, terminal: Terminal | None = None, *, as_json: bool = False) -> int:
    """Send a test message through every channel that `.env` names. Returns 0 where each was taken, else 1.

    As JSON, only what became of each goes to standard output. Raises StackError for a setting that could reach nobody.
    """
    shown = terminal or Terminal(sys.stderr if as_json else None)
    chosen = settings.load(root)
    channels.check(chosen.channels, chosen.places)
    tests = _tests({**chosen.channels, channels.AUTHORITIES: channels.authorities(chosen.channels)})
    if not tests:
        shown.line(shown.warning(_NONE))
        if as_json:
            print(json.dumps({"channels": []}))
        return 1
    results = {title: _passed(title, send, shown) for title, send in tests.items()}
    if as_json:
        print(json.dumps({"channels": [{"channel": title, "taken": taken} for title, taken in results.items()]}))
    if all(results.values()):
        shown.line(
            "A test message is in each. What runs takes changes up at its next start: python3 start_monitoring.py"
        )
    return 0 if all(results.values()) else 1


def _tests(configured: Mapping[str, str]) -> dict[str, Callable[[], str]]:
    """For each channel what to do; two severities that share a webhook are one."""
    shared: dict[str, list[str]] = {}
    for audience in channels.AUDIENCES:
        shared.setdefault(channels.webhook(configured, audience), []).append(_NAMES.get(audience, audience))
    tests: dict[str, Callable[[], str]] = {}
    for address, audiences in shared.items():
        if address:
            tests[f"Slack, for {' and '.join(audiences)} alerts"] = _slack(address, " and ".join(audiences))
    for setting, whom in _MAILED.items():
        if setting in configured:
            tests[f"E-mail by {configured['SMTP_HOST']}{whom}"] = _email(configured, setting)
    if "ESCALATION_SLACK_WEBHOOK_URL" in configured:
        tests["Slack, for escalated alerts"] = _slack(configured["ESCALATION_SLACK_WEBHOOK_URL"], "escalated")
    if "HEARTBEAT_URL" in configured:
        tests["Heartbeat"] = lambda: _heartbeat(configured["HEARTBEAT_URL"])
    return tests


def _slack(address: str, audiences: str) -> Callable[[], str]:
    return lambda: slack.post(address, f"A test of ai-monitoring: {audiences} alerts will arrive here.")


def _email(configured: Mapping[str, str], setting: str) -> Callable[[], str]:
    message = EmailMessage()
    message["Subject"] = "[TEST] ai-monitoring: alerts will arrive here"
    message.set_content("This is a test, sent by `ai-monitoring setup --check`. There is nothing to do.\n")
    return lambda: smtp.send(configured, message, setting, to_all=True)


def _heartbeat(address: str) -> str:
    """One sign of life, in the words of Alertmanager's webhook as far as a service that counts them cares."""
    status, said = webhook.post(address, {"status": "firing", "commonLabels": {"alertname": "Watchdog"}})
    if 200 <= status < 300:
        return f"{webhook.host(address)} took it"
    raise StackError(
        f"{webhook.host(address)} does not take the heartbeat: {status} {said or '(it says no more)'}.",
        "Copy the address again into HEARTBEAT_URL in .env, from the service that waits for it.",
    )


def _passed(title: str, send: Callable[[], str], terminal: Terminal) -> bool:
    try:
        with terminal.step(title) as step:
            step.detail = send()
    except StackError as error:
        terminal.line(f"          {terminal.bad(error.problem)}\n          {error.remedy}")
        return False
    return True
