"""`ai-monitoring collect`, the real command."""

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from waiting import free_ports, until

from ai_monitoring.cli import collect, main
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.http import answers

ROOT = Path(__file__).parents[3]
RECORD = {
    "request_id": "1",
    "provider": "openai",
    "model": "gpt-4",
    "prompt": "Where is Paris?",
    "response": "In France.",
}


def start(folder: Path, *arguments: str, **more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "ai_monitoring.cli", "collect", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **more}
    environment.pop("AI_MONITORING_CONFIG", None)
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_it_serves_until_a_signal_and_shows_no_prompt(tmp_path: Path) -> None:
    [port] = free_ports(1)
    process = start(tmp_path, "--port", str(port))
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(f"{address}/health"))
        assert httpx2.post(f"{address}/v1/records", json=RECORD).json() == {"accepted": 1, "lost": 0}
        until(lambda: 'provider="openai",status="ok"} 1.0' in httpx2.get(f"{address}/metrics").text)
        with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.2", port)):
            pass
    finally:
        process.terminate()
        output, errors = process.communicate(timeout=30)
    assert "Paris" not in output + errors
    assert "France" not in output + errors
    assert f"Records are taken at {address}" in output


def test_a_sender_that_stalls_holds_up_no_end_and_one_that_leaves_is_no_error(tmp_path: Path) -> None:
    [port] = free_ports(1)
    process = start(tmp_path, "--port", str(port))
    head = b"POST /v1/records HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: 9\r\n\r\n["
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/health"))
        with socket.create_connection(("127.0.0.1", port)) as leaves:
            leaves.sendall(head)
            assert answers(f"http://127.0.0.1:{port}/health")  # it is being read
        assert answers(f"http://127.0.0.1:{port}/health")
        with socket.create_connection(("127.0.0.1", port)) as stalls:
            stalls.sendall(head)
            assert answers(f"http://127.0.0.1:{port}/health")
            process.terminate()
            output, errors = process.communicate(timeout=15)
    finally:
        process.kill()
        process.wait()
    assert "Disconnect" not in output + errors


def test_in_a_container_it_answers_to_the_stacks_network_under_its_name_alone(tmp_path: Path) -> None:
    [port] = free_ports(1)
    process = start(tmp_path, f"--port={port}", AI_MONITORING_HOST="127.0.0.2")
    address = f"http://127.0.0.2:{port}"

    def status(name: str) -> int:
        try:
            return httpx2.get(f"{address}/health", headers={"Host": f"{name}:{port}"}).status_code
        except httpx2.ConnectError:
            return 0

    try:
        until(lambda: status("collect") != 0)
        assert (status("collect"), status("127.0.0.1"), status("evil.example")) == (200, 200, 421)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_port_that_another_program_has(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(tmp_path, "--port", str(port))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"127.0.0.1:{port} cannot be listened on.\nThe stack runs a daemon of its own there" in errors


def test_settings_with_a_typo(tmp_path: Path) -> None:
    (tmp_path / "monitoring.yaml").write_text("currancy: EUR\n", encoding="utf-8")
    process = start(tmp_path, "--port", str(free_ports(1)[0]))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "currancy is unknown; did you mean currency?" in errors


def test_what_it_needs_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(collect, "NEEDED", ("there.is.none",))
    assert main(["collect"]) == 1
    assert "collect needs there.is.none.\nInstall what it needs: pip install 'ai-monitoring[collect]'" in (
        capsys.readouterr().err
    )


def test_without_a_port_that_of_the_settings_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[int] = []
    monkeypatch.setattr(collect, "serve", ports.append)
    monkeypatch.setenv("COLLECT_PORT", "9196")
    assert main(["collect"]) == main(["collect", "--port", "9197"]) == 0
    assert ports == [9196, 9197]
    monkeypatch.setenv("COLLECT_PORT", "many")
    with pytest.raises(StackError, match="COLLECT_PORT: 'many' is not a port"):
        collect.run(argparse.Namespace(port=None))


@pytest.mark.parametrize("port", ["0", "65536", "many", "-1"])
def test_a_wrong_port(port: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["collect", f"--port={port}"])
