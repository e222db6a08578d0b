import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket

from ai_monitoring.hosts import HostGuard

STRANGE = ["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "", "localhost:3000:1"]


async def tail(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("lines")
    await socket.close()


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", lambda _: PlainTextResponse("lines")), WebSocketRoute("/tail", tail)]
    return TestClient(HostGuard(Starlette(routes=routes)))


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost:3000", "LOCALHOST", "[::1]:3000", "[::1]", "127.0.0.1"])
def test_names_of_this_machine(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).text == "lines"


@pytest.mark.parametrize("host", STRANGE)
def test_name_of_elsewhere_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "under 127.0.0.1, [::1], localhost only" in answer.text


def test_a_strange_name_opens_no_socket(client: TestClient) -> None:
    with client.websocket_connect("/tail", headers={"Host": "localhost"}) as socket:
        assert socket.receive_text() == "lines"
    with (
        pytest.raises(WebSocketDenialResponse),
        client.websocket_connect("/tail", headers={"Host": "evil.example"}),
    ):
        pass
