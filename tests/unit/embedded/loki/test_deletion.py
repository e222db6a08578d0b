from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from logql_corpus import DELETIONS
from starlette.applications import Starlette

from ai_monitoring.embedded.loki.deletion import PATH, delete_routes
from ai_monitoring.embedded.loki.routes import Api
from ai_monitoring.embedded.store.database import connected
from ai_monitoring.embedded.store.records import Labels, Line
from ai_monitoring.embedded.store.writer import Writer

SHOP: Labels = (("service_name", "shop"),)
BANK: Labels = (("service_name", "bank"),)
WHO = "subject-abcdefghabcdefghabcdefghabcdefgh"
LINES = [
    Line(SHOP, 10, f"{WHO} asked"),
    Line(SHOP, 20, "somebody asked", metadata=(("subject", WHO),)),
    Line(SHOP, 30, "nobody asked"),
    Line(BANK, 40, f"paid by {WHO}"),
]


@pytest.fixture
def app(api: Api, writer: Writer) -> Starlette:
    return Starlette(routes=[*delete_routes(writer), *api.routes()])


@pytest.fixture(autouse=True)
def stored(writer: Writer) -> None:
    writer.write_lines(LINES).result(10)


async def delete(client: httpx2.AsyncClient, query: str, **more: str) -> tuple[int, str]:
    parameters = {"query": query, "start": "1970-01-01T00:00:00Z", **more}
    answer = await client.post(PATH, params=parameters)
    return answer.status_code, answer.text


def left(file: Path) -> list[int]:
    with connected(file, read_only=True) as connection:
        return [time for (time,) in connection.execute("SELECT time FROM line ORDER BY time")]


@pytest.mark.parametrize(
    ("query", "stay"),
    [
        (f'{{service_name=~".+"}} |= "{WHO}"', [20, 30]),
        (f'{{service_name=~".+"}} | subject="{WHO}"', [10, 30, 40]),
        (f'{{service_name="shop"}} |= "{WHO}"', [20, 30, 40]),
        ('{service_name="bank"}', [10, 20, 30]),
        ('{service_name="none"}', [10, 20, 30, 40]),
    ],
)
async def test_lines_go_that_the_query_finds(
    client: httpx2.AsyncClient, file: Path, query: str, stay: Iterable[int]
) -> None:
    assert await delete(client, query) == (204, "")
    assert left(file) == stay


async def test_only_the_time_asked_for(client: httpx2.AsyncClient, file: Path) -> None:
    until = "1970-01-01T00:00:00.000000020Z"
    await delete(client, '{service_name="shop"}', start="1970-01-01T00:00:00.000000015Z", end=until)
    assert left(file) == [10, 30, 40]
    await delete(client, '{service_name="shop"}', end=until)
    assert left(file) == [30, 40]


async def test_no_copy_stays_in_a_file(client: httpx2.AsyncClient, file: Path) -> None:
    for test in (f'|= "{WHO}"', f'| subject="{WHO}"'):
        assert (await delete(client, f'{{service_name=~".+"}} {test}'))[0] == 204
    for kept in file.parent.iterdir():
        assert WHO.encode() not in kept.read_bytes(), kept.name


async def test_lines_of_afterwards_are_taken(client: httpx2.AsyncClient, file: Path, writer: Writer) -> None:
    await delete(client, '{service_name="shop"}')
    writer.write_lines([LINES[0]]).result(10)
    assert left(file) == [10, 40]
    assert writer.counts.deleted == 3


@pytest.mark.parametrize(
    ("query", "more", "says"),
    [
        ('{service_name="shop"', {}, "parse error"),
        ("", {}, "parse error"),
        ("vector(1)", {}, "only log queries delete lines"),
        ('{service_name="shop"} | json | a="b"', {}, 'filters such as |= "text" and | name="value" alone'),
        ('{service_name="shop"} |~ "a.*b"', {}, "alone"),
    ],
)
async def test_what_cannot_be_done_is_refused(
    client: httpx2.AsyncClient, file: Path, query: str, more: dict[str, Any], says: str
) -> None:
    status, text = await delete(client, query, **more)
    assert status == 400
    assert says in text
    assert left(file) == [10, 20, 30, 40]


@pytest.mark.parametrize("case", DELETIONS, ids=lambda case: str(case["ask"]))
async def test_times_are_taken_as_loki_takes_them(client: httpx2.AsyncClient, case: dict[str, Any]) -> None:
    answer = await client.post(PATH, params={"query": '{service_name="none"}', **case["ask"]})
    assert (answer.status_code, answer.text) == (case["status"], case["says"])


async def test_no_page_in_a_browser_may_ask(client: httpx2.AsyncClient, file: Path) -> None:
    parameters = {"query": '{service_name="shop"}', "start": "1000000000"}
    answer = await client.post(PATH, params=parameters, headers={"Origin": "http://127.0.0.1:3000"})
    assert answer.status_code == 403
    assert left(file) == [10, 20, 30, 40]


async def test_nothing_waits_to_be_deleted(client: httpx2.AsyncClient) -> None:
    assert (await client.get(PATH)).json() == []


async def test_a_store_that_closes_takes_no_request(client: httpx2.AsyncClient, tmp_path: Path) -> None:
    with Writer(tmp_path / "other.db") as writer:
        pass
    transport = httpx2.ASGITransport(app=Starlette(routes=delete_routes(writer)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://loki") as closed:
        assert await delete(closed, '{service_name="shop"}') == (
            429,
            "The store is being closed: send this again once it is back.",
        )
