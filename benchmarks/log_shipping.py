"""What a log call costs its caller, and how many lines a process ships: ours beside its peers, in one run.

    pip install --group bench -e '.[telemetry]' && python benchmarks/log_shipping.py [--quick]

All ship to one receiver on loopback, a process of its own. Calls are paced, so that no queue is full; what counts is
the median. Lines per second are from the first call to the last arrival. `--quick` makes the outage 5 seconds long.
"""

import argparse
import logging
import multiprocessing
import os
import queue
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any, Final

import logging_loki
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from prometheus_client import CollectorRegistry

from ai_monitoring.telemetry.counts import LogCounts
from ai_monitoring.telemetry.handler import TelemetryHandler
from ai_monitoring.telemetry.settings import LogSettings

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from otlp_receiver import Receiver, black_hole, receiving

CALLS: Final = 2000
LINES: Final = 100_000
DENSE: Final = "%d: ada%d@example.org, 06 12 34 56 78, card 4111 1111 1111 1111, token=abcdef"
TARGET_SHARE, TARGET_LINES = 50, 20_000


def serve(port: Any) -> None:
    with Receiver() as receiver:
        port.put(receiver.server_port)
        receiver.serve_forever()


@contextmanager
def receiver_of_its_own() -> Iterator[str]:
    context = multiprocessing.get_context("spawn")
    port = context.Queue()
    process = context.Process(target=serve, args=(port,))
    process.start()
    yield f"http://127.0.0.1:{port.get()}"
    process.terminate()
    process.join()


def ours(address: str, registry: CollectorRegistry | None = None) -> TelemetryHandler:
    settings = LogSettings(service="shop", endpoint=f"{address}/v1/logs")
    return TelemetryHandler(settings, LogCounts(registry or CollectorRegistry()))


def opentelemetry(address: str) -> logging.Handler:
    provider = LoggerProvider()
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"{address}/v1/logs")))
    return LoggingHandler(logger_provider=provider)


def loki(address: str) -> logging.Handler:
    handler: logging.Handler = logging_loki.LokiHandler(url=f"{address}/loki/api/v1/push", version="1")
    return handler


def loki_queue(address: str) -> logging.Handler:
    handler: logging.Handler = logging_loki.LokiQueueHandler(
        queue.Queue(-1), url=f"{address}/loki/api/v1/push", version="1"
    )
    return handler


def logger_with(handler: logging.Handler) -> logging.Logger:
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    return logger


def microseconds(handler: logging.Handler, calls: int = CALLS) -> float:
    """The median time of a call, in microseconds."""
    logger = logger_with(handler)
    times = []
    for number in range(calls):
        begin = perf_counter()
        logger.info("line %d of %s", number, "many")
        times.append(perf_counter() - begin)
        if number % 20 == 0:
            sleep(0.01)
    return median(times) * 1e6


def say(text: str) -> None:
    print(text, file=sys.stderr)


def calls(address: str) -> None:
    say("\nmedian time of a log call, µs, and how often it goes into LokiHandler's:\n")
    slowest = microseconds(loki(address), 300)
    say(f"    {'python-logging-loki LokiHandler':40} {slowest:8.1f}")
    peers: dict[str, Callable[[str], logging.Handler]] = {
        "python-logging-loki LokiQueueHandler": loki_queue,
        "OpenTelemetry LoggingHandler": opentelemetry,
        "ours": ours,
    }
    for name, make in peers.items():
        handler = make(address)
        taken = microseconds(handler)
        say(f"    {name:40} {taken:8.1f} {slowest / taken:8.0f}")
        _end(handler)
    say(f"    target: at least {TARGET_SHARE}: {'reached' if slowest / taken >= TARGET_SHARE else 'MISSED'}")


def _end(handler: logging.Handler) -> None:
    if isinstance(handler, TelemetryHandler):
        handler.shut_down(10)
    elif hasattr(handler, "listener"):
        handler.listener.stop()


def throughput(address: str) -> None:
    say(f"\nlines a second that one process ships, redacted, {LINES} lines:\n")
    for name, message in (("plain", "line %d of %d for the shop"), ("dense with personal data", DENSE)):
        handler = ours(address, registry := CollectorRegistry())
        logger = logger_with(handler)
        begin = perf_counter()
        for number in range(LINES):
            logger.info(message, number, number)
            while number % 1000 == 0 and handler._writer.queue.qsize() > 20_000:
                sleep(0.005)
        handler.shut_down(60)
        rate = LINES / (perf_counter() - begin)
        arrived = registry.get_sample_value("ai_monitoring_log_records_shipped_total")
        verdict = (
            f"   target {TARGET_LINES}: {'reached' if rate >= TARGET_LINES else 'MISSED'}" if name == "plain" else ""
        )
        say(f"    {name:40} {rate:8.0f}   {arrived:.0f} arrived{verdict}")


def outage(seconds: float) -> None:
    with receiving() as first:
        port = first.server_port
        handler = ours(first.address)
        logger = logger_with(handler)
        sent = _load(logger, 0, 2)
    sent = _load(logger, sent, seconds)
    with receiving(port) as second:
        sent = _load(logger, sent, 2)
        handler.shut_down(60)
        arrived = len(first.lines()) + len(second.lines())
    say(f"\nan outage of {seconds:.0f} s under load: {sent} lines logged, {arrived} arrived, {sent - arrived} lost")


def _load(logger: logging.Logger, number: int, seconds: float) -> int:
    end = perf_counter() + seconds
    while perf_counter() < end:
        logger.info("line %d", number)
        number += 1
        if number % 50 == 0:
            sleep(0.01)
    return number


def troubles() -> None:
    say("\nmedian time of a log call of ours, µs, with a receiver that:\n")
    with receiving() as well, receiving(mode=503) as refusing, receiving(mode="hang") as hanging, black_hole() as hole:
        addresses = {"takes all": well.address, "answers 503": refusing.address, "hangs": hanging.address}
        for name, address in {**addresses, "is a black hole": hole}.items():
            handler = ours(address)
            say(f"    {name:40} {microseconds(handler):8.1f}")
            handler.shut_down(0.1)
        hanging.stopping.set()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="an outage of 5 seconds instead of 60")
    arguments = parser.parse_args()
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - log lines, to the end of the process
    with receiver_of_its_own() as address:
        calls(address)
        throughput(address)
    troubles()
    outage(5 if arguments.quick else 60)


if __name__ == "__main__":
    main()
