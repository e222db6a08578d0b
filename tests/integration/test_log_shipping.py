"""Logs over real processes and real receivers: outages, restarts, kills, forks, and what must never be in an output."""

import gzip
import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest
from otlp_receiver import black_hole, receiving
from prometheus_client import CollectorRegistry

from ai_monitoring.telemetry.counts import LogCounts
from ai_monitoring.telemetry.handler import TelemetryHandler
from ai_monitoring.telemetry.settings import LogSettings

PLANTED = {
    "key": "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
    "mail": "ada.lovelace@example.org",
    "phone": "06 12 34 56 78",
    "card": "4111 1111 1111 1111",
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "nir": "2 55 08 14 168 025 38",
    "password": "hunter2-hunter2",
}

PLANTING = """
import logging, sys, warnings
from ai_monitoring import telemetry

telemetry.set_up("shop", level="DEBUG")
log = logging.getLogger("shop")
planted = {planted!r}
for kind, value in planted.items():
    said = f"password={{value}}" if kind == "password" else value
    log.info("question: " + said)
    log.info("answer: %s", said)
    log.info("header", extra={{"headers": {{"authorization": f"Bearer {{value}}", "x-about": said}}, "what": [said]}})
    log.info("GET https://ada:%s@shop.example/search?token=%s", value.replace(" ", ""), value.replace(" ", ""))
    try:
        raise ValueError(said)
    except ValueError:
        log.exception("failed for %s", said)
    warnings.warn(said)
print("done", file=sys.stderr)
"""

SERVICE = """
import logging, os, sys, time
from ai_monitoring import telemetry

telemetry.set_up("shop")
log = logging.getLogger("shop")
"""


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "AI_MONITORING_"))}
    return {**clean, **more}


def run(program: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], env=environment(**more), capture_output=True, text=True, timeout=60
    )


def leaks(text: str) -> list[str]:
    """What of the planted data is in it, written with or without spaces."""
    bare = re.sub(r"\s", "", text)
    return [kind for kind, value in PLANTED.items() if value in text or value.replace(" ", "") in bare]


@pytest.mark.parametrize("mode", ["ok", 503])
def test_personal_data_is_in_no_output(tmp_path: Path, mode: int | str) -> None:

    files, spool = tmp_path / "logs", tmp_path / "spool"
    with receiving(mode="ok" if mode == "ok" else 503) as receiver:
        done = run(
            PLANTING.format(planted=PLANTED),
            OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address,
            AI_MONITORING_LOG_DIR=str(files),
            AI_MONITORING_SPOOL_DIR=str(spool),
        )
        sent = "".join(str(record) for record in receiver.records())
    assert done.stderr.endswith("done\n"), done.stderr
    kept = "".join(gzip.decompress(file.read_bytes()).decode(errors="replace") for file in spool.rglob("*.gz"))
    written = (files / "shop.log").read_text()
    for output in (sent if mode == "ok" else kept, written, done.stdout):
        assert output.count("question: ") == len(PLANTED)
        assert leaks(output) == []


def test_nothing_is_lost_over_an_outage_under_load(capsys: pytest.CaptureFixture[str]) -> None:
    counts = LogCounts(registry := CollectorRegistry())
    with receiving() as first:
        port = first.server_port
        handler = TelemetryHandler(LogSettings(service="shop", endpoint=f"{first.address}/v1/logs"), counts)
        logger = logging.Logger("shop")
        logger.addHandler(handler)
        log_for(logger, 0, 5000)
        first.wait_for_lines(1)
    log_for(logger, 5000, 40_000)
    with receiving(port) as second:
        log_for(logger, 40_000, 45_000)
        handler.shut_down(30)
        arrived = first.lines() + second.lines()
    assert sorted(arrived, key=int) == [str(number) for number in range(45_000)]
    assert registry.get_sample_value("ai_monitoring_log_records_shipped_total") == 45_000
    capsys.readouterr()


def log_for(logger: logging.Logger, first: int, end: int) -> None:
    """At a pace that the writer can follow."""
    for number in range(first, end):
        logger.info("%d", number)
        if number % 100 == 0:
            time.sleep(0.004)


def test_what_waits_survives_a_kill_where_a_spool_is_set(tmp_path: Path) -> None:
    with receiving(mode=503) as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.address, "AI_MONITORING_SPOOL_DIR": str(tmp_path)}
        program = SERVICE + "for n in range(5000): log.info('line %d', n)\ntime.sleep(1.5)\nos.kill(os.getpid(), 9)"
        assert run(program, **settings).returncode == -signal.SIGKILL
        receiver.mode = "ok"
        assert run(SERVICE, **settings).returncode == 0
        assert receiver.lines() == [f"line {number}" for number in range(5000)]
    assert not list(tmp_path.rglob("*.gz"))


def test_forked_workers_ship_their_own_lines_once() -> None:
    """As gunicorn does with --preload."""
    program = (
        SERVICE
        + """
log.info("parent")
time.sleep(0.2)
for number in range(3):
    if os.fork() == 0:
        log.info("child %d", number)
        sys.exit(0)
for _ in range(3):
    os.wait()
"""
    )
    with receiving() as receiver:
        done = run(program, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address)
        assert done.stderr == ""
        assert sorted(receiver.lines()) == ["child 0", "child 1", "child 2", "parent"]
    assert len(done.stdout.splitlines()) == 4


