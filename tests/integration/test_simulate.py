"""Every incident of the simulator in the true stack: it reaches the right people in the right words, and is over.

Its runbook is pasted while it lasts. The stack is one in a hurry (hurry.py); Slack and the mail server are the test's.
"""

import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from checkout import NOBODY, give
from hurry import TOKENS, WAIT
from pasting import Pasted, pasted
from programs import PACKAGES, unpacked
from rehearsing import RECIPIENT, Rehearsed, Stage, runbook_of, staged
from waiting import until
from watch import runbooks

from ai_monitoring.simulate.scenarios import SCENARIOS, Scenario
from ai_monitoring.stack.relocation import relocate_alertmanager

TOGETHER = (
    ("auth-failures", "service-down", "memory-pressure", "llm-slow", "spending-spike", "confidence-drop"),
    ("intrusion", "provider-limits"),
    ("django-slow", "provider-fails"),
)
"""What can happen at once: no two of them take the same service's requests, or raise the other's alert."""

THRESHOLDS = {
    "django-slow": "1s",
    "llm-slow": "3s",
    "auth-failures": "50",
    "provider-fails": "10%",
    "provider-limits": "20%",
    "spending-spike": str(TOKENS),
    "intrusion": "50",
    "confidence-drop": "0.5",
}
"""The threshold that a message names; that of the memory follows from the machine, and a service is down or not."""

MOMENTS = ["injected", "true", "detected", "notified", "ended", "over", "resolved"]
TOLD_WITHIN = 60
"""Seconds from `for` to the message."""

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as stage:
        yield stage


@pytest.fixture(scope="module")
def failed(stage: Stage) -> dict[str, Rehearsed]:
    """All incidents are rehearsed; then two more, whose rules were put out of action before that, and which fail."""
    *others, last = TOGETHER
    for names in others:
        stage.together(names)
    stage.copy.edit("prometheus/rules/rag.yml", "alert: RAGLowConfidence", "alert: SomethingElse")
    for _ in ("whole", "partial"):
        stage.copy.edit("prometheus/rules/service.yml", "service:up == 0 unless", "service:up == 2 unless")
    assert stage.copy.run().returncode == 0
    with ThreadPoolExecutor(2) as pool:
        runs = {name: pool.submit(stage.run, name) for name in ("confidence-drop", "service-down")}
        stage.together(last)
    return {name: run.result() for name, run in runs.items()}


@pytest.fixture(scope="module")
def story(stage: Stage, failed: dict[str, Rehearsed]) -> Stage:
    """The stage, after all of it."""
    return stage


def test_every_incident_is_rehearsed_here() -> None:
    assert sorted(name for names in TOGETHER for name in names) == sorted(scenario.name for scenario in SCENARIOS)


@each_scenario
def test_the_table_tells_when_each_moment_came(story: Stage, scenario: Scenario) -> None:
    told = story.rehearsed[scenario.name]
    assert told.status == 0, told.output + told.errors
    assert list(told.seconds) == MOMENTS
    at = {moment: int(seconds) for moment, seconds in told.seconds.items()}
    assert at["injected"] == 0
    # Who asks once a second may be a second late.
    assert at["true"] <= at["detected"] <= at["notified"] + 1 <= at["ended"] + 1 <= at["over"] + 1
    wait = 0 if scenario.alert == "IntrusionAttempts" else WAIT
    assert at["notified"] - at["true"] <= wait + TOLD_WITHIN


@each_scenario
def test_it_reaches_the_channel_of_its_severity_in_words_that_help(story: Stage, scenario: Scenario) -> None:
    posted, mailed = (told(scenario.name, scenario.severity.upper()) for told in (story.posted, story.mailed))
    assert posted
    assert bool(mailed) == (scenario.severity == "critical")
    threshold = threshold_of(story, scenario)
    for text in posted + mailed:
        assert f"/runbooks/{runbook_of(scenario).parent.name}/{scenario.alert}" in text
        if threshold:
            assert f"the {scenario.severity} threshold is {threshold}." in text
            assert_past(text, threshold, above=scenario.name != "confidence-drop")


