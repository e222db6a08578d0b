"""`ai-monitoring setup --check`: a test message through each channel, as Alertmanager would send it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from ai_monitoring.cli import heartbeat, slack
from ai_monitoring.stack import channels, settings, smtp
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

_NONE = """\
No channel is set: alerts are in `status`, in the dashboards and in the incident log, and reach nobody by message.
Set SLACK_WEBHOOK_URL in .env, or SMTP_HOST, SMTP_FROM and ALERT_EMAIL_TO, then check again: docs/notifications.md"""


SUBJECT = "[TEST] ai-monitoring: alerts will arrive here"
TEXT = "This is a test, sent by `ai-monitoring setup --check`. There is nothing to do.\n"
_NAMES = {"ml": "model"}


def check(root: Path = settings.ROOT, terminal: Terminal | None = None) -> int:
    """Send a test message through every channel that `.env` names. Returns 0 where each was taken, else 1.

    Raises StackError for a setting that could reach nobody.
    """
    shown = terminal or Terminal()
    chosen = settings.load(root)
    channels.check(chosen.channels, chosen.places)
    tests = _tests(chosen.channels)
    if not tests:
        shown.line(shown.warning(_NONE))
        return 1
    results = [_passed(title, send, shown) for title, send in tests.items()]
    if all(results):
        shown.line(
            "A test message is in each. What runs takes changes up at its next start: python3 start_monitoring.py"
        )
    return 0 if all(results) else 1


def _tests(configured: Mapping[str, str]) -> dict[str, Callable[[], str]]:
    """For each channel what to do; two audiences that share a webhook are one."""
    shared: dict[str, list[str]] = {}
    for audience in channels.AUDIENCES:
        shared.setdefault(channels.webhook(configured, audience), []).append(_NAMES.get(audience, audience))
    tests: dict[str, Callable[[], str]] = {}
    for webhook, severities in shared.items():
        if webhook:
            tests[f"Slack, for {' and '.join(severities)} alerts"] = _slack(webhook, " and ".join(severities))
    if "SMTP_HOST" in configured:
        tests[f"E-mail by {configured['SMTP_HOST']}"] = lambda: smtp.send(
            configured, _everyone(configured), SUBJECT, TEXT
        )
    if "HEARTBEAT_URL" in configured:
        tests["Heartbeat"] = lambda: heartbeat.post(configured["HEARTBEAT_URL"])
    return tests


def _everyone(configured: Mapping[str, str]) -> str:
    addresses = (configured.get(name, "") for name in ("ALERT_EMAIL_TO", "ALERT_EMAIL_TO_ML"))
    return ", ".join(filter(None, addresses))


def _slack(webhook: str, severities: str) -> Callable[[], str]:
    return lambda: slack.post(webhook, f"A test of ai-monitoring: {severities} alerts will arrive here.")


def _passed(title: str, send: Callable[[], str], terminal: Terminal) -> bool:
    try:
        with terminal.step(title) as step:
            step.detail = send()
    except StackError as error:
        terminal.line(f"          {terminal.bad(error.problem)}\n          {error.remedy}")
        return False
    return True
