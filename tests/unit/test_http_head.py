from asyncio import StreamReader

import pytest

from ai_monitoring.http_head import Head, read_head, write_head


async def read(raw: bytes, limit: int = 65536) -> Head | None:
    reader = StreamReader(limit)
    reader.feed_data(raw)
    reader.feed_eof()
    return await read_head(reader)


async def test_a_head_is_read_as_it_was_written() -> None:
    head = await read(write_head("GET / HTTP/1.1", [("Host", "a"), ("Accept", "text/plain;q=0.5, */*")]) + b"body")
    assert head == Head("GET / HTTP/1.1", [("Host", "a"), ("Accept", "text/plain;q=0.5, */*")])


async def test_nothing_is_no_head() -> None:
    assert await read(b"") is None


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET / HTTP/1.1\r\n: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
        b"GET /\n HTTP/1.1\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: a\r\n\r\n",
    ],
)
async def test_what_servers_read_in_two_ways_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="header"):
        await read(raw)


async def test_a_head_has_a_greatest_length() -> None:
    with pytest.raises(ValueError, match="too long"):
        await read(b"GET / HTTP/1.1\r\nX: " + b"x" * 200 + b"\r\n\r\n", limit=100)


def test_headers_are_chosen_by_name_in_any_case() -> None:
    head = Head("", [("ACCEPT", "a"), ("Cookie", "b"), ("accept", "c")])
    assert head.only("accept") == [("ACCEPT", "a"), ("accept", "c")]
    assert head.without("accept") == [("Cookie", "b")]
