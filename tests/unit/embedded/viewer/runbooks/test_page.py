import httpx2
import pytest
from stub_watch import RUNBOOKS


async def test_every_runbook_is_listed_and_shown(client: httpx2.AsyncClient) -> None:
    listed = (await client.get("/runbooks")).text
    for file in RUNBOOKS.glob("*/*.md"):
        address = f"/runbooks/{file.parent.name}/{file.stem}"
        assert f'href="{address}"' in listed
        answer = await client.get(address)
        assert answer.status_code == 200
        assert f"<h1>{file.stem}</h1>" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "service/None",
        "x/ServiceDown",
        "../architecture",
        "..%2f/architecture",
        "service/..%2f..%2farchitecture",
        "service/%2e%2e",
    ],
)
async def test_nothing_else_is_shown(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(f"/runbooks/{path}")).status_code == 404
