from pathlib import Path

import pytest

from ai_monitoring.host_link.address import Address
from ai_monitoring.host_link.declared import Declared
from ai_monitoring.host_link.order import Refused, parse_order
from ai_monitoring.http_head import Head

NAMES = {"django:1": Address("127.0.0.1", 8002), "b:2": Address("::1", 8002), "c:3": Address("127.0.0.1", 443)}
DECLARED = Declared(Path("none"), NAMES)


@pytest.mark.parametrize(
    ("line", "first_line", "host"),
    [
        ("GET /http/127.0.0.1:8002/metrics HTTP/1.1", "GET /metrics HTTP/1.1", "127.0.0.1:8002"),
        ("HEAD /http/127.0.0.1:8002/health/ HTTP/1.0", "HEAD /health/ HTTP/1.1", "127.0.0.1:8002"),
        ("GET /http/127.0.0.1:8002 HTTP/1.1", "GET / HTTP/1.1", "127.0.0.1:8002"),
        ("GET /http/127.0.0.1:8002?a=/b HTTP/1.1", "GET /?a=/b HTTP/1.1", "127.0.0.1:8002"),
        ("GET /http/%5B::1%5D:8002/a%20b?c=%2F HTTP/1.1", "GET /a%20b?c=%2F HTTP/1.1", "[::1]:8002"),
        ("GET /http/django:1/metrics HTTP/1.1", "GET /metrics HTTP/1.1", "127.0.0.1:8002"),
        ("GET /https/127.0.0.1/metrics HTTP/1.1", "GET /metrics HTTP/1.1", "127.0.0.1:443"),
    ],
)
def test_a_path_becomes_a_request_to_the_service(line: str, first_line: str, host: str) -> None:
    sent = parse_order(Head(line, []), DECLARED).head().decode().split("\r\n")
    assert sent == [first_line, f"Host: {host}", "Connection: close", "", ""]


def test_of_the_headers_a_scraper_needs_some_pass_and_no_other() -> None:
    passed = [
        ("Authorization", "Bearer a"),
        ("Accept", "text/plain"),
        ("Accept-Encoding", "gzip"),
        ("X-Prometheus-Scrape-Timeout-Seconds", "10"),
        ("User-Agent", "Prometheus/3.14.0"),
    ]
    others = [("Host", "evil"), ("Cookie", "a"), ("X-Forwarded-For", "b"), ("Connection", "keep-alive"), ("TE", "c")]
    order = parse_order(Head("GET /http/127.0.0.1:8002/ HTTP/1.1", [*others, *passed]), DECLARED)
    assert order.headers == passed


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("", 400, "not an HTTP/1 request"),
        ("GET /", 400, "not an HTTP/1 request"),
        ("GET / HTTP/2", 400, "not an HTTP/1 request"),
        ("GET /a b HTTP/1.1", 400, "not an HTTP/1 request"),
        ("POST /http/127.0.0.1:8002/ HTTP/1.1", 405, "Only GET and HEAD"),
        ("CONNECT 127.0.0.1:8002 HTTP/1.1", 405, "Only GET and HEAD"),
        ("GET / HTTP/1.1", 404, "/http/HOST:PORT/PATH"),
        ("GET /metrics HTTP/1.1", 404, "/http/HOST:PORT/PATH"),
        ("GET /file/127.0.0.1:8002/ HTTP/1.1", 404, "/http/HOST:PORT/PATH"),
        ("GET http://127.0.0.1:8002/ HTTP/1.1", 404, "/http/HOST:PORT/PATH"),
        ("GET /http/127.0.0.1:x/ HTTP/1.1", 400, "not HOST:PORT"),
        ("GET /http/a%20b/ HTTP/1.1", 403, "not on this host's loopback"),
        ("GET /http/127.0.0.1:8002@10.0.0.1/ HTTP/1.1", 400, "not HOST:PORT"),
        ("GET /http/10.0.0.1:80/ HTTP/1.1", 403, "not on this host's loopback"),
        ("GET /http/169.254.169.254/latest/meta-data HTTP/1.1", 403, "not on this host's loopback"),
        ("GET /http/localhost.example:80/ HTTP/1.1", 403, "not on this host's loopback"),
        ("GET /http/127.0.0.1:2375/containers/json HTTP/1.1", 403, "prometheus/targets/services.yml"),
        ("GET /http/127.0.0.1/../127.0.0.1:8002/ HTTP/1.1", 403, "127.0.0.1:80 is not declared"),
    ],
)
def test_everything_else_is_refused_with_the_reason(line: str, status: int, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        parse_order(Head(line, []), DECLARED)
    assert refused.value.status == status
