"""The process from outside. tests/integration/test_embedded_process.py attacks it."""

import socket
import time
from pathlib import Path

import grpc
import httpx2
from embedded_process import backend, refused_start
from otlp_receiver import receiving
from otlp_requests import logs
from waiting import free_ports

LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"


def test_ends_with_status_zero_and_keeps_what_it_has(tmp_path: Path) -> None:
    push = {"streams": [{"stream": {"app": "shop"}, "values": [[str(time.time_ns()), "hello"]]}]}
    with backend(tmp_path / "data", services=("loki",)) as first:
        assert httpx2.post(f"{first.at('loki')}/loki/api/v1/push", json=push).status_code == 204
        assert first.end() == (0, "")
    with backend(tmp_path / "data", services=("loki",)) as again:
        answer = httpx2.get(f"{again.at('loki')}/loki/api/v1/query_range", params={"query": '{app="shop"}'})
        assert "hello" in answer.text
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_second_one_over_the_same_store_is_told(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with backend(tmp_path / "data", services=("loki",)):
        status, said = refused_start(tmp_path / "data", f"--loki={port}")
    assert status == 1
    assert said.splitlines() == [
        f"The store {tmp_path / 'data' / 'embedded.sqlite3'} is in use by another process: end that one, or use"
        " another folder."
    ]


def test_port_that_is_taken_is_told(tmp_path: Path) -> None:
    for option in ("--loki", "--otlp-grpc"):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            status, said = refused_start(tmp_path / "data", f"{option}={port}")
        assert (status, str(port) in said, "Traceback" in said) == (1, True, False), said


def test_data_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    status, said = refused_start(tmp_path / "data", "--loki=1")
    assert status == 1
    assert (
        said == f"The folder {tmp_path / 'data'} cannot be made (File exists): it is to hold the store, name another.\n"
    )


def test_logs_go_to_the_loki_that_runs(tmp_path: Path) -> None:
    now = time.time_ns()
    with receiving() as loki:
        services = ("otlp-http", "otlp-grpc")
        with backend(tmp_path / "data", f"--loki-at={loki.address}", services=services) as found:
            headers = {"Content-Type": "application/x-protobuf"}
            body = logs(now, "by HTTP").SerializeToString()
            assert httpx2.post(f"{found.at('otlp-http')}/v1/logs", content=body, headers=headers).status_code == 200
            with grpc.insecure_channel(f"127.0.0.1:{found.ports['otlp-grpc']}") as channel:
                channel.unary_unary(LOGS)(logs(now, "by gRPC").SerializeToString(), timeout=10)
            assert sorted(loki.lines()) == ["by HTTP", "by gRPC"]
            assert found.end()[0] == 0
