import asyncio
import gzip
import json
import logging
import sqlite3
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cramjam
import httpx2
import logging_loki
import pytest
from asgi_apps import served
from starlette.applications import Starlette

from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.messages import PushRequest
from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import loki_routes
from ai_monitoring.embedded.store.database import connected
from ai_monitoring.embedded.store.errors import StoreFullError
from ai_monitoring.embedded.store.records import Line
from ai_monitoring.embedded.store.retention import DAY_NS
from ai_monitoring.embedded.store.writer import Writer, WriterLimits

Stored = Callable[[], list[Line]]

PUSH = "/loki/api/v1/push"
MINUTE = 60 * 10**9


def push_of(*values: list[Any], **labels: str) -> dict[str, Any]:
    return {"streams": [{"stream": labels or {"app": "shop"}, "values": list(values)}]}


def protobuf(now: int, labels: str = '{app="shop"}', text: str = "hello") -> bytes:
    request = PushRequest()
    stream = request.streams.add(labels=labels)
    entry = stream.entries.add(line=text)
    entry.timestamp.FromNanoseconds(now)
    entry.structuredMetadata.add(name="user.id", value="ada")
    return bytes(request.SerializeToString())


def snappy(body: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(body))


async def test_json(client: httpx2.AsyncClient, stored: Stored, now: int) -> None:
    body = push_of(
        [str(now), "level=warn msg=slow"], [str(now + 1), "second", {"user.id": "ada"}], app="shop", env="dev"
    )
    answer = await client.post(PUSH, json=body)
    assert (answer.status_code, answer.content) == (204, b"")
    labels = (("app", "shop"), ("env", "dev"), ("service_name", "shop"))
    assert stored() == [
        Line(labels, now, "level=warn msg=slow", "warn"),
        Line(labels, now + 1, "second", "unknown", (("user_id", "ada"),)),
    ]


