"""The embedded backend under attack, over its real ports, while lines keep coming: no crash, no 500, no stall."""

import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import cramjam
import grpc
import httpx2
import psutil
import pytest
from embedded_process import Backend, backend
from websockets.sync.client import connect

from ai_monitoring.embedded.process import FILE
from ai_monitoring.embedded.store.records import Line
from ai_monitoring.embedded.store.writer import Writer

LINES = 100_000
HOUR = 3600 * 10**9
MOST_BYTES = 200 * 10**6
MOST_SECONDS = 5.0
"""That a push or a look at the health may take under attack: generous, since other tests share the two cores."""
EVERYTHING = '{service_name=~".+"}'
JSON, PROTOBUF = {"Content-Type": "application/json"}, {"Content-Type": "application/x-protobuf"}


def fill(data: Path) -> None:
    """Lines of the last hour in JSON."""
    data.mkdir()
    begin = time.time_ns() - HOUR
    with Writer(data / FILE) as writer:
        for first in range(0, LINES, 2_000):
            lines = [
                Line(
                    (("service_name", f"service-{number % 6}"),),
                    begin + HOUR * number // LINES,
                    json.dumps({"n": number, "path": f"/api/{number % 40}", "took": {"ms": number % 900}}),
                    ("info", "error")[number % 9 == 0],
                    (("trace_id", f"{number:032x}"),),
                )
                for number in range(first, first + 2_000)
            ]
            writer.write_lines(lines).result()


class Watch(threading.Thread):
    """Pushes lines and looks at health and memory, until `end`."""

    def __init__(self, found: Backend) -> None:
        super().__init__()
        self._found, self._ended = found, threading.Event()
        self._process = psutil.Process(found.process.pid)
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0
        self.most_bytes = 0

    def run(self) -> None:
        with httpx2.Client(timeout=60) as client:
            while not self._ended.wait(0.05):
                values = [[str(time.time_ns() + number), f"pushed {number}"] for number in range(100)]
                push = {"streams": [{"stream": {"app": "attacked"}, "values": values}]}
                begin = time.monotonic()
                health = client.get(f"{self._found.at('metrics')}/health")
                pushed = client.post(f"{self._found.at('loki')}/loki/api/v1/push", json=push)
                self.slowest = max(self.slowest, time.monotonic() - begin)
                self.statuses.update((health.status_code, pushed.status_code))
                self.most_bytes = max(self.most_bytes, self._process.memory_info().rss)

    def end(self) -> None:
        self._ended.set()
        self.join()


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    data = tmp_path_factory.mktemp("attacked") / "data"
    fill(data)
    with backend(data) as found:
        yield found


@pytest.fixture
def watched(attacked: Backend) -> Iterator[Backend]:
    """What every attack must leave intact."""
    watch = Watch(attacked)
    watch.start()
    try:
        yield attacked
    finally:
        watch.end()
    assert attacked.process.poll() is None, "it runs on"
    assert set(watch.statuses) <= {200, 204, 503}, watch.statuses
    assert watch.statuses[204] > watch.statuses[503]
    assert watch.slowest < MOST_SECONDS, f"it stood still for {watch.slowest:.1f} s"
    assert watch.most_bytes < MOST_BYTES, f"it took {watch.most_bytes / 1e6:.0f} MB"


Request = tuple[str, str, dict[str, str], bytes]


def statuses(requests: Sequence[Request], at_a_time: int = 8) -> Counter[int]:
    with httpx2.Client(timeout=60) as client, ThreadPoolExecutor(at_a_time) as pool:

        def ask(request: Request) -> int:
            method, address, headers, content = request
            return client.request(method, address, headers=headers, content=content).status_code

        return Counter(pool.map(ask, requests))


def expensive(found: Backend) -> Iterator[Request]:
    begin = time.time_ns() - HOUR
    for query, step in (
        (f'{EVERYTHING} | json | took_ms="none"', "60"),
        (f"quantile_over_time(0.99, {EVERYTHING} | json | unwrap took_ms [1h]) by (service_name)", "2"),
        (f"sum by (n) (count_over_time({EVERYTHING} | json [1h]))", "60"),
        (f"count_over_time({EVERYTHING}[1h])", "1ms"),
        (f'{EVERYTHING} |~ "(a|b)+.*[0-9]{{3,40}}zz"', "60"),
        (f'{EVERYTHING} |~ "{"|".join(f"word{number}" for number in range(3_000))}"', "60"),
        (EVERYTHING + " | line_format `{{__line__}}{{__line__}}{{__line__}}{{__line__}}`" * 12, "60"),
        ("sum(" * 100 + f"rate({EVERYTHING}[1m])" + ")" * 100, "1"),
    ):
        given = urlencode({"query": query, "step": step, "start": begin, "limit": 5_000})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        yield "POST", f"{found.at('loki')}/loki/api/v1/query_range", form, given.encode()
    for path in ("labels", "series", "index/volume_range?query=%7B%7D&step=10", "detected_fields?query=" + EVERYTHING):
        yield "GET", f"{found.at('loki')}/loki/api/v1/{path}", {}, b""
    for query in ("{ " + " || ".join(f".a{number} = {number}" for number in range(200)) + " }", "{} >> {} >> {}"):
        yield "GET", f"{found.at('tempo')}/api/search?{urlencode({'q': query})}", {}, b""


