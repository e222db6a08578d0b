import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from ai_monitoring.embedded.loki.limits import Limits
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.loki.routes import Api
from ai_monitoring.embedded.store.records import Line
from ai_monitoring.embedded.store.writer import Writer

API = "/loki/api/v1"
SECOND = 1_000_000_000
NOW = time.time_ns()


@pytest.fixture(autouse=True)
def lines(writer: Writer) -> None:
    """A hundred lines of the last minutes, in two streams."""
    found = [
        Line((("service_name", ("a", "b")[n % 2]),), NOW - n * SECOND, f"n={n} took={n}ms", "info", (("n", str(n)),))
        for n in range(1, 101)
    ]
    writer.write_lines(found).result()


@asynccontextmanager
async def limited(file: Path, limits: Limits) -> AsyncIterator[tuple[Api, httpx2.AsyncClient]]:
    """Port 3100 with other limits."""
    api = Api(Queries(file, limits))
    transport = httpx2.ASGITransport(app=Starlette(routes=api.routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://loki") as client:
        yield api, client
    api.close()


async def get(client: httpx2.AsyncClient, path: str, **parameters: Any) -> Any:
    answer = await client.get(f"{API}/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refusal(client: httpx2.AsyncClient, path: str, **parameters: Any) -> tuple[int, str]:
    answer = await client.get(f"{API}/{path}", params=parameters)
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.status_code, answer.text


async def test_a_form_may_carry_the_question(client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"{API}/query_range", data={"query": '{service_name="a"} |= "n=2 "', "limit": "5"})
    (stream,) = answer.json()["data"]["result"]
    assert stream["values"] == [[str(NOW - 2 * SECOND), "n=2 took=2ms"]]


async def test_a_form_is_bounded(client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"{API}/query", content=b"query=" + b"x" * 1_100_000)
    assert (answer.status_code, answer.text) == (400, "the form is larger than 1000000 bytes")


async def test_without_a_start_it_is_the_last_hour(client: httpx2.AsyncClient, writer: Writer) -> None:
    writer.write_lines([Line((("service_name", "old"),), NOW - 3700 * SECOND, "x")]).result()
    query = '{service_name="old"}'
    assert (await get(client, "query_range", query=query))["data"]["result"] == []
    assert (await get(client, "query_range", query=query, since="2h"))["data"]["result"] != []


@pytest.mark.parametrize(
    ("path", "parameters", "says"),
    [
        ("query_range", {"query": '{service_name="a"}', "limit": 5001}, "max_entries_limit_per_query (5001 > 5000)"),
        ("query_range", {"query": '{service_name="a"}', "since": "170h"}, "max_query_length"),
        ("query", {"query": 'rate({service_name="a"}[170h])'}, "max_query_length"),
        ("query", {"query": 'rate({service_name="a"}[1h] offset 170h)', "time": "x"}, "could not parse 'time'"),
        ("query_range", {"query": 'rate({service_name="a"}[1m])', "step": "1ms"}, "11,000 points"),
        ("query_range", {"query": '{service_name="a"}', "start": "2", "end": "1"}, "must not be before"),
        ("query_range", {"query": "{"}, "parse error at line 1, col 2"),
        ("series", {"match[]": '{service_name="a"} |= "x"'}, "only label matchers are supported here"),
        ("detected_fields", {"query": "vector(1)"}, "detected_fields needs a log query"),
    ],
)
async def test_a_refusal_is_a_text(client: httpx2.AsyncClient, path: str, parameters: Any, says: str) -> None:
    status, text = await refusal(client, path, **parameters)
    assert status == 400
    assert says in text


async def test_series_are_limited(file: Path, writer: Writer) -> None:
    async with limited(file, Limits(series=3)) as (_, client):
        status, text = await refusal(client, "query", query='count_over_time({service_name="a"}[5m])')
    assert status == 400
    assert "maximum number of series (3) reached" in text


async def test_a_query_has_its_time(file: Path, writer: Writer) -> None:
    labels = (("service_name", "big"),)
    writer.write_lines([Line(labels, NOW - n, "x" * 200) for n in range(30_000)]).result()
    async with limited(file, Limits(timeout=0.001)) as (_, client):
        status, text = await refusal(client, "query_range", query='{service_name="big"} |~ "x*y"')
    assert status == 504
    assert "query_timeout" in text


async def test_more_than_can_wait_are_refused(file: Path) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        inside.set()
        go_on.wait(10)

    async with limited(file, Limits(concurrent=1, waiting=0)) as (api, client):
        running = asyncio.create_task(api.pool.run(slow))
        await asyncio.to_thread(inside.wait)
        status, text = await refusal(client, "query", query="vector(1)")
        go_on.set()
        await running
        assert await get(client, "query", query="vector(1)")
    assert status == 429
    assert text.startswith("too many outstanding requests: 1 queries run or wait")


async def test_it_is_ready_and_tells_its_version(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/ready")).text == "ready\n"
    assert (await get(client, "status/buildinfo"))["version"] == "3.7.6"
    assert (await client.get("/loki/api/v2/nothing")).status_code == 404


async def test_sizes_are_told(client: httpx2.AsyncClient) -> None:
    stats = await get(client, "index/stats", query='{service_name="a"}')
    octets = sum(len(f"n={n} took={n}ms") for n in range(2, 101, 2))
    assert stats == {"streams": 1, "chunks": 1, "bytes": octets, "entries": 50}
    volume = await get(client, "index/volume", query='{service_name=~"a|b"}')
    first, _ = volume["data"]["result"]
    assert first["metric"] == {"service_name": "a"}
    assert first["value"][1] == str(octets)
    ranged = await get(client, "index/volume_range", query='{service_name="a"}', step="600")
    assert sum(int(value) for _, value in ranged["data"]["result"][0]["values"]) == octets


async def test_labels_and_fields_are_detected(client: httpx2.AsyncClient) -> None:
    labels = await get(client, "detected_labels", query='{service_name=~".+"}')
    assert labels == {"detectedLabels": [{"label": "service_name", "cardinality": 2}]}
    fields = (await get(client, "detected_fields", query='{service_name="a"}'))["fields"]
    assert {"label": "took", "type": "duration", "cardinality": 50, "parsers": ["logfmt"]} in fields
    assert {"label": "n", "type": "int", "cardinality": 50, "parsers": None} in fields


async def test_patterns_are_none_and_a_query_is_checked(client: httpx2.AsyncClient) -> None:
    assert await get(client, "patterns") == {"status": "success", "data": []}
    assert (await get(client, "format_query", query=" vector(1) "))["data"] == "vector(1)"
    assert (await refusal(client, "format_query", query="vector("))[0] == 400


async def test_answer_that_is_too_large_is_refused(client: httpx2.AsyncClient, writer: Writer) -> None:
    labels = (("service_name", "long"),)
    writer.write_lines([Line(labels, NOW + number, "x" * 250_000 + str(number)) for number in range(40)]).result()
    status, text = await refusal(client, "query_range", query='{service_name="long"}')
    assert (status, text) == (400, "the lines take more than 8 MB: ask for fewer with a lower limit")
    query = 'count_over_time({service_name=~"a|b"} | logfmt [1h])'
    begin = NOW // SECOND
    status, text = await refusal(client, "query_range", query=query, step="1", start=begin, end=begin + 3000)
    assert (status, "more than 200000 samples" in text) == (400, True), text


async def test_work_on_what_was_read_has_its_time_too(file: Path) -> None:
    async with limited(file, Limits(timeout=0.05)) as (_, client):
        query = 'quantile_over_time(0.9, {service_name=~".+"} | logfmt | unwrap n [1h])'
        status, text = await refusal(client, "query_range", query=query, step="0.4", start=NOW // SECOND - 3600)
    assert (status, "The query took longer than 0.05 s." in text) == (504, True), text


async def test_damaged_store_is_told(client: httpx2.AsyncClient, file: Path) -> None:
    with file.open("r+b") as damaged:
        damaged.write(b"no database at all" * 100)
    file.with_name(f"{file.name}-wal").unlink()
    status, text = await refusal(client, "labels")
    assert (status, "move it away" in text) == (503, True), text
