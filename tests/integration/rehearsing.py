"""A stack on which incidents are rehearsed as a person would: simulate, read the messages, paste the runbook."""

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkout import Checkout, checkout, eventually
from hurry import hurry
from inboxes import PASSWORD, USER, Mailbox, Webhooks, mailbox, webhooks
from pasting import Pasted, pasted
from waiting import until
from watch import runbooks

from ai_monitoring.simulate.scenarios import SCENARIOS, Scenario
from ai_monitoring.simulate.watch import Watch
from ai_monitoring.stack.http import answers, get_json

RECIPIENT = "oncall@example.org"
ASKED_AGAIN_FOR = 15.0
"""Seconds: log lines and spans are some late."""


@dataclass
class Rehearsed:
    """One run of `ai-monitoring simulate`: when it began (seconds since 1970), its exit status, and what it wrote.

    `complaints` are about the runbook that was pasted meanwhile.
    """

    began: float
    status: int
    output: str
    errors: str
    complaints: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> dict[str, str]:
        """The table: each moment, with its seconds."""
        return dict(re.findall(r"^ +([a-z]+) +(\d+|-) ", self.output, re.MULTILINE))


@dataclass
class Stage:
    """The stack, and where its messages end; `rehearsed` is the last run of each incident."""

    copy: Checkout
    slack: Webhooks
    mail: Mailbox
    rehearsed: dict[str, Rehearsed] = field(default_factory=dict)

    def begin(self, name: str) -> "subprocess.Popen[str]":
        return self.copy.begin(".venv/bin/ai-monitoring", "simulate", name)

    def run(self, name: str) -> Rehearsed:
        """Rehearse an incident to its end."""
        began, process = time.time(), self.begin(name)
        output, errors = process.communicate(timeout=900)
        return Rehearsed(began, process.returncode, output, errors)

    def rehearse(self, name: str) -> None:
        """Rehearse an incident to its end, and paste its runbook while it lasts."""
        scenario = scenario_of(name)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self.run, name)
            watch = Watch(self.copy.ports)
            until(lambda: running.done() or watch.alert(scenario), scenario.rises + 60)
            complaints = self.paste(runbook_of(scenario))
            self.rehearsed[name] = running.result()
        self.rehearsed[name].complaints = complaints

    def together(self, names: Sequence[str]) -> None:
        """Rehearse some incidents at once."""
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(self.rehearse, names))

    def paste(self, runbook: Path) -> list[str]:
        """What is wrong with what a runbook has one paste now."""
        answers = [(self.answer(command), command.text) for command in pasted(runbook)]
        return [f"{runbook.stem}, {what}: {text}" for what, text in answers if what]

    def answer(self, command: Pasted) -> str:
        """What is wrong with a command; empty once it tells something."""
        deadline = time.monotonic() + ASKED_AGAIN_FOR
        while (complaint := command.complaint(*self.shell(command.text))) and time.monotonic() < deadline:
            time.sleep(1)
        return complaint

    def shell(self, text: str) -> tuple[int, str]:
        """What a person at a shell in the copy gets, who has read `.env`: exit status and output."""
        provider = "export OPENAI_BASE_URL=http://127.0.0.1:$LLM_UPSTREAM_PORT/v1"
        process = self.copy.begin("bash", "-c", f"set -a; . ./.env; set +a; {provider}\n{text}")
        output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def posted(self, name: str, status: str) -> list[str]:
        """What an incident's last rehearsal sent to the Slack channel of its severity: title, summary and the rest."""
        scenario, since = scenario_of(name), self.rehearsed[name].began
        found = self.slack.at(f"/{scenario.severity}/s3cret", title_of(scenario, status))
        return [one.text for one in found if one.at > since]

    def mailed(self, name: str, status: str) -> list[str]:
        """What it sent to the mailbox: subject, summary and the rest."""
        found = self.mail.to(RECIPIENT, title_of(scenario_of(name), status))
        return [f"{one.subject}\n{one.body('plain')}" for one in found if one.at > self.rehearsed[name].began]

    def query(self, expr: str) -> list[Any]:
        address = f"http://127.0.0.1:{self.copy.ports['PROMETHEUS_PORT']}/api/v1/query"
        found: list[Any] = get_json(address, query=expr)["data"]["result"]
        return found

    def settled(self) -> bool:
        """Whether traffic has filled the windows: answers of each strategy, visitors of the page, a full minute."""
        visited = 'service:requests:rate5m{service="streamlit"} > 0'
        some = [visited, "llm:request_duration_seconds:p95[30m:1m]"]
        return len(self.query("rag:confidence:mean15m > 0.5")) == 3 and all(self.query(expr) for expr in some)

    def orders(self) -> dict[str, str]:
        """What the provider's stand-in is ordered to do."""
        address = f"http://127.0.0.1:{self.copy.ports['LLM_UPSTREAM_PORT']}/control"
        return dict(get_json(address)["orders"])

    def page(self) -> bool:
        """Whether the Streamlit page answers."""
        return answers(f"http://127.0.0.1:{self.copy.ports['STREAMLIT_PORT']}/_stcore/health")


@contextmanager
def staged() -> Iterator[Stage]:
    """The demo in a hurry, whose messages come to this process, once traffic has filled it."""
    with ExitStack() as stack:
        slack, mail = stack.enter_context(webhooks()), stack.enter_context(mailbox())
        copy = stack.enter_context(checkout())
        hurry(copy)
        name_channels(copy, slack, mail)
        start = copy.run("--demo", "--engine", "local")
        assert start.returncode == 0, start.stdout + start.stderr
        stage = Stage(copy, slack, mail)
        eventually("traffic has filled the windows", stage.settled, within=120)
        yield stage


def name_channels(copy: Checkout, slack: Webhooks, mail: Mailbox) -> None:
    """Name the ends in `.env`."""
    lines = {
        "SLACK_WEBHOOK_URL_CRITICAL": f"http://127.0.0.1:{slack.port}/critical/s3cret",
        "SLACK_WEBHOOK_URL_WARNING": f"http://127.0.0.1:{slack.port}/warning/s3cret",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": mail.port,
        "SMTP_USER": USER,
        "SMTP_PASSWORD": f'"{PASSWORD}"',
        "ALERT_EMAIL_TO": RECIPIENT,
    }
    with (copy.root / ".env").open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in lines.items())


def scenario_of(name: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def title_of(scenario: Scenario, status: str) -> str:
    """How a message of its alert begins."""
    return f"[{status}] {' '.join([*scenario.labels.values(), scenario.alert])}"


def runbook_of(scenario: Scenario) -> Path:
    return next(runbook for runbook in runbooks() if runbook.stem == scenario.alert)
