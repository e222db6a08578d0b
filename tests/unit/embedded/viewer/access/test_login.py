import re

import httpx2
import pytest
from stub_watch import PASSWORD

from ai_monitoring.embedded.viewer.access.attempts import FREE
from ai_monitoring.embedded.viewer.access.login import MAX_BODY_BYTES, local_path
from ai_monitoring.embedded.viewer.settings import Settings

RIGHT = {"user": "admin", "password": PASSWORD}


async def test_login_leads_to_the_page_that_was_asked_for(stranger: httpx2.AsyncClient) -> None:
    asked = await stranger.get("/explore?query=%7Ba%3D%22b%22%7D&from=now-1h")
    assert asked.status_code == 303
    form = await stranger.get(asked.headers["location"])
    [goal] = re.findall(r'name="next" value="([^"]*)"', form.text)
    answer = await stranger.post("/login", data=RIGHT | {"next": goal.replace("&amp;", "&")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/explore?query=%7Ba%3D%22b%22%7D&from=now-1h")
    assert (await stranger.get("/runbooks")).status_code == 200


async def test_cookie_is_kept_from_scripts_and_other_sites(stranger: httpx2.AsyncClient) -> None:
    cookie = (await stranger.post("/login", data=RIGHT)).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


@pytest.mark.parametrize(
    "fields",
    [{}, {"user": "admin"}, RIGHT | {"password": "wrong"}, RIGHT | {"user": "root"}, RIGHT | {"password": ""}],
)
async def test_wrong_login_is_refused(stranger: httpx2.AsyncClient, fields: dict[str, str]) -> None:
    answer = await stranger.post("/login", data=fields)
    assert answer.status_code == 401
    assert "not the password of admin" in answer.text
    assert "set-cookie" not in answer.headers
    assert PASSWORD not in answer.text


async def test_empty_file_lets_nobody_in(stranger: httpx2.AsyncClient, settings: Settings) -> None:
    settings.password.write_text("\n", encoding="utf-8")
    assert (await stranger.post("/login", data={"user": "admin", "password": ""})).status_code == 401


async def test_missing_file_is_told(stranger: httpx2.AsyncClient, settings: Settings) -> None:
    settings.password.unlink()
    answer = await stranger.post("/login", data=RIGHT)
    assert answer.status_code == 503
    assert str(settings.password) in answer.text


async def test_changed_password_holds_at_once(stranger: httpx2.AsyncClient, settings: Settings) -> None:
    settings.password.write_text("new", encoding="utf-8")
    assert (await stranger.post("/login", data=RIGHT)).status_code == 401
    assert (await stranger.post("/login", data=RIGHT | {"password": "new"})).status_code == 303


async def test_guessing_is_slowed_down_even_for_the_right_password(stranger: httpx2.AsyncClient) -> None:
    for _ in range(FREE):
        assert (await stranger.post("/login", data=RIGHT | {"password": "wrong"})).status_code == 401
    answer = await stranger.post("/login", data=RIGHT)
    assert answer.status_code == 429
    assert "Wait 1 s" in answer.text
    assert answer.headers["retry-after"] == "1"


async def test_large_form_is_refused(stranger: httpx2.AsyncClient) -> None:
    answer = await stranger.post("/login", data=RIGHT | {"more": "x" * MAX_BODY_BYTES})
    assert answer.status_code == 413


async def test_many_fields_are_no_crash(stranger: httpx2.AsyncClient) -> None:
    answer = await stranger.post("/login", content="&".join("a=1" for _ in range(1000)))
    assert answer.status_code == 401


async def test_signing_out_ends_the_session_itself(client: httpx2.AsyncClient) -> None:
    cookies = dict(client.cookies)
    answer = await client.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    client.cookies.update(cookies)
    assert (await client.get("/runbooks")).status_code == 303


async def test_who_is_signed_in_does_not_see_the_form(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/login?next=/alerts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")


@pytest.mark.parametrize("path", ["/", "/explore", "/explore?query={a=%22b%22}&from=now-1h", "/d/overview?var-a=b"])
def test_local_paths(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "x",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "/a\n",
        "/login?next=/",
        "/logout",
        "javascript:alert(1)",
    ],
)
def test_other_places_lead_home(path: str) -> None:
    assert local_path(path) == "/"