@pytest.mark.parametrize("kind", ["application/x-protobuf", None])
async def test_snappy_protobuf(client: httpx2.AsyncClient, stored: Stored, now: int, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await client.post(PUSH, content=snappy(protobuf(now, '{app="shop", env=`dev`}')), headers=headers)
    assert answer.status_code == 204, answer.text
    labels = (("app", "shop"), ("env", "dev"), ("service_name", "shop"))
    assert stored() == [Line(labels, now, "hello", "unknown", (("user_id", "ada"),))]


def deflated(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(body) + compressor.flush()


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", deflated),
        ("gzip", lambda body: gzip.compress(body[:10]) + gzip.compress(body[10:])),
    ],
    ids=["gzip", "zlib", "deflate", "gzip of two members"],
)
async def test_compressed(
    client: httpx2.AsyncClient, stored: Stored, now: int, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    body = compress(json.dumps(push_of([str(now), "hello"])).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    assert (await client.post(PUSH, content=body, headers=headers)).status_code == 204
    assert [line.text for line in stored()] == ["hello"]


async def test_json_of_the_first_version(client: httpx2.AsyncClient, stored: Stored, now: int) -> None:
    moment = f"{datetime.fromtimestamp(now // 10**9, UTC):%Y-%m-%dT%H:%M:%S}.123456789+00:00"
    entries = [{"ts": moment, "line": "hello"}]
    answer = await client.post("/api/prom/push", json={"streams": [{"labels": '{app="shop"}', "entries": entries}]})
    assert answer.status_code == 204, answer.text
    [line] = stored()
    assert (line.text, line.time) == ("hello", now // 10**9 * 10**9 + 123_456_789)


@pytest.mark.parametrize(("version", "path"), [("1", PUSH), ("0", "/api/prom/push")])
def test_python_logging_loki_works_unchanged(
    receiver: Receiver, file: Path, stored: Stored, version: str, path: str
) -> None:
    logger = logging.Logger("shop.orders")
    with served(Starlette(routes=loki_routes(receiver))) as address:
        handler = logging_loki.LokiHandler(url=f"{address}{path}", tags={"app": "shop"}, version=version)
        logger.addHandler(handler)
        logger.error('it "broke"', extra={"tags": {"attempt": 3}})
        handler.emitter.close()
    [line] = stored()
    labels = {"app": "shop", "attempt": "3", "logger": "shop.orders", "service_name": "shop", "severity": "error"}
    assert (dict(line.labels), line.text, line.level) == (labels, 'it "broke"', "error")


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"service_name": "shop", "app": "other"}, "shop"),
        ({"job": "nightly", "container": "web"}, "web"),
        ({"job": "nightly", "app": ""}, "nightly"),
        ({"host": "a"}, "unknown_service"),
    ],
)
async def test_service_name_is_found_as_in_loki(
    client: httpx2.AsyncClient, stored: Stored, now: int, labels: dict[str, str], service: str
) -> None:
    assert (await client.post(PUSH, json=push_of([str(now), "x"], **labels))).status_code == 204
    [line] = stored()
    assert dict(line.labels)["service_name"] == service


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "not JSON"),
        (b"\xff", 400, "not JSON"),
        (b"[" * 100_000, 400, "nested too deeply"),
        (b"[]", 400, "not a JSON object"),
        (b"{}", 422, "at least one valid stream"),
        (b'{"streams": {"a": 1}}', 400, "a list is expected"),
        (b'{"streams": [1]}', 400, "a stream is a JSON object"),
        (b'{"streams": [{"stream": 1}]}', 400, "labels in an object"),
        (b'{"streams": [{"stream": {"a b": "x"}, "values": []}]}', 400, "'a b' is no label name"),
        (b'{"streams": [{"stream": {"a": {}}, "values": []}]}', 400, "value of a label is a string"),
        (b'{"streams": [{"stream": {"a": "x"}, "values": {"b": 1}}]}', 400, "a list is expected"),
        (b'{"streams": [{"stream": {"a": "x"}, "values": [["1"]]}]}', 400, "nanoseconds since 1970"),
        (b'{"streams": [{"stream": {"a": "x"}, "values": [[1, "x"]]}]}', 400, "nanoseconds since 1970"),
        (b'{"streams": [{"stream": {"a": "x"}, "values": [["now", "x"]]}]}', 400, "'now' is no time"),
        (b'{"streams": [{"stream": {"a": "x"}, "values": [["1", "x", {"b": 1}]]}]}', 400, "metadata are strings"),
        (b'{"streams": [{"values": [' + b"[]," * 100_000 + b"[]]}]}", 413, "the limit of 100000"),
        (b"[" * 150_001, 413, "more than 150000 objects"),
        (b'{"streams": [' + b'"",' * 250_001 + b'""]}', 413, "more than 250000 commas"),
        (b'"' + b"x" * 2**22 + b'"', 413, "the limit is 4194304 bytes"),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else "",
)
async def test_malformed_body_is_refused_with_the_reason(
    client: httpx2.AsyncClient, writer: Writer, body: bytes, status: int, reason: str
) -> None:
    answer = await client.post(PUSH, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, reason in answer.text) == (status, True), answer.text
    assert sum(writer.counts.refused().values()) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not snappy"),
        (b"hello", "not snappy"),
        (snappy(b"hello"), "not a logproto.PushRequest"),
        (snappy(protobuf(1, "{app=shop}")), "couldn't parse labels"),
        (snappy(protobuf(1, 'app="shop"')), "braces are missing"),
        (snappy(protobuf(1, '{a="b", a="c"}')), "duplicate label name"),
    ],
)
async def test_malformed_protobuf(client: httpx2.AsyncClient, body: bytes, reason: str) -> None:
    answer = await client.post(PUSH, content=body)
    assert (answer.status_code, reason in answer.text) == (400, True), answer.text


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Encoding": "gzip", "Content-Type": "application/json"}, gzip.compress(b" " * (2**22 + 1))),
        ({"Content-Encoding": "deflate", "Content-Type": "application/json"}, zlib.compress(b" " * (2**22 + 1))),
        ({}, b"\x81\x80\x80\x02" + b"\x00" * 10),
    ],
    ids=["gzip", "deflate", "snappy, which tells its length"],
)
async def test_bomb_is_not_opened(client: httpx2.AsyncClient, headers: dict[str, str], body: bytes) -> None:
    answer = await client.post(PUSH, content=body, headers=headers)
    assert answer.status_code == 413
    assert "4194304 bytes, decompressed" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "br"}, 415),
        ({"Content-Type": "application/json", "Origin": "https://example.org"}, 403),
        ({"Content-Type": "application/json", "Origin": "null"}, 403),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "application/json", "Origin": "http://loki"}, 204),
    ],
)
async def test_page_in_a_browser_cannot_push(
    client: httpx2.AsyncClient, now: int, headers: dict[str, str], status: int
) -> None:
    body = json.dumps(push_of([str(now), "x"]))
    answer = await client.post(PUSH, content=body, headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


async def test_lines_too_old_or_too_new_are_named_and_the_others_kept(
    client: httpx2.AsyncClient, writer: Writer, stored: Stored, now: int
) -> None:
    old, new = now - 7 * DAY_NS - MINUTE, now + 11 * MINUTE
    answer = await client.post(PUSH, json=push_of(*[[str(moment), "x"] for moment in (old, old, now, new, 10**30, -5)]))
    assert answer.status_code == 400
    assert '2 errors like: entry for stream \'{app="shop", service_name="shop"}\' has timestamp too old' in answer.text
    assert "has timestamp too new" in answer.text
    assert [line.time for line in stored()] == [now]
    assert writer.counts.refused() == {"greater_than_max_sample_age": 3, "too_far_in_future": 2}


@pytest.mark.parametrize(
    ("labels", "metadata", "reason"),
    [
        ({f"a{number}": "x" for number in range(9)}, {}, "has 9 label names; limit 8"),
        ({"a" * 1025: "x"}, {}, "label name too long: limit 1024"),
        ({"a": "x" * 2049}, {}, "label value too long, of 'a': limit 2048"),
        ({}, {"a": "x" * 65536}, "structured metadata too large: '65537' bytes, limit: '65536'"),
        ({}, {f"a{number}": "" for number in range(129)}, "too many structured metadata labels: '129', limit: '128'"),
    ],
)
async def test_limits_of_labels_and_metadata(
    client: httpx2.AsyncClient, stored: Stored, now: int, labels: dict[str, str], metadata: dict[str, str], reason: str
) -> None:
    answer = await client.post(PUSH, json=push_of([str(now), "x", metadata], **labels))
    assert (answer.status_code, reason in answer.text) == (400, True), answer.text
    assert stored() == []


async def test_long_line_is_cut(client: httpx2.AsyncClient, stored: Stored, now: int) -> None:
    values = [[str(now), "é" * 200_000], [str(now + 1), "x" * 262_144], [str(now + 2), "x" * 262_145]]
    assert (await client.post(PUSH, json=push_of(*values))).status_code == 204
    assert [len(line.text.encode()) for line in stored()] == [262_144] * 3


async def test_level_of_a_long_line_is_found_in_what_is_kept(
    client: httpx2.AsyncClient, stored: Stored, now: int
) -> None:
    await client.post(PUSH, json=push_of([str(now), "x" * 262_144 + " error"]))
    assert [line.level for line in stored()] == ["unknown"]


class FullWriter(Writer):
    """Finds its disk full."""

    def write_lines(self, _: Sequence[Line]) -> Future[None]:
        done: Future[None] = Future()
        done.set_exception(StoreFullError("There is no room left: free space"))
        return done


async def test_full_disk_is_told_with_what_to_do(file: Path, now: int) -> None:
    with FullWriter(file) as writer:
        app = Starlette(routes=loki_routes(Receiver(writer)))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://loki") as client:
            answer = await client.post(PUSH, json=push_of([str(now), "x"]))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "free space" in answer.text


async def test_number_of_streams_is_bounded(file: Path, now: int) -> None:
    with Writer(file, limits=WriterLimits(streams=2)) as writer:
        app = Starlette(routes=loki_routes(Receiver(writer)))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://loki") as client:
            streams = [{"stream": {"app": name}, "values": [[str(now), "x"]]} for name in "abc"]
            answer = await client.post(PUSH, json={"streams": streams})
            assert answer.status_code == 429
            assert "stream limit of 2 exceeded" in answer.text
            assert '{app="c", service_name="c"}' in answer.text
            assert (await client.post(PUSH, json={"streams": streams[:2]})).status_code == 204
        assert (writer.counts.lines, writer.counts.repeated) == (2, 2)


async def test_requests_at_a_time_are_bounded(writer: Writer, now: int) -> None:
    app = Starlette(routes=loki_routes(Receiver(writer, IngestLimits(requests=1, body_seconds=0.2))))
    body = json.dumps(push_of([str(now), "x"])).encode()
    headers = {"Content-Type": "application/json"}

    async def slow() -> AsyncIterator[bytes]:
        yield body[:10]
        await asyncio.sleep(30)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://loki") as client:
        first = asyncio.create_task(client.post(PUSH, content=slow(), headers=headers))
        await asyncio.sleep(0.05)
        second = await client.post(PUSH, content=body, headers=headers)
        assert (second.status_code, second.headers["retry-after"]) == (503, "1")
        assert (await first).status_code == 408, "who is slow does not keep the place"
        assert (await client.post(PUSH, content=body, headers=headers)).status_code == 204


async def test_busy_store_is_told(file: Path, now: int) -> None:
    with Writer(file, limits=WriterLimits(queued_bytes=100)) as writer, connected(file) as holder:
        app = Starlette(routes=loki_routes(Receiver(writer)))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://loki") as client:
            holder.execute("BEGIN IMMEDIATE")
            pushes = [asyncio.create_task(client.post(PUSH, json=push_of([str(now), str(n)]))) for n in range(4)]
            await asyncio.sleep(0.3)
            holder.execute("COMMIT")
            answers = [await push for push in pushes]
    assert {answer.status_code for answer in answers} == {204, 503}
    assert {answer.headers.get("retry-after") for answer in answers} == {None, "1"}


async def test_half_of_a_surrogate_pair_is_stored_as_unknown_character(
    client: httpx2.AsyncClient, stored: Stored, now: int
) -> None:
    body = json.dumps(push_of([str(now), "a\ud83db \U0001f600"], app="\udc00"))
    answer = await client.post(PUSH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 204, answer.text
    [line] = stored()
    assert (line.text, dict(line.labels)["app"]) == ("a\ufffdb \U0001f600", "\ufffd")


async def test_answer_comes_after_the_line_is_on_disk(
    client: httpx2.AsyncClient, file: Path, reader: sqlite3.Connection, now: int
) -> None:
    with connected(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        push = asyncio.create_task(client.post(PUSH, json=push_of([str(now), "x"])))
        await asyncio.sleep(0.2)
        assert not push.done()
        holder.execute("COMMIT")
    assert (await push).status_code == 204
    assert reader.execute("SELECT count(*) FROM line").fetchone() == (1,)
