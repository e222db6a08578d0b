import asyncio
from asyncio import StreamReader, StreamWriter
from pathlib import Path

import pytest
from host_link import ask, get, link_and_door, listening, says

from ai_monitoring.host_link.address import Address
from ai_monitoring.host_link.declared import Declared
from ai_monitoring.host_link.link import Limits

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"


def allowing(*ports: int) -> Declared:
    return Declared(Path("none"), {f"service:{port}": Address("127.0.0.1", port) for port in ports})


async def test_an_answer_comes_through_as_the_service_gave_it(tmp_path: Path) -> None:
    chunked = (
        b"HTTP/1.1 503 Not now\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n%s\r\n2\r\nhi\r\n0\r\n\r\n"
    )
    async with (
        listening(says(chunked % b"Keep-Alive: timeout=5\r\n")) as service,
        link_and_door(tmp_path, allowing(service)) as door,
    ):
        assert await get(door, f"/http/127.0.0.1:{service}/health") == chunked % b"Connection: close\r\n"


async def test_the_service_reads_what_the_scraper_wrote(tmp_path: Path) -> None:
    read = bytearray()

    async def service(reader: StreamReader, writer: StreamWriter) -> None:
        read.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)
        writer.close()

    async with listening(service) as port, link_and_door(tmp_path, allowing(port)) as door:
        await get(door, f"/http/127.0.0.1:{port}/metrics?x=1", "Authorization: Bearer a\r\nCookie: b\r\n")
    assert read.decode().split("\r\n") == [
        "GET /metrics?x=1 HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Authorization: Bearer a",
        "Connection: close",
        "",
        "",
    ]


async def test_an_endless_answer_is_carried_as_it_comes(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def service(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nfirst\n")
        await go_on.wait()
        writer.close()

    async with listening(service) as port, link_and_door(tmp_path, allowing(port)) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door)
        writer.write(f"GET /http/127.0.0.1:{port}/ HTTP/1.1\r\n\r\n".encode())
        assert (await asyncio.wait_for(reader.readuntil(b"first\n"), 20)).startswith(b"HTTP/1.1 200 OK\r\n")
        go_on.set()
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    ("request_", "status", "reason"),
    [
        ("GET /health HTTP/1.1\r\n\r\n", 200, b"ok\n"),
        ("GET /http/127.0.0.1:1/ HTTP/1.1\r\n\r\n", 403, b"127.0.0.1:1 is not declared"),
        ("POST /http/127.0.0.1:1/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405, b"Only GET and HEAD"),
        ("GET / HTTP/1.1\r\nno header\r\n\r\n", 400, b"not an HTTP/1 request"),
        ("\x16\x03\x01\r\n\r\n", 400, b"not an HTTP/1 request"),
        ("GET / HTTP/1.1\r\nX: " + 70_000 * "x" + "\r\n\r\n", 400, b"too long"),
    ],
)
async def test_what_is_not_forwarded_is_answered_with_the_reason(
    tmp_path: Path, request_: str, status: int, reason: bytes
) -> None:
    async with link_and_door(tmp_path, allowing()) as door:
        answer = await ask(door, request_)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert reason in answer


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9\r\n\r\n", b"HTTP/1.1 200 OK\r\nX", b"HTTP/1.1 200\r\nX\r\n\r\n"]
)
async def test_a_service_that_speaks_no_http_is_named(tmp_path: Path, answer: bytes) -> None:
    async with listening(says(answer)) as service, link_and_door(tmp_path, allowing(service)) as door:
        refusal = await get(door, f"/http/127.0.0.1:{service}/")
    assert refusal.startswith(b"HTTP/1.1 502 ")
    assert f"127.0.0.1:{service} does not answer as HTTP does".encode() in refusal


async def test_a_service_that_is_not_there_is_named(tmp_path: Path, unused_tcp_port: int) -> None:
    async with link_and_door(tmp_path, allowing(unused_tcp_port)) as door:
        refusal = await get(door, f"/http/127.0.0.1:{unused_tcp_port}/")
    assert refusal.startswith(b"HTTP/1.1 502 ")
    assert f"127.0.0.1:{unused_tcp_port} cannot be reached: nothing listens there.\n".encode() in refusal


async def test_a_service_that_hangs_is_given_up(tmp_path: Path) -> None:
    async def service(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with (
        listening(service) as port,
        link_and_door(tmp_path, allowing(port), Limits(seconds=0.2)) as door,
    ):
        refusal = await get(door, f"/http/127.0.0.1:{port}/")
    assert refusal.startswith(b"HTTP/1.1 502 ")
    assert b"within 0.2 seconds" in refusal


async def test_an_answer_that_is_too_long_is_cut_off(tmp_path: Path) -> None:
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + 3000 * b"x"
    async with (
        listening(says(long)) as service,
        link_and_door(tmp_path, allowing(service), Limits(body_bytes=1000)) as door,
    ):
        answer = await get(door, f"/http/127.0.0.1:{service}/")
    assert len(answer) < 3000


async def test_more_requests_than_allowed_are_sent_away(tmp_path: Path) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def service(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await go_on.wait()
        writer.write(OK)
        writer.close()

    async with (
        listening(service) as port,
        link_and_door(tmp_path, allowing(port), Limits(requests=1)) as door,
    ):
        first = asyncio.create_task(get(door, f"/http/127.0.0.1:{port}/"))
        await arrived.wait()
        assert (await get(door, f"/http/127.0.0.1:{port}/")).startswith(b"HTTP/1.1 503 ")
        go_on.set()
        assert (await first).endswith(b"hi")
        assert (await get(door, f"/http/127.0.0.1:{port}/")).endswith(b"hi")


async def test_a_door_without_its_link_hangs_up(tmp_path: Path) -> None:
    async with link_and_door(tmp_path, allowing()) as door:
        (tmp_path / "link.sock").unlink()
        with pytest.raises(ConnectionResetError):
            await get(door, "/health")
