import json
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from asgi_apps import served
from compliance_events import events
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ai_monitoring.compliance.erasure import Erasure
from ai_monitoring.compliance.logs import EMBEDDED_DELETES, LOKI_DELETES, LOKI_HIDES, PATH, Logs, LogsError
from ai_monitoring.compliance.settings import ComplianceSettings
from ai_monitoring.compliance.signing import is_signed
from ai_monitoring.compliance.stores import Stores
from ai_monitoring.compliance.verification import verify
from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import loki_routes
from ai_monitoring.embedded.loki.deletion import delete_routes
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.loki.routes import Api
from ai_monitoring.embedded.store.records import Line
from ai_monitoring.embedded.store.writer import Writer

SETTINGS = ComplianceSettings(retention_days=100, backup_days=30)
SHOP = (("service_name", "shop"),)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    stores = Stores.open(folder)
    yield stores
    stores.close()


@contextmanager
def embedded(file: Path, lines: list[Line]) -> Iterator[str]:
    """Port 3100 of the embedded backend, with these lines; yields its address."""
    with Writer(file) as writer:
        writer.write_lines(lines).result(10)
        api = Api(Queries(file))
        with served(Starlette(routes=[*loki_routes(Receiver(writer)), *delete_routes(writer), *api.routes()])) as at:
            yield at
        api.close()


class Loki:
    """Answers as Loki does: 204, and nothing is deleted yet. Or refuses, `failing` times."""

    def __init__(self, failing: int = 0) -> None:
        self.failing = failing
        self.asked: list[dict[str, str]] = []

    def app(self) -> Starlette:
        async def delete(request: Request) -> Response:
            if self.failing:
                self.failing -= 1
                return PlainTextResponse("too many deletes", 500)
            self.asked.append(dict(request.query_params))
            return Response(status_code=204)

        async def version(_: Request) -> Response:
            return JSONResponse({"version": "3.7.6", "revision": "7e1b2c"})

        return Starlette(
            routes=[Route(PATH, delete, methods=["POST"]), Route("/loki/api/v1/status/buildinfo", version)]
        )


def erasure(stores: Stores, *addresses: str) -> Erasure:
    return Erasure(stores, SETTINGS, [Logs(address) for address in addresses], pause=0.01)


def test_afterwards_nothing_of_the_subject_can_be_read(stores: Stores, folder: Path, tmp_path: Path) -> None:
    ada, bob = stores.pseudonyms.of("ada"), stores.pseudonyms.of("bob")
    now = time.time_ns()
    lines = [
        Line(SHOP, now, f"{ada} asked"),
        Line(SHOP, now + 1, "asked", metadata=(("subject", ada),)),
        Line(SHOP, now + 2, f"{bob} asked"),
    ]
    logs = tmp_path / "logs"
    logs.mkdir()
    stores.grant(ada, "chatbot", "form")
    stores.grant(bob, "chatbot", "form")
    stores.log.append(events(3, ada))
    stores.log.append(events(1, bob))
    with embedded(logs / "embedded.db", lines) as address:
        receipt = erasure(stores, address).erase("ada")
        for file in (*logs.iterdir(), *(file for file in folder.iterdir() if file.is_file())):
            assert ada.encode() not in file.read_bytes(), file.name
    assert receipt["status"] == "complete"
    assert list(stores.log.entries(ada)) == []
    assert stores.consent.history(ada) == []
    readable = [stores.log.record(entry) for entry in stores.log.entries()]
    assert [record is None for record in readable] == [True, False, True, True, True, False, False]
    assert ada not in json.dumps(readable)
    assert verify(stores.log).intact
    assert len(stores.consent.history(bob)) == 1


def test_the_receipt_says_what_is_gone_and_what_expires_when(stores: Stores, folder: Path) -> None:
    ada = stores.pseudonyms.of("ada")
    stores.grant(ada, "chatbot", "form")
    stores.log.append(events(3, ada))
    loki = Loki()
    with served(loki.app()) as address:
        receipt = erasure(stores, address).erase(ada)
    assert (receipt["subject"], receipt["status"], receipt["failed"]) == (ada, "complete", [])
    key, consents, lines = receipt["gone"]
    assert (key["count"], consents["count"], lines["what"]) == (1, 1, f"log lines in {address}")
    assert lines["hidden"] < lines["deleted"], "Loki hides soon and deletes later"
    assert [part["what"].split()[0].strip(",") for part in receipt["expires"]] == ["sealed", "traces", "backups"]
    assert receipt["expires"][0]["at"] > receipt["expires"][2]["at"] > receipt["at"]
    queries = [asked["query"] for asked in loki.asked]
    assert queries == [f'{{service_name=~".+"}} |= "{ada}"', f'{{service_name=~".+"}} | subject="{ada}"']
    assert {(asked["start"], asked.get("end")) for asked in loki.asked} == {("1000000000", None)}, "as Loki takes them"
    kept = folder / "receipts" / f"{receipt['id']}.json"
    assert json.loads(kept.read_text()) == receipt
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_receipt_is_signed(stores: Stores) -> None:
    receipt = erasure(stores).erase("ada")
    assert is_signed(receipt)
    assert stores.log.signer.holds(receipt)
    for changed in ({"status": "partial"}, {"signature": "00"}, {"public_key": "00" * 32}, {"signature": None}):
        assert not stores.log.signer.holds({**receipt, **changed})


