"""An OTLP/HTTP receiver on loopback: keeps what it is sent, and fails to order."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Mode = Literal["ok", "hang"] | int
"""How it answers: takes all, never answers, or answers that status."""


class Receiver(ThreadingHTTPServer):
    """Takes logs at paths that end in /logs, traces at /traces. `requests` has each path and its content, unzipped."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int = 0, mode: Mode = "ok", retry_after: int | None = None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.mode: Mode = mode
        self.retry_after = retry_after
        self.requests: list[tuple[str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.refused = 0
        self.stopping = threading.Event()
        self.changed = threading.Condition()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def records(self) -> list[Any]:
        """The log records taken so far, in order, as protobuf messages."""
        return [
            record
            for path, body in list(self.requests)
            if path.endswith("/logs")
            for resource in ExportLogsServiceRequest.FromString(body).resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]

    def lines(self) -> list[str]:
        return [record.body.string_value for record in self.records()]

    def spans(self) -> list[Any]:
        return [
            span
            for path, body in list(self.requests)
            if path.endswith("/traces")
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def wait_for_lines(self, count: int, seconds: float = 20.0) -> list[str]:
        """The lines, once there are that many; raises TimeoutError otherwise."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.lines()) >= count, seconds):
                raise TimeoutError(f"{len(self.lines())} of {count} lines came")
        return self.lines()

    def wait_for_refusal(self, count: int = 1, seconds: float = 20.0) -> None:
        with self.changed:
            if not self.changed.wait_for(lambda: self.refused >= count, seconds):
                raise TimeoutError(f"{self.refused} of {count} requests were refused")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver = self.server
        if receiver.mode == "hang":
            self._tell(refused=True)
            receiver.stopping.wait(60)
            self.close_connection = True
            return
        status = 200 if receiver.mode == "ok" else receiver.mode
        if status == 200:
            content = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            receiver.headers.append(dict(self.headers.items()))
            receiver.requests.append((self.path, content))
        # Loki's own protocol answers without content.
        self.send_response(204 if status == 200 and self.path.endswith("/push") else status)
        if receiver.retry_after is not None:
            self.send_header("Retry-After", str(receiver.retry_after))
        self.send_header("Content-Length", "0")
        self.end_headers()
        self._tell(refused=status != 200)

    def _tell(self, *, refused: bool) -> None:
        with self.server.changed:
            self.server.refused += refused
            self.server.changed.notify_all()

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def receiving(port: int = 0, mode: Mode = "ok", retry_after: int | None = None) -> Iterator[Receiver]:
    """A receiver that runs inside the block."""
    with Receiver(port, mode, retry_after) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.stopping.set()
            receiver.shutdown()
            thread.join()


@contextmanager
def black_hole() -> Iterator[str]:
    """The address of a socket that no connection is ever accepted at: its queue is full, so connecting waits."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, socket.create_connection(server.getsockname()):
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
