"""A watched page on Streamlit's own server, under real HTTP and WebSockets."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples.browser import Browser

ROOT = Path(__file__).parents[2]

APP = """
import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ai_monitoring.web.streamlit import watch

app = st.App("page.py", **watch(routes=[Route("/own", lambda request: PlainTextResponse("mine"))], slow_seconds=0.5))
"""

PAGE = """
import time
import streamlit as st
from ai_monitoring.web.streamlit import track_coaching_session

history = st.session_state.setdefault("history", [])

def home():
    for role, text in history:
        st.chat_message(role).write(text)
    if text := st.chat_input("Say"):
        history.append(("user", text))
        history.append(("assistant", "You said " + text))
        st.chat_message("user").write(text)
        st.chat_message("assistant").write_stream(iter(["You said ", text]))
    if st.button("fail"):
        raise RuntimeError("asked for")
    if st.button("slow"):
        time.sleep(0.6)
    track_coaching_session("chat", 12)
    part()

@st.fragment
def part():
    if st.button("again"):
        st.write("again")

st.navigation([st.Page(home, default=True), st.Page(lambda: st.write("two"), title="t", url_path="settings")]).run()
"""


class Server:
    def __init__(self, folder: Path, command: list[str]) -> None:
        self.address = f"127.0.0.1:{_free_port()}"
        self._log = (folder / "log").open("w+")
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        port = [part.replace("PORT", self.address.split(":")[1]) for part in command]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *port], cwd=folder, env=environment, stdout=self._log, stderr=subprocess.STDOUT
        )

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def get(self, path: str, token: str = "") -> str:
        request = urllib.request.Request(f"http://{self.address}{path}", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def value(self, series: str) -> float:
        match = re.search(rf"^{re.escape(series)} (\S+)$", self.get("/metrics"), re.MULTILINE)
        return float(match[1]) if match else 0.0

    def wait_for(self, series: str, value: float) -> None:
        deadline = time.monotonic() + 20
        while self.value(series) != value:
            assert time.monotonic() < deadline, f"{series} is {self.value(series)}, not {value}"
            time.sleep(0.1)

    def wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            try:
                self.get("/_stcore/health")
            except OSError:
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            self._log.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


COMMANDS = {
    "streamlit": ["streamlit", "run", "app.py", "--server.port", "PORT"],
    "uvicorn": ["uvicorn", "app:app", "--port", "PORT"],
}


@pytest.fixture(params=COMMANDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "page.py").write_text(PAGE)
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(
        '[server]\nheadless = true\naddress = "127.0.0.1"\ndisconnectedSessionTTL = 1\n'
        "[browser]\ngatherUsageStats = false\n"
    )
    server = Server(tmp_path, COMMANDS[request.param])
    try:
        server.wait()
        yield server
    finally:
        server.stop()


async def test_a_page_and_its_sessions(server: Server) -> None:
    async with Browser(server.address) as first, Browser(server.address, page="settings") as second:
        assert second.texts == ["two"]
        await first.say("hello")
        await first.rerun()
        assert first.texts == ["hello", "You said hello"]
        assert server.value("streamlit_sessions_active") == 2
        assert server.value("streamlit_websocket_connections") == 2

        loads = server.value('streamlit_page_load_seconds_count{page="page"}')
        await first.click("again")  # a fragment's rerun is no page load
        assert first.texts == ["again"]
        assert server.value('streamlit_page_load_seconds_count{page="page"}') == loads == 3

        await first.click("fail")
        assert first.errors == ["RuntimeError"]
        await first.rerun()
        await first.click("slow")

        session = first.session
        await first.close()
        server.wait_for("streamlit_websocket_connections", 1)
        await first.open()
        assert first.session == session

    async with Browser(server.address, page="no-such-page?secret=1") as lost, Browser(server.address) as other:
        await lost.say("hello")
        await other.rerun()
    server.wait_for("streamlit_sessions_active", 0)
    server.wait_for("streamlit_session_duration_seconds_count", 4)

    assert server.value('streamlit_errors_total{exception="RuntimeError",page="page"}') == 1
    assert server.value('streamlit_page_load_seconds_count{page="settings"}') == 1
    assert server.value('streamlit_chat_messages_total{role="user"}') == 2
    assert server.value('streamlit_chat_messages_total{role="assistant"}') == 2
    assert server.value('coaching_sessions_total{channel="chat"}') == 3
    assert server.value('ai_monitoring_instrumentation_errors_total{component="streamlit"}') == 0
    metrics = server.get("/metrics")
    assert set(re.findall(r'page_load_seconds_count{page="([^"]*)"', metrics)) == {"page", "settings"}
    assert re.search(r"Slow request: page page ran for 0\.[6-9]\d s", server.log)
    assert server.get("/own") == "mine"


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AI_MONITORING_METRICS_TOKEN", "made-up")
    return "made-up"


@pytest.mark.parametrize("server", ["uvicorn"], indirect=True)
def test_metrics_may_ask_for_a_token(token: str, server: Server) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        server.get("/metrics")
    assert "streamlit_sessions_active 0.0" in server.get("/metrics", token)
