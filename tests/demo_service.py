"""A service of the demo as a rehearsal meets it: real HTTP, real orders (examples/control.py); it knows what came."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from examples.control import Standing


@dataclass
class Demo:
    """The service; `asked` are its other requests: method, path, body."""

    standing: Standing
    port: int = 0
    asked: list[tuple[str, str, str]] = field(default_factory=list)


@contextmanager
def demo_service(name: str, *orders: str) -> Iterator[Demo]:
    """Answers at `/control` as that part of the demo, which knows these orders, and 204 elsewhere."""
    demo = Demo(Standing(name, frozenset(orders)))

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path != "/control":
                demo.asked.append((self.command, self.path, body.decode()))
                self.send_response(204)
                self.end_headers()
                return
            content, status = demo.standing.answer(self.command, self.headers.get("Content-Type", ""), body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  # http.server's own names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        demo.port = int(server.server_address[1])
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield demo
        finally:
            server.shutdown()
            thread.join()
