"""The same pushes to a real Loki and to the embedded store: the same statuses, the same lines. LOKI_BIN names Loki."""

import json
import os
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from asgi_apps import client_of
from backends import Loki
from loki_pushes import CASES, MINUTE, NOW, Sent
from starlette.applications import Starlette
from waiting import until

from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import loki_routes
from ai_monitoring.embedded.store.database import connected
from ai_monitoring.embedded.store.reader import Reader
from ai_monitoring.embedded.store.retention import DAY_NS
from ai_monitoring.embedded.store.writer import Writer

pytestmark = pytest.mark.skipif("LOKI_BIN" not in os.environ, reason="LOKI_BIN names no Loki")

# Where Loki calls it its own fault, and an agent would send it again for ever.
INTENDED = {"metadata without a letter": 400}
Found = set[tuple[str, str, tuple[tuple[str, str], ...]]]
"""Time, text, and labels with structured metadata."""


def headers(sent: Sent) -> dict[str, str]:
    return {"Content-Type": sent.kind} | ({"Content-Encoding": sent.encoding} if sent.encoding else {})


def of_loki(loki: Loki) -> Found:
    path = "/loki/api/v1/query_range?query=%7Bservice_name%3D~%22.%2B%22%7D&limit=5000&direction=forward"
    bounds = f"&start={NOW - 4 * DAY_NS}&end={NOW + 10 * MINUTE}"
    with urllib.request.urlopen(f"{loki.address}{path}{bounds}") as answer:
        found = json.load(answer)["data"]["result"]
    return {(at, text, shown(one["stream"])) for one in found for at, text, *_ in one["values"]}


def of_store(file: Path) -> Found:
    with connected(file, read_only=True) as connection:
        reader = Reader(connection)
        return {
            (str(row.time), row.text, shown({**dict(labels), **row.metadata, "detected_level": row.level}))
            for number, labels in reader.streams().items()
            for row in reader.lines(number, 0, 2**62)
        }


def shown(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Labels as Loki shows them. Its releases differ in whether they keep `event_name`."""
    return tuple(sorted((name, value) for name, value in labels.items() if value and name != "event_name"))


def status_of_loki(loki: Loki, sent: Sent) -> tuple[int, str]:
    request = urllib.request.Request(f"{loki.address}{sent.path}", sent.content, headers(sent))
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def test_statuses_and_lines_are_those_of_loki(tmp_path: Path) -> None:
    loki, file = Loki(tmp_path), tmp_path / "embedded.db"
    differences = []
    with loki.up(), Writer(file) as writer:
        client = client_of(Starlette(routes=loki_routes(Receiver(writer))))
        for sent in CASES:
            theirs, words = status_of_loki(loki, sent)
            ours = client.post(sent.path, content=sent.content, headers=headers(sent))
            if INTENDED.get(sent.name, theirs) != ours.status_code:
                differences.append(f"{sent.name}: {theirs} {words} | {ours.status_code} {ours.text}")
        expected, found = until(lambda: (of_loki(loki), of_store(file)))
    assert not differences, "\n".join(differences)
    assert sorted(found - expected) == sorted(expected - found)