def test_a_child_of_multiprocessing_ships_its_last_line() -> None:
    program = (
        SERVICE
        + """
import multiprocessing
log.info("parent")
child = multiprocessing.get_context("fork").Process(target=log.info, args=("child",))
child.start()
child.join()
"""
    )
    with receiving() as receiver:
        done = run(program, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address)
        assert done.stderr == ""
        assert sorted(receiver.lines()) == ["child", "parent"]
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("end", ["sys.exit(3)", "raise SystemExit(3)", "raise RuntimeError", "telemetry.shut_down()"])
def test_the_last_line_comes_out_however_the_program_ends(end: str) -> None:
    assert '"message": "last"' in run(SERVICE + f"log.info('last')\n{end}").stdout


def test_without_an_endpoint_nothing_is_sent_and_opentelemetry_not_loaded() -> None:
    done = run(SERVICE + "log.info('x')\nprint([m for m in sys.modules if m.startswith('opentelemetry')])")
    assert "[]" in done.stdout  # the line may come between it and its end
    assert done.stderr == ""


def test_loki_handlers_work_unchanged_beside_it() -> None:
    program = """
import logging, sys
from queue import Queue
import logging_loki
from ai_monitoring import telemetry

root = logging.getLogger()
plain = logging_loki.LokiHandler(url=ADDRESS + "/loki/api/v1/push", version="1", tags={"via": "plain"})
queued = logging_loki.LokiQueueHandler(Queue(), url=ADDRESS + "/loki/api/v1/push", version="1", tags={"via": "queue"})
root.addHandler(plain)
root.addHandler(queued)
telemetry.set_up("shop")
assert plain in root.handlers and queued in root.handlers
logging.getLogger("shop").warning("sold %d", 3)
queued.listener.stop()
"""
    with receiving() as receiver:
        done = run(program.replace("ADDRESS", repr(receiver.address)), OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address)
        assert (done.returncode, done.stderr) == (0, "")
        pushed = [body.decode() for path, body in receiver.requests if path == "/loki/api/v1/push"]
        assert receiver.lines() == ["sold 3"]
    assert sum("sold 3" in body for body in pushed) == 2


@pytest.mark.parametrize("trouble", ["503", "hang", "black hole"])
def test_a_receiver_in_trouble_leaves_the_callers_latency_unchanged(
    trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiving() as well, receiving(mode="hang" if trouble == "hang" else 503) as ill, black_hole() as hole:
        usual = microseconds(f"{well.address}/v1/logs")
        troubled = microseconds(f"{hole if trouble == 'black hole' else ill.address}/v1/logs")
        ill.stopping.set()
    capsys.readouterr()
    print(f"a log call takes {usual:.1f} µs usually, {troubled:.1f} µs with {trouble}")
    assert troubled < 3 * usual + 20


def microseconds(endpoint: str) -> float:
    """The median of a call's time, in microseconds."""
    settings = LogSettings(service="shop", endpoint=endpoint, timeout=30)
    handler = TelemetryHandler(settings, LogCounts(CollectorRegistry()))
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    times = []
    for number in range(2000):
        begin = time.perf_counter()
        logger.info("line %d", number)
        times.append(time.perf_counter() - begin)
        if number % 100 == 0:
            time.sleep(0.01)
    handler.shut_down(0.1)
    return median(times) * 1e6


SERVER = (
    SERVICE
    + """
import uvicorn
from ai_monitoring.telemetry.spans import span

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        with span("started"):
            log.info("started")
        os.kill(os.getpid(), 15)

async def app(scope, receive, send): ...

if WITH_SERVER:
    Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off")).run()
else:
    log.info("started")
    with span("started"):
        os.kill(os.getpid(), 15)
        time.sleep(10)
"""
)


@pytest.mark.parametrize("with_server", [True, False])
def test_what_waits_at_a_sigterm_arrives(with_server: bool) -> None:
    with receiving() as receiver:
        program = SERVER.replace("WITH_SERVER", str(with_server))
        done = run(program, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address)
        assert done.returncode == -signal.SIGTERM, done.stderr
        assert "started" in receiver.lines()
        assert [span.name for span in receiver.spans()] == (["started"] if with_server else [])
        assert done.stderr == ""


def test_a_handler_of_the_applications_own_keeps_sigterm() -> None:
    program = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n" + SERVICE
    assert run(f"{program}\nos.kill(os.getpid(), 15)\ntime.sleep(10)").returncode == 7


def test_a_receiver_that_hangs_does_not_hold_up_a_sigterm() -> None:
    with receiving() as receiver:
        receiver.mode = "hang"
        begin = time.monotonic()
        done = run(SERVER.replace("WITH_SERVER", "True"), OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address)
        assert done.returncode == -signal.SIGTERM
        assert time.monotonic() - begin < 30
