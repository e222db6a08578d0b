"""A person's lines go from a real Loki, at its own pace, which takes minutes: LOKI_BIN names the program."""

import json
import os
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from backends import Loki
from waiting import until

from ai_monitoring.compliance.erasure import Erasure
from ai_monitoring.compliance.logs import Logs
from ai_monitoring.compliance.settings import ComplianceSettings
from ai_monitoring.compliance.stores import Stores
from ai_monitoring.stack.http import get_json

pytestmark = pytest.mark.skipif("LOKI_BIN" not in os.environ, reason="LOKI_BIN names no Loki")
# Memory goes to disk when it ends, and is not taken up again at a start; chunks can be read.
PLAIN = ("-ingester.wal-enabled=false", "-ingester.chunk-encoding=none")
# Hours of loki/loki.yml as seconds. A request is left alone for one more minute, and chunks go once a minute, always.
SOON = (
    *PLAIN,
    "-compactor.compaction-interval=5s",
    "-compactor.apply-retention-interval=5s",
    "-compactor.delete-request-cancel-period=1s",
    "-compactor.retention-delete-delay=1s",
)


def push(loki: Loki, *lines: tuple[str, dict[str, str]]) -> None:
    values = [[str(time.time_ns()), line, metadata] for line, metadata in lines]
    body = json.dumps({"streams": [{"stream": {"service_name": "shop"}, "values": values}]}).encode()
    request = urllib.request.Request(f"{loki.address}/loki/api/v1/push", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 204


def requests(loki: Loki) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get_json(f"{loki.address}/loki/api/v1/delete")
    return found


def chunks_with(loki: Loki, text: str) -> int:
    return sum(
        text.encode() in file.read_bytes() for file in (loki.folder / "chunks" / "fake").rglob("*") if file.is_file()
    )


def test_lines_of_a_person_are_hidden_and_then_gone(tmp_path: Path) -> None:
    stores = Stores.open(tmp_path / "kept")
    ada, bob = stores.pseudonyms.of("ada"), stores.pseudonyms.of("bob")
    loki = Loki(tmp_path / "loki")
    loki.folder.mkdir()
    with loki.up(*PLAIN):
        push(loki, (f"{ada} asked", {}), ("asked", {"subject": ada}), (f"{bob} asked", {}))
    assert chunks_with(loki, ada) == 1
    with loki.up(*SOON):
        receipt = Erasure(stores, ComplianceSettings(), [Logs(loki.address)]).erase("ada")
        assert (receipt["status"], receipt["failed"]) == ("complete", [])
        assert [request["status"] for request in requests(loki)] == ["received"] * 2, "one for all times each"
        assert [line for line, _ in loki.lines('{service_name="shop"}')] == [f"{bob} asked"], "hidden"
        until(lambda: {request["status"] for request in requests(loki)} == {"processed"}, 240)
        until(lambda: chunks_with(loki, ada) == 0, 240)
        assert chunks_with(loki, bob) == 1
        assert [line for line, _ in loki.lines('{service_name="shop"}')] == [f"{bob} asked"]
    stores.close()