def test_again_is_the_same(stores: Stores) -> None:
    stores.log.append(events(1, stores.pseudonyms.of("ada")))
    first, second = (erasure(stores).erase("ada") for _ in range(2))
    assert [part["count"] for part in first["gone"]] == [1, 0]
    assert [part["count"] for part in second["gone"]] == [0, 0]
    assert (first["status"], second["status"]) == ("complete", "complete")
    assert stores.erasures.counts() == {"complete": 2, "partial": 0}


def test_a_step_that_fails_is_told_and_stays_pending_until_it_is_done(stores: Stores) -> None:
    ada = stores.pseudonyms.of("ada")
    stores.log.append(events(1, ada))
    loki = Loki(failing=3)
    with served(loki.app()) as address:
        receipt = erasure(stores, address).erase("ada")
        assert receipt["status"] == "partial"
        assert receipt["gone"][0]["count"] == 1, "the others are done"
        (failed,) = receipt["failed"]
        assert (failed["what"], failed["why"]) == (
            f"log lines in {address}",
            f"{address} answers 500: too many deletes",
        )
        assert stores.erasures.pending() == [ada]
        (again,) = erasure(stores, address).retry()
    assert (again["status"], again["subject"]) == ("complete", ada)
    assert stores.erasures.pending() == []
    assert stores.erasures.counts() == {"complete": 1, "partial": 1}
    assert erasure(stores).retry() == []


def test_a_failure_that_passes_is_none(stores: Stores) -> None:
    loki = Loki(failing=2)
    with served(loki.app()) as address:
        assert erasure(stores, address).erase("ada")["status"] == "complete"


def test_the_receipt_counts_what_an_earlier_try_deleted(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    stores.grant(stores.pseudonyms.of("ada"), "chatbot", "form")
    tries = iter([OSError("a reader is in the way"), None])

    def forget_copies() -> None:
        if error := next(tries):
            raise error

    monkeypatch.setattr(stores.consent, "forget_copies", forget_copies)
    receipt = erasure(stores).erase("ada")
    assert receipt["status"] == "complete"
    assert {part["what"]: part["count"] for part in receipt["gone"]}["consents"] == 1


def test_a_process_that_dies_meanwhile_leaves_it_pending(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stores.log.keyring, "destroy", die)
    with pytest.raises(KeyboardInterrupt):
        erasure(stores).erase("ada")
    assert stores.erasures.pending() == [stores.pseudonyms.of("ada")]


def test_what_a_log_store_answers_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogsError, match=r"127\.0\.0\.1:9 does not answer"):
        Logs("http://127.0.0.1:9").delete("subject-x")
    for address in ("127.0.0.1:3100", "ftp://x", "http://"):
        with pytest.raises(ValueError, match="is not the address of a log store"):
            Logs(address)


def test_loki_has_its_time_and_the_embedded_backend_hides_at_once(tmp_path: Path) -> None:
    with served(Loki().app()) as address:
        hidden, deleted = Logs(address).delete("subject-x")
    assert (hidden, deleted) == pytest.approx((time.time() + LOKI_HIDES, time.time() + LOKI_DELETES), abs=60)
    with embedded(tmp_path / "embedded.db", []) as address:
        hidden, deleted = Logs(address).delete("subject-x")
    assert hidden <= time.time()
    assert deleted == pytest.approx(time.time() + EMBEDDED_DELETES, abs=60)


def test_a_log_store_whose_answer_cannot_be_read_fails_the_step() -> None:
    async def answer(request: Request) -> Response:
        return PlainTextResponse("<html>a page of a proxy", 204 if request.method == "POST" else 200)

    with (
        served(Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])) as address,
        pytest.raises(LogsError, match="answers with something other than JSON"),
    ):
        Logs(address).delete("subject-x")