def test_expensive_queries(watched: Backend) -> None:
    assert set(statuses([*expensive(watched)] * 2)) <= {200, 400, 429, 504}


def heavy() -> Iterator[tuple[str, dict[str, str], bytes]]:
    size = 4 * 2**20 - 100
    yield "loki", JSON, b'{"streams": [' + b'"ab",' * (size // 5) + b"1]}"
    yield "loki", JSON, b'{"streams": [' + b'{"a": 1},' * 199_000 + b"1]}"
    now = time.time_ns()
    values = b",".join(b'["%d", "%d"]' % (now + number, number) for number in range(size // 30))
    yield "loki", JSON, b'{"streams": [{"stream": {"app": "heavy"}, "values": [' + values + b"]}]}"
    yield "loki", PROTOBUF, bytes(cramjam.snappy.compress_raw(b"\x0a\x00" * (size // 2)))
    yield "otlp-http", PROTOBUF, inside((1, 2, 2), b"\x32\x00" * (size // 3))
    yield "otlp-http", PROTOBUF, inside((1, 2, 2, 5, 5), b"\x0a\x00" * (size // 3))
    yield "otlp-http", PROTOBUF, inside((1, 1), b"\x0a\x00" * (size // 3))
    attributes = b",".join(b'{"key": "a%d", "value": {"stringValue": ""}}' % number for number in range(60_000))
    record = b'{"timeUnixNano": "%d", "attributes": [%s]}' % (now, attributes)
    yield "otlp-http", JSON, b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [%s]}]}]}' % record


def inside(path: Sequence[int], content: bytes) -> bytes:
    """A message within messages, each the field of that number."""
    for number in reversed(path):
        length, rest = bytearray(), len(content)
        while rest > 127:
            length.append(rest & 127 | 128)
            rest >>= 7
        content = bytes([number << 3 | 2, *length, rest]) + content
    return content


def test_bodies_that_take_much_memory(watched: Backend) -> None:
    paths = {"loki": "/loki/api/v1/push", "otlp-http": "/v1/logs"}
    requests = [("POST", watched.at(service) + paths[service], headers, body) for service, headers, body in heavy()]
    assert set(statuses(requests * 2, 4)) <= {200, 204, 400, 413, 503}


def test_noise_on_every_port(watched: Backend) -> None:
    source = random.Random(5)  # noqa: S311
    noise = [source.randbytes(source.randrange(1, 2_000)) for _ in range(60)]
    host = b"Host: 127.0.0.1\r\n"
    noise += [
        b"GET / HTTP/1.1\r\n" + host + b"X: " + b"a" * 500_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /static/../../../../etc/passwd HTTP/1.1\r\n" + host + b"\r\n",
        b"POST /loki/api/v1/push HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n",
        b"GET /loki/api/v1/tail?query=%7B HTTP/1.1\r\n" + host + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
    ]
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(answer, [(port, one) for port in watched.ports.values() for one in noise]))
    assert not [one for one in answers if b" 500 " in one]
    assert any(b"HTTP/1.1 400" in one for one in answers)


def answer(given: tuple[int, bytes]) -> bytes:
    port, sent = given
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
        try:
            connection.sendall(sent)
            return connection.recv(100)
        except OSError:
            return b""


def test_hundreds_of_connections_that_say_nothing(watched: Backend) -> None:
    half = b"POST /loki/api/v1/push HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"
    with ExitStack() as open_:
        for number in range(300):
            port = [*watched.ports.values()][number % len(watched.ports)]
            connection = open_.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            connection.sendall(half)
        addresses = [watched.at(service) for service in ("viewer", "loki", "tempo", "metrics")]
        assert set(statuses([("GET", f"{address}/health", {}, b"") for address in addresses])) == {200}


def test_ends_soon_whatever_is_open(tmp_path: Path) -> None:
    fill(tmp_path / "data")
    with backend(tmp_path / "data") as found, ExitStack() as open_:
        tail = f"{found.at('loki').replace('http', 'ws')}/loki/api/v1/tail?{urlencode({'query': EVERYTHING})}"
        assert open_.enter_context(connect(tail, close_timeout=1)).recv(timeout=10)
        for port in found.ports.values():
            connection = open_.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall(b"POST /loki/api/v1/push HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{")
        channel = open_.enter_context(grpc.insecure_channel(f"127.0.0.1:{found.ports['otlp-grpc']}"))
        grpc.channel_ready_future(channel).result(10)
        pool = open_.enter_context(ThreadPoolExecutor(8))
        asked = [pool.submit(statuses, [request]) for request in [*expensive(found)][:2]]
        time.sleep(0.5)
        begin = time.monotonic()
        status, said = found.end()
        assert time.monotonic() - begin < 6
        assert (status, "Traceback" in said) == (0, False), said
        assert {code for one in asked for code in one.result()} <= {200, 503}