def threshold_of(stage: Stage, scenario: Scenario) -> str:
    if scenario.name != "memory-pressure":
        return THRESHOLDS.get(scenario.name, "")
    (memory,) = stage.query('threshold:host_memory_used_ratio{severity="warning"}')
    return f"{100 * float(memory['value'][1]):.4g}%"


def assert_past(text: str, threshold: str, *, above: bool) -> None:
    """The value that a message's summary tells is past its threshold."""
    summary = text.splitlines()[1]
    value = re.search(r"(?<![\w.-])\d+(\.\d+)?(?=[s%]?([ *]|$))", summary)
    assert value, summary
    bound = float(threshold.rstrip("s%"))
    assert float(value[0]) >= bound if above else float(value[0]) <= bound, summary


@each_scenario
def test_its_end_is_told_where_it_was_told_of(story: Stage, scenario: Scenario) -> None:
    posted, mailed = (told(scenario.name, "RESOLVED") for told in (story.posted, story.mailed))
    assert posted
    assert bool(mailed) == (scenario.severity == "critical")
    assert all(re.search(r"It lasted (\d+m)?\d+s", text) for text in posted + mailed)


def test_nobody_is_told_what_is_not_theirs(story: Stage) -> None:
    assert story.slack.at("/warning/s3cret", "[CRITICAL]") == []
    assert story.slack.at("/critical/s3cret", "[WARNING]") == []
    assert story.mail.to(RECIPIENT, "[WARNING]") == []


@each_scenario
def test_its_runbook_answers_while_it_lasts(story: Stage, scenario: Scenario) -> None:
    assert story.rehearsed[scenario.name].complaints == []


@pytest.mark.parametrize("runbook", runbooks(), ids=lambda runbook: runbook.stem)
def test_no_runbooks_query_is_refused(story: Stage, runbook: Path) -> None:
    """Also of what has not happened: an answer may be empty then."""
    asking = [Pasted(one.text, may_be_silent=True) for one in pasted(runbook) if one.asks]
    assert asking
    assert [f"{what}: {one.text}" for one in asking if (what := one.complaint(*story.shell(one.text)))] == []


def test_an_incident_without_its_rule_is_refused_before_it_happens(failed: dict[str, Rehearsed]) -> None:
    refused = failed["confidence-drop"]
    assert refused.status == 1
    assert "Prometheus has no rule RAGLowConfidence (warning)." in refused.errors
    assert "Injected" not in refused.output


def test_what_does_not_come_is_named_and_the_condition_undone(stage: Stage, failed: dict[str, Rehearsed]) -> None:
    missed = failed["service-down"]
    assert missed.status == 1
    assert "It did not come within 90 s that the expression of ServiceDown is true." in missed.output
    assert list(missed.seconds) == ["injected", "true", "ended"]
    assert missed.seconds["true"] == "-"
    until(stage.page)


def test_ctrl_c_undoes_the_condition(story: Stage) -> None:
    process = story.begin("service-down")
    until(lambda: not story.page())
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Interrupted." in errors
    until(story.page)


def test_a_rehearsal_that_is_killed_leaves_nothing_behind(story: Stage) -> None:
    process = story.begin("spending-spike")
    until(story.orders)
    process.kill()
    process.communicate(timeout=60)
    until(lambda: not story.orders())


def test_newer_programs_serve_as_well(story: Stage) -> None:
    """Prometheus 3 and Alertmanager 0.33, over what the older ones have written."""
    copy = story.copy
    copy.run("stop")
    programs = copy.root / ".runtime" / "programs"
    unpacked("sid", PACKAGES["sid"], programs, relocate_alertmanager)
    give(programs, NOBODY)
    start = copy.run("--demo", "--engine", "local")
    assert start.returncode == 0, start.stdout + start.stderr
    assert re.search(r"Prometheus 3\.\S+ Alertmanager 0\.3", start.stdout), start.stdout
    story.rehearse("intrusion")
    again = story.rehearsed["intrusion"]
    assert again.status == 0, again.output + again.errors
    assert list(again.seconds) == MOMENTS
    assert again.complaints == []
    assert story.posted("intrusion", "CRITICAL")
    assert story.mailed("intrusion", "CRITICAL")
