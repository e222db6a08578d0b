"""The embedded backend as users run it: a process of its own, on free ports of loopback."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from waiting import free_ports

ROOT = Path(__file__).parents[1]
SERVICES = ("viewer", "loki", "tempo", "otlp-http", "otlp-grpc", "metrics")
PASSWORD = "correct horse"


@dataclass(frozen=True, slots=True)
class Backend:
    """The process, the port of each service, and the file of what it says."""

    process: "subprocess.Popen[bytes]"
    ports: dict[str, int]
    log: Path

    def at(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    def end(self, seconds: float = 10.0) -> tuple[int, str]:
        """Tell it to end: its exit status, and what it said."""
        self.process.terminate()
        return self.process.wait(seconds), self.log.read_text(encoding="utf-8")


def command(data: Path, *options: str) -> list[str]:
    """What starts it over the store in `data`. Its password file is beside that folder."""
    password = data.with_name("password")
    password.write_text(PASSWORD, encoding="utf-8")
    given = (f"--data={data}", f"--project={ROOT}", f"--password-file={password}", *options)
    return [sys.executable, "-m", "ai_monitoring.embedded", *given]


@contextmanager
def backend(data: Path, *options: str, services: tuple[str, ...] = SERVICES) -> Iterator[Backend]:
    """Started, and answering at the first of `services`; killed at the end of the block if it still runs."""
    ports = dict(zip(services, free_ports(len(services)), strict=True))
    given = (f"--{name}={port}" for name, port in ports.items())
    log = data.with_name("log")
    with log.open("ab") as output:
        process = subprocess.Popen(command(data, *given, *options), stdout=output, stderr=output)
    found = Backend(process, ports, log)
    try:
        await_answer(found, found.at(services[0]))
        yield found
    finally:
        process.kill()
        process.wait()


def await_answer(found: Backend, address: str, seconds: float = 20.0) -> None:
    """Any answer. Raises RuntimeError with what the process said if it ends instead, TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found.process.poll() is not None:
            raise RuntimeError(f"The backend ended with {found.process.returncode}: {found.log.read_text()}")
        try:
            httpx2.get(address)
        except httpx2.HTTPError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError


def refused_start(data: Path, *options: str) -> tuple[int, str]:
    """Of a start that must not succeed: the exit status, and what it said."""
    ended = subprocess.run(
        command(data, *options), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20, check=False
    )
    return ended.returncode, ended.stdout
