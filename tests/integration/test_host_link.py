"""Services on this machine's loopback, scraped and probed through door and link by the real programs."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from programs import SUITES, programs
from waiting import free_ports, until
from watch import ROOT

RULES = Path(__file__).with_name("host_link.yml")
ELSEWHERE = "192.0.2.1:8010"
"""No machine has this address."""


class Service(BaseHTTPRequestHandler):
    """A service that wants a token for its metrics and knows its own name."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        known = self.path in ("/metrics/", "/health") and self.headers["Host"] in self.server.names  # type: ignore[attr-defined]
        allowed = self.path == "/health" or self.headers["Authorization"] == "Bearer secret"
        body = b"answers 42\n"
        self.send_response(200 if known and allowed else 404)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # http.server's own name
        pass


@contextmanager
def serve() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        port: int = server.server_address[1]
        server.names = (f"127.0.0.1:{port}", f"localhost:{port}")  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield port
        server.shutdown()
        thread.join()


@contextmanager
def process(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("w") as output:
        started = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def host_link(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "ai_monitoring.host_link", *map(str, arguments)]


def answer(address: str) -> tuple[int, str]:
    """The status and the text that a GET is answered."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def configure(folder: Path, service: int, door: int, blackbox: int) -> None:
    text = RULES.read_text(encoding="utf-8").replace("host-link:9404", f"127.0.0.1:{door}")
    text = text.replace("127.0.0.1:9115", f"127.0.0.1:{blackbox}")
    text = text.replace("job_name: services", "job_name: services\n    authorization: { credentials: secret }")
    (folder / "prometheus.yml").write_text(text, encoding="utf-8")
    (folder / "targets").mkdir()
    (folder / "targets" / "services.yml").write_text(
        f"- targets: ['127.0.0.1:{service}', 'localhost:{service}', '{ELSEWHERE}']\n"
        "  labels: { service: shop, __metrics_path__: /metrics/ }\n",
        encoding="utf-8",
    )


@pytest.mark.parametrize("suite", SUITES)
def test_services_of_the_loopback_are_scraped_and_probed(suite: str, tmp_path: Path) -> None:
    door, blackbox, prometheus = free_ports(3)
    with ExitStack() as stack:
        service = stack.enter_context(serve())
        configure(tmp_path, service, door, blackbox)
        for number, command in enumerate(commands(tmp_path, suite, door, blackbox, prometheus)):
            stack.enter_context(process(command, tmp_path / f"{number}.log"))

        def found(query: str) -> dict[str, str]:
            quoted = urllib.parse.quote(query)
            result = json.loads(answer(f"http://127.0.0.1:{prometheus}/api/v1/query?query={quoted}")[1])["data"][
                "result"
            ]
            return {series["metric"]["instance"]: series["value"][1] for series in result}

        names = (f"127.0.0.1:{service}", f"localhost:{service}")
        until(lambda: found('answers{service="shop"}') == dict.fromkeys(names, "42"), 40)
        until(lambda: found("probe_success == 1") == dict.fromkeys(names, "1"), 40)
        targets = json.loads(answer(f"http://127.0.0.1:{prometheus}/api/v1/targets")[1])["data"]["activeTargets"]
        assert f"http://{ELSEWHERE}/metrics/" in {target["scrapeUrl"] for target in targets}, "that goes direct"


def commands(folder: Path, suite: str, door: int, blackbox: int, prometheus: int) -> list[list[str]]:
    return [
        host_link("link", folder / "link.sock", "--targets", folder / "targets"),
        host_link("door", folder / "link.sock", door),
        [
            str(programs("bookworm") / "prometheus-blackbox-exporter"),
            f"--config.file={ROOT / 'blackbox' / 'blackbox.yml'}",
            f"--web.listen-address=127.0.0.1:{blackbox}",
        ],
        [
            str(programs(suite) / "prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{prometheus}",
        ],
    ]


def test_what_is_declared_alone_is_reached_and_a_signal_ends_both_ends(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    targets = tmp_path / "targets"
    targets.mkdir()
    with (
        serve() as service,
        process(host_link("link", tmp_path / "link.sock", "--targets", targets), tmp_path / "link.log") as link,
        process(host_link("door", tmp_path / "link.sock", port), tmp_path / "door.log") as door,
    ):
        until(lambda: answer(f"http://127.0.0.1:{port}/health") == (200, "ok\n"), 40)
        assert oct((tmp_path / "link.sock").stat().st_mode)[-3:] == "660"
        asked = f"http://127.0.0.1:{port}/http/127.0.0.1:{service}/health"
        assert answer(asked)[0] == 403
        (targets / "services.yml").write_text(f"- targets: [127.0.0.1:{service}]\n", encoding="utf-8")
        assert answer(asked) == (200, "answers 42\n")
        for end in (link, door):
            os.kill(end.pid, signal.SIGTERM)
            assert end.wait(10) == 0


def test_an_address_that_is_allowed_by_hand_is_on_loopback(tmp_path: Path) -> None:
    command = host_link("link", tmp_path / "link.sock", "--name", "shop:80=10.0.0.1:80")
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "10.0.0.1:80 is not on loopback" in result.stderr
