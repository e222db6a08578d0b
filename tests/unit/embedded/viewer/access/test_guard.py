import httpx2
import pytest

from ai_monitoring.embedded.viewer.access.headers import HEADERS


@pytest.mark.parametrize("path", ["/", "/alerts", "/runbooks", "/explore", "/nothing"])
async def test_page_without_session_leads_to_the_login(stranger: httpx2.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2F")


async def test_data_without_session_is_refused_as_json(stranger: httpx2.AsyncClient) -> None:
    answer = await stranger.get("/api/boards")
    assert answer.status_code == 401
    assert "Not signed in" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/login", "/health", "/static/style.css", "/static/js/theme.js"])
async def test_what_needs_no_session(stranger: httpx2.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fapp.py"])
async def test_static_files_end_at_their_folder(stranger: httpx2.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code in (303, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_nothing_is_changed(client: httpx2.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/alerts")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_link_from_another_site_asks_again_from_here(client: httpx2.AsyncClient) -> None:
    """A browser sends no strict cookie on such a link, though its user is signed in."""
    cookies, client.cookies = client.cookies, httpx2.Cookies()
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    answer = await client.get("/explore?a=%22b%22&c=d", headers=elsewhere)
    assert 'content="0;url=/explore?a=%22b%22&amp;c=d"' in answer.text
    assert 'content="0;url=/"' in (await client.get("//evil.example/", headers=elsewhere)).text
    client.cookies = cookies
    assert (await client.get("/runbooks", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/login", "/health", "/nothing", "/api/nothing", "/static/style.css", "/explore"]
)
async def test_every_answer_has_the_headers(client: httpx2.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["cache-control"] in ("no-store", "no-cache")
