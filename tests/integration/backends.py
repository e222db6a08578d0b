"""Loki, Tempo and the Collector as real processes with the repository's own files, on free ports of loopback.

Whoever has the programs names them: LOKI_BIN, TEMPO_BIN, OTELCOL_BIN.
"""

import json
import os
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from waiting import free_ports, until
from watch import ROOT

from ai_monitoring.stack.http import answers, get_json

COLLECTOR_FILE = ROOT / "otel-collector" / "otel-collector.yml"
_SIGNALS = ("receivers", "processors", "exporters")


def program(variable: str) -> str:
    """The path that an environment variable gives; without it the test is skipped."""
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"{variable} names no program")
    return path


@contextmanager
def running(command: list[str], log: Path, ready: str = "") -> Iterator["subprocess.Popen[bytes]"]:
    """A program inside the block, once the address `ready` answers."""
    with log.open("ab") as output, subprocess.Popen(command, stdout=output, stderr=output, cwd=log.parent) as process:
        try:
            until(lambda: not ready or answers(ready))
            yield process
        except TimeoutError as error:
            raise AssertionError(log.read_text(encoding="utf-8")[-4000:]) from error
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


class Loki:
    """Loki's data is in `folder`, over restarts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.grpc = free_ports(2)
        self.address = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def up(self, *options: str) -> Iterator[None]:
        command = [
            program("LOKI_BIN"),
            f"-config.file={ROOT / 'loki' / 'loki.yml'}",
            "-server.http-listen-address=127.0.0.1",
            f"-server.http-listen-port={self.port}",
            "-server.grpc-listen-address=127.0.0.1",
            f"-server.grpc-listen-port={self.grpc}",
            f"-common.path-prefix={self.folder}",
            f"-common.storage.filesystem.chunk-directory={self.folder / 'chunks'}",
            f"-common.storage.filesystem.rules-directory={self.folder / 'rules'}",
            *options,
        ]
        with running(command, self.folder / "loki.log", f"{self.address}/ready"):
            yield

    def lines(self, query: str) -> list[tuple[str, dict[str, str]]]:
        """Each line that LogQL finds in the last two days, with its labels and structured metadata."""
        begin = str(int((time.time() - 172_800) * 1e9))
        found = get_json(f"{self.address}/loki/api/v1/query_range", query=query, start=begin, limit="1000")
        return [(line, stream["stream"]) for stream in found["data"]["result"] for _, line, *_ in stream["values"]]


class Tempo:
    """Tempo, its OTLP at `otlp` by gRPC and at `otlp_http`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.grpc, self.otlp, self.otlp_http = free_ports(4)
        self.address = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def up(self) -> Iterator[None]:
        text = (ROOT / "tempo" / "tempo.yml").read_text(encoding="utf-8")
        for old, new in {
            "0.0.0.0:4317": f"127.0.0.1:{self.otlp}",
            "0.0.0.0:4318": f"127.0.0.1:{self.otlp_http}",
            "/var/tempo": str(self.folder / "data"),
        }.items():
            text = text.replace(old, new)
        file = self.folder / "tempo.yml"
        file.write_text(text, encoding="utf-8")
        ports = [f"-server.http-listen-port={self.port}", f"-server.grpc-listen-port={self.grpc}"]
        command = [program("TEMPO_BIN"), f"-config.file={file}", *ports]
        with running(command, self.folder / "tempo.log", f"{self.address}/ready"):
            yield


class Collector:
    """The Collector with a copy of our file: other addresses, and without what its build lacks, which is printed."""

    def __init__(self, folder: Path, *, loki: str = "http://127.0.0.1:9/otlp", tempo: str = "127.0.0.1:9") -> None:
        self.folder = folder
        self.otlp, self.metrics, grpc, health, own = free_ports(5)
        self.address = f"http://127.0.0.1:{self.otlp}"
        self.containers = folder / "containers"
        self.containers.mkdir()
        (folder / "otelcol").mkdir()
        self.file = folder / "otel-collector.yml"
        places = {
            "http://loki:3100/otlp": loki,
            "tempo:4317": tempo,
            "0.0.0.0:4317": f"127.0.0.1:{grpc}",
            "0.0.0.0:4318": f"127.0.0.1:{self.otlp}",
            "0.0.0.0:8889": f"127.0.0.1:{self.metrics}",
            "0.0.0.0:13133": f"127.0.0.1:{health}",
            "127.0.0.1:4319": f"127.0.0.1:{own}",
            "/var/lib/docker/containers": str(self.containers),
            "/var/lib/otelcol": str(folder / "otelcol"),
        }
        text = COLLECTOR_FILE.read_text(encoding="utf-8")
        for old, new in places.items():
            text = text.replace(old, new)
        config = yaml.safe_load(text)
        if missing := _without(config, _components()):
            print("left out, since this build of the Collector lacks them:", ", ".join(sorted(missing)))
        self.file.write_text(yaml.safe_dump(config, width=10**9), encoding="utf-8")

    @contextmanager
    def up(self) -> Iterator[None]:
        command = [program("OTELCOL_BIN"), "--config", str(self.file)]
        # OTLP answers 405 to a GET: its own metrics are there once it has started.
        with running(command, self.folder / "otelcol.log", f"http://127.0.0.1:{self.metrics}/metrics"):
            yield

    def scrape(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics") as response:
            return str(response.read().decode())

    def container_line(self, text: str, **line: Any) -> None:
        """Append a line to a container's log file, as Docker's json-file driver writes it."""
        file = self.containers / "c0ffee" / "c0ffee-json.log"
        file.parent.mkdir(exist_ok=True)
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".123456789Z"
        with file.open("a", encoding="utf-8") as output:
            output.write(json.dumps({"log": text, "stream": "stdout", "time": now, **line}) + "\n")


def _components() -> set[str]:
    """The types of component that the build has."""
    command = [program("OTELCOL_BIN"), "components"]
    answer = yaml.safe_load(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    kinds = (*_SIGNALS, "connectors", "extensions")
    return {str(part["name"]) for kind in kinds for part in answer.get(kind) or []}


def _without(config: dict[str, Any], known: set[str]) -> set[str]:
    """Take what is not known out of a configuration; returns the types taken out."""
    missing: set[str] = set()
    for kind in ("extensions", "connectors", *_SIGNALS):
        for name in [name for name in config.get(kind, {}) if name.split("/")[0] not in known]:
            missing.add(name.split("/")[0])
            del config[kind][name]
        if not config[kind]:
            del config[kind]
    service = config["service"]
    service["extensions"] = [name for name in service["extensions"] if name not in missing]
    for pipeline in service["pipelines"].values():
        for kind in _SIGNALS:
            pipeline[kind] = [name for name in pipeline[kind] if name not in missing]
    if "file_storage" in missing:
        for part in (
            *config["receivers"].values(),
            *(e.get("sending_queue", {}) for e in config["exporters"].values()),
        ):
            part.pop("storage", None)
    return missing


def delete(loki: Loki, query: str) -> int:
    """Ask Loki to delete; returns the status."""
    arguments = urllib.parse.urlencode({"query": query, "start": int(time.time()) - 3600})
    request = urllib.request.Request(f"{loki.address}/loki/api/v1/delete?{arguments}", method="POST")
    try:
        with urllib.request.urlopen(request) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
