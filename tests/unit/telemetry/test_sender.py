import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsPartialSuccess, ExportLogsServiceResponse
from otlp_receiver import receiving
from prometheus_client import CollectorRegistry

from ai_monitoring.telemetry import sender as sender_module
from ai_monitoring.telemetry.answer import MAX_BYTES
from ai_monitoring.telemetry.counts import LogCounts
from ai_monitoring.telemetry.outbox import Batch, Outbox
from ai_monitoring.telemetry.sender import Sender
from ai_monitoring.telemetry.settings import LogSettings

DRIPS = 500


class Answering(ThreadingHTTPServer):
    """Answers each request as `answer` does. `connections` counts those made; `held_out` is set by a whole drip."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: "Callable[[_Handler], None]") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.held_out = threading.Event()
        self.ended = threading.Event()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/logs"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Answering
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.server.requests.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.answer(self)

    def head(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def drip(self, content: bytes) -> None:
        """Ten milliseconds a byte, or until the client hangs up."""
        try:
            for byte in content:
                self.wfile.write(bytes([byte]))
                threading.Event().wait(0.01)
            self.server.held_out.set()
        finally:
            self.server.ended.set()

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def answering(answer: Callable[[_Handler], None]) -> Iterator[Answering]:
    with Answering(answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Sending:
    """A sender whose thread is not started: each `once` is one attempt. It returns the seconds to the next."""

    def __init__(self, endpoint: str, lines: int = 5, **settings: Any) -> None:
        self.registry = CollectorRegistry()
        self.outbox = Outbox()
        self.batch = Batch(lines, b"content")
        self.outbox.put(self.batch)
        self.sender = Sender(
            LogSettings(service="shop", endpoint=endpoint, **settings), self.outbox, LogCounts(self.registry)
        )

    def once(self) -> float:
        return self.sender._send(self.batch, 0.5)

    @property
    def shipped(self) -> float | None:
        return self.registry.get_sample_value("ai_monitoring_log_records_shipped_total")

    @property
    def rejected(self) -> float | None:
        return self.registry.get_sample_value("ai_monitoring_log_records_lost_total", {"reason": "rejected"})


@contextmanager
def sending(endpoint: str, **settings: Any) -> Iterator[Sending]:
    found = Sending(endpoint, **settings)
    yield found
    found.sender._connection.close()


@pytest.mark.parametrize(("told", "waited"), [(7, 7.0), (0, 0.5), (3600, 60.0)])
def test_the_receiver_says_when_to_come_again(told: int, waited: float) -> None:
    with (
        receiving(mode=429, retry_after=told) as receiver,
        sending(f"{receiver.address}/v1/logs") as it,
    ):
        assert it.once() == waited
        assert it.outbox.lines == 5


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_what_would_be_refused_again_is_lost(status: int) -> None:
    with receiving(mode=status, retry_after=7) as receiver, sending(f"{receiver.address}/v1/logs") as it:
        assert it.once() == 0
        assert (it.outbox.lines, it.shipped, it.rejected) == (0, 0, 5)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_kept(status: int) -> None:
    with receiving(mode=status) as receiver, sending(f"{receiver.address}/v1/logs") as it:
        assert it.once() == 0.5
        assert (it.outbox.lines, it.shipped, it.rejected) == (5, 0, 0)


def test_what_may_pass_is_sent_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "FIRST_PAUSE", 0.01)
    statuses = [500, 503, 200, 502, 200, 200]

    def answer(request: _Handler) -> None:
        request.send_response(statuses.pop(0))
        request.send_header("Content-Length", "0")
        request.end_headers()

    with answering(answer) as server:
        outbox = Outbox()
        for content in (b"one", b"two", b"three"):
            outbox.put(Batch(1, content))
        sender = Sender(
            LogSettings(service="shop", endpoint=server.endpoint), outbox, LogCounts(registry := CollectorRegistry())
        )
        sender.thread.start()
        assert outbox.wait_until_empty(10)
        sender.stop()
        outbox.close()
        sender.thread.join(10)
    assert server.requests == [b"one", b"one", b"one", b"two", b"two", b"three"]
    assert registry.get_sample_value("ai_monitoring_log_records_shipped_total") == 3


@pytest.mark.parametrize(("left_out", "expected"), [(2, (3, 2)), (0, (5, 0)), (99, (0, 5))])
def test_what_the_receiver_left_out_is_lost(left_out: int, expected: tuple[int, int]) -> None:
    partial = ExportLogsPartialSuccess(rejected_log_records=left_out)
    content = ExportLogsServiceResponse(partial_success=partial).SerializeToString()

    def answer(request: _Handler) -> None:
        request.head(len(content))
        request.wfile.write(content)

    with answering(answer) as server, sending(server.endpoint) as it:
        assert it.once() == 0
        assert (it.shipped, it.rejected) == expected


def test_a_connection_that_was_closed_between_two_batches_is_made_anew() -> None:
    def answer(request: _Handler) -> None:
        request.head(0)
        request.close_connection = len(server.requests) == 1  # without a word of it

    with answering(answer) as server, sending(server.endpoint) as it:
        assert it.once() == 0
        it.outbox.put(it.batch)
        while it.once():
            assert server.connections < 3
        assert (server.connections, it.shipped) == (2, 10)
        it.outbox.put(it.batch)
        assert it.once() == 0
        assert server.connections == 2


def test_an_answer_whose_content_trickles_in_is_left_at_the_deadline() -> None:
    def answer(request: _Handler) -> None:
        request.head(DRIPS)
        request.drip(b"x" * DRIPS)

    with answering(answer) as server, sending(server.endpoint, timeout=0.2) as it:
        assert it.once() == 0
        assert (it.shipped, it.outbox.lines) == (5, 0)
        assert server.ended.wait(10)
        assert not server.held_out.is_set()


def test_an_answer_whose_head_trickles_in_is_left_at_the_deadline() -> None:
    def answer(request: _Handler) -> None:
        request.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * DRIPS)

    with answering(answer) as server, sending(server.endpoint, timeout=0.2) as it:
        assert it.once() == 0.5
        assert (it.shipped, it.outbox.lines) == (0, 5)
        assert server.ended.wait(10)
        assert not server.held_out.is_set()


def test_an_answer_that_says_too_much_is_not_read_to_its_end() -> None:
    def answer(request: _Handler) -> None:
        request.head(MAX_BYTES + 1)
        request.wfile.write(b"x" * (MAX_BYTES + 1))

    with answering(answer) as server, sending(server.endpoint) as it:
        for _ in range(2):
            assert it.once() == 0
            it.outbox.put(it.batch)
        assert (server.connections, it.shipped) == (2, 10)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="a certificate is made with openssl")
def test_the_certificate_that_is_named_is_trusted_and_no_other(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=receiver"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*command.split(), *names], check=True, capture_output=True, timeout=20)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with answering(lambda request: request.head(0)) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        endpoint = server.endpoint.replace("http:", "https:")
        with sending(endpoint) as stranger:
            assert stranger.once() == 0.5
        with sending(endpoint, certificate=str(certificate)) as it:
            assert it.once() == 0
        assert (stranger.shipped, it.shipped, server.requests) == (0, 5, [b"content"])
