import asyncio
from pathlib import Path

import pytest
from exporters.containers.docker import MAX_BYTES, Docker, DockerError, NotFoundError
from host_link import listening, says

DATE = b"Date: Thu, 26 Nov 2026 11:44:40 GMT\r\n"


async def test_over_tcp() -> None:
    async with listening(says(b"HTTP/1.0 200 OK\r\n" + DATE + b"\r\n[1]")) as port:
        answer = await Docker(f"tcp://127.0.0.1:{port}").get("/containers/json")
    assert (answer.json(), answer.time) == ([1], 1795693480)


async def test_over_a_unix_socket(tmp_path: Path) -> None:
    handler = says(b"HTTP/1.0 200 OK\r\n" + DATE + b"\r\n1\n\n2\n")
    async with await asyncio.start_unix_server(handler, tmp_path / "docker.sock"):
        answer = await Docker(f"unix://{tmp_path}/docker.sock").get("/events")
    assert answer.json_lines() == [1, 2]


@pytest.mark.parametrize("address", ["", "docker", "unix://", "tcp://", "ssh://host", "npipe:////./pipe/docker"])
def test_another_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="DOCKER_HOST is tcp://"):
        Docker(address)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "hangs up"),
        (b"SSH-2.0\r\n\r\n", "SSH-2.0"),
        (b"HTTP/1.0 403 Forbidden\r\n\r\n", "does the socket proxy allow it"),
        (b"HTTP/1.0 500 Internal Server Error\r\n\r\n", "500"),
        (b"HTTP/1.0 200 OK\r\n\r\n[]", "no date"),
        (b"HTTP/1.0 200 OK\r\nDate: x\r\n\r\n[]", "no date"),
        (b"HTTP/1.0 200 OK\r\n" + DATE + b"\r\n" + b"x" * (MAX_BYTES + 1), "longer than"),
    ],
    ids=["nothing", "no HTTP", "forbidden", "broken", "dateless", "odd date", "endless"],
)
async def test_an_answer_of_no_use_is_an_error_with_its_reason(answer: bytes, reason: str) -> None:
    async with listening(says(answer)) as port:
        with pytest.raises(DockerError, match=reason):
            await Docker(f"tcp://127.0.0.1:{port}").get("/containers/json")


async def test_what_is_not_there_is_told_from_other_errors() -> None:
    async with listening(says(b"HTTP/1.0 404 Not Found\r\n\r\n")) as port:
        with pytest.raises(NotFoundError):
            await Docker(f"tcp://127.0.0.1:{port}").get("/containers/a/json")


async def test_an_answer_that_is_cut_off_is_an_error() -> None:
    async with listening(says(b"HTTP/1.0 200 OK\r\n" + DATE + b'\r\n[{"Id"')) as port:
        answer = await Docker(f"tcp://127.0.0.1:{port}").get("/containers/json")
    with pytest.raises(DockerError, match="not JSON"):
        answer.json()


async def test_an_engine_that_hangs_is_given_up() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with listening(hang) as port:
        with pytest.raises(DockerError, match=r"within 0\.1 seconds"):
            await Docker(f"tcp://127.0.0.1:{port}", seconds=0.1).get("/containers/json")


async def test_an_engine_that_is_not_there_is_named(unused_tcp_port: int) -> None:
    with pytest.raises(DockerError, match=f"tcp://127.0.0.1:{unused_tcp_port} cannot be read"):
        await Docker(f"tcp://127.0.0.1:{unused_tcp_port}").get("/containers/json")
