import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.incident import Event, Incident, Kind, Status
from ai_monitoring.incidents.log import NEWER, UNHEARD, AlreadyOverError, IncidentLog, UnknownIncidentError

from .conftest import START

Changes = list[tuple[Incident, Event]]
MakeAlert = Callable[..., Alert]


def kinds(changes: Changes) -> list[Kind]:
    return [event.kind for _, event in changes]


def test_an_alert_opens_an_incident_and_its_end_resolves_it(log: IncidentLog, alert: MakeAlert) -> None:
    [(opened, event)] = log.receive(alert(), START + 5)
    assert (opened.alert, opened.severity, opened.service) == ("ServiceDown", "critical", "shop")
    assert (opened.started_at, opened.opened_at, opened.status) == (START, START + 5, Status.OPEN)
    assert event == Event(START + 5, Kind.OPENED)
    [(resolved, event)] = log.receive(alert(ended_at=START + 90), START + 95)
    assert (resolved.id, resolved.status, resolved.duration) == (opened.id, Status.RESOLVED, 90)
    assert event == Event(START + 95, Kind.RESOLVED)


def test_told_again_and_by_a_second_alertmanager_it_is_one(log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert(), START)
    assert log.receive(alert(), START + 60) == []
    assert kinds(log.notified(alert(), "critical", START + 61)) == [Kind.NOTIFIED]
    assert log.notified(alert(), "critical", START + 62) == []
    log.receive(alert(ended_at=START + 70), START + 71)
    assert log.receive(alert(ended_at=START + 70), START + 72) == []
    assert log.receive(alert(), START + 73) == [], "a late message of what is over"
    [incident] = log.incidents()
    assert [event.kind for event in incident.events] == [Kind.OPENED, Kind.NOTIFIED, Kind.RESOLVED]


def test_a_new_start_is_a_new_incident_and_ends_the_old_one(log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert(), START)
    changes = log.receive(alert(started_at=START + 100), START + 101)
    assert kinds(changes) == [Kind.RESOLVED, Kind.OPENED]
    assert changes[0][1].text == NEWER
    assert [incident.status for incident in log.incidents()] == [Status.OPEN, Status.RESOLVED]


def test_an_end_without_a_beginning_is_an_incident_too(log: IncidentLog, alert: MakeAlert) -> None:
    assert kinds(log.receive(alert(ended_at=START + 9), START + 10)) == [Kind.OPENED, Kind.RESOLVED]


def test_a_message_that_overtakes_the_alert_opens_the_incident(log: IncidentLog, alert: MakeAlert) -> None:
    assert kinds(log.notified(alert(), "critical", START)) == [Kind.OPENED, Kind.NOTIFIED]
    assert log.receive(alert(), START) == []


def test_each_channel_and_the_end_are_told_apart(log: IncidentLog, alert: MakeAlert) -> None:
    log.notified(alert(), "critical", START)
    assert kinds(log.notified(alert(), "ml", START)) == [Kind.NOTIFIED]
    changes = log.notified(alert(ended_at=START + 5), "critical", START + 6)
    assert kinds(changes) == [Kind.RESOLVED, Kind.END_NOTIFIED]


def test_acknowledging(log: IncidentLog, alert: MakeAlert) -> None:
    [(incident, _)] = log.receive(alert(), START)
    [(taken, event)] = log.acknowledge(incident.id, "ana", "restarting it", START + 60)
    assert (taken.status, taken.acknowledged_by, taken.acknowledged_at) == (Status.ACKNOWLEDGED, "ana", START + 60)
    assert event == Event(START + 60, Kind.ACKNOWLEDGED, "ana", "restarting it")
    assert log.acknowledge(incident.id, "ben", now=START + 61) == []
    assert kinds(log.acknowledge(incident.id, "ben", "me too", START + 62)) == [Kind.NOTE]
    assert log.incident(incident.id).acknowledged_by == "ana"
    log.receive(alert(ended_at=START + 70), START + 70)
    with pytest.raises(AlreadyOverError, match="resolved already"):
        log.acknowledge(incident.id, "ana")


def test_notes_may_repeat_and_stay_possible_after_the_end(log: IncidentLog, alert: MakeAlert) -> None:
    number = log.receive(alert(ended_at=START + 1), START)[0][0].id
    assert kinds(log.note(number, "ana", "again")) == kinds(log.note(number, "ana", "again")) == [Kind.NOTE]
    with pytest.raises(UnknownIncidentError, match="no incident 7"):
        log.note(7, "ana", "which one?")


def test_escalating_is_once_an_address(log: IncidentLog, alert: MakeAlert) -> None:
    number = log.receive(alert(), START)[0][0].id
    assert kinds(log.escalated(number, "boss@example.org")) == [Kind.ESCALATED]
    assert log.escalated(number, "boss@example.org") == []


def test_what_is_not_reported_any_more_is_over_until_it_is_reported_again(log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert(), START)
    log.receive(alert(), START + 100)
    assert log.lapse(START + 100, START + 3700) == [], "it was heard of just then"
    [(incident, event)] = log.lapse(START + 101, START + 3701)
    assert (incident.resolved_at, event.text) == (START + 3701, UNHEARD)
    assert kinds(log.receive(alert(), START + 4000)) == [Kind.REOPENED]
    [(incident, _)] = log.receive(alert(ended_at=START + 5000), START + 5001)
    assert incident.duration == 5000
    assert [event.kind for event in incident.events][1:] == [Kind.RESOLVED, Kind.REOPENED, Kind.RESOLVED]


def test_filters(log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert("A", "critical", "shop", started_at=START, ended_at=START + 10))
    log.receive(alert("B", "warning", "search", started_at=START + 20))
    number = log.receive(alert("C", "warning", "shop", started_at=START + 30))[0][0].id
    log.acknowledge(number, "ana")

    def names(**filters: object) -> list[str]:
        return [incident.alert for incident in log.incidents(**filters)]  # type: ignore[arg-type]

    assert names() == ["C", "B", "A"], "the latest first"
    assert names(status=[Status.OPEN]) == ["B"]
    assert names(status=[Status.ACKNOWLEDGED, Status.RESOLVED]) == ["C", "A"]
    assert names(severity="warning", service="shop") == ["C"]
    assert names(alert="B") == names(fingerprint="B-warning-search") == ["B"]
    assert names(since=START + 10.5) == ["C", "B"]
    assert names(until=START + 25) == ["B", "A"]
    assert names(limit=1) == ["C"]
    assert names(service="' OR 1 --") == []


def test_forgetting_leaves_what_lasts(log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert("Old", ended_at=START + 1))
    log.receive(alert("Open"))
    assert log.forget(START + 2) == 1
    assert [incident.alert for incident in log.incidents()] == ["Open"]


def test_it_is_there_after_a_restart_and_for_its_owner_alone(tmp_path: Path, alert: MakeAlert) -> None:
    path = tmp_path / "data" / "incidents.db"
    first = IncidentLog(path)
    first.receive(alert())
    first.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    again = IncidentLog(path)
    assert len(again.incidents()) == 1
    again.close()


def test_a_failed_write_leaves_nothing_half_done(log: IncidentLog, alert: MakeAlert) -> None:
    log._connection.execute("CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(sqlite3.Error):
        log.receive(alert())
    assert log.incidents() == []
