"""What watching adds to a call of a language model: ours beside OpenTelemetry's own instrumentation, in one run.

    pip install --group dev -e . && python benchmarks/llm_overhead.py [--rounds 60] [--calls 20] [--memory 100000]

The real OpenAI SDK calls the demo's upstream, a process of its own on loopback. Contestants take turns round by round;
what counts is the median, over the rounds, of a contestant's time beyond that of the bare SDK in the same round. On
loopback a call varies by more than what is measured, so the same is measured again without sockets, the upstream's own
answers given to the SDK in process, and in CPU time, which no other work on the machine adds to. OpenTelemetry's counts
into its own metrics, and spans go to a processor that drops them; "ours with traces" opens spans the same way. At last,
the memory of this process is read as calls go by.
"""

import argparse
import gc
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, process_time, sleep
from typing import Any, Final

import httpx2
import openai
import psutil
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from prometheus_client import CollectorRegistry, generate_latest

from ai_monitoring.llm import instrument, uninstrument
from ai_monitoring.telemetry import spans

ROOT: Final = Path(__file__).parents[1]
TARGET: Final = 500.0
"""Microseconds that a call may cost."""
OUTPUT_TOKENS: Final = 28
MESSAGES: Final[list[Any]] = [{"role": "user", "content": "How long do running shoes last? " * 20}]
STEPS: Final = (0.1, 0.5, 1.0)

Clock = Callable[[], float]
Watched = Callable[[], Callable[[], None]]
"""Switches a contestant's watch on, and returns what switches it off."""


def bare() -> Callable[[], None]:
    return lambda: None


def ours() -> Callable[[], None]:
    instrument(registry=REGISTRY)
    return uninstrument


def ours_with_traces() -> Callable[[], None]:
    instrument(registry=REGISTRY)
    spans.switch_on(TRACERS.get_tracer("benchmark"))

    def off() -> None:
        spans.switch_on(None)
        uninstrument()

    return off


def opentelemetry() -> Callable[[], None]:
    PEER.instrument(tracer_provider=TRACERS, meter_provider=METERS)
    return lambda: PEER.uninstrument()


REGISTRY: Final = CollectorRegistry()
TRACERS: Final = TracerProvider()
TRACERS.add_span_processor(SpanProcessor())
METERS: Final = MeterProvider([InMemoryMetricReader()])
PEER: Final = OpenAIInstrumentor()
CONTESTANTS: Final[dict[str, Watched]] = {
    "bare SDK": bare,
    "ours": ours,
    "ours with traces": ours_with_traces,
    "OpenTelemetry genai-openai": opentelemetry,
}


def call(client: openai.OpenAI, streamed: bool) -> None:
    if streamed:
        options: Any = {"include_usage": True}
        for _ in client.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True, stream_options=options):
            pass
    else:
        client.chat.completions.create(model="gpt-4o", messages=MESSAGES)


def timed(client: openai.OpenAI, streamed: bool, calls: int, clock: Clock) -> float:
    """Microseconds a call."""
    start = clock()
    for _ in range(calls):
        call(client, streamed)
    return (clock() - start) / calls * 1e6


def added(client: openai.OpenAI, clock: Clock, streamed: bool, rounds: int, calls: int) -> dict[str, float]:
    """Microseconds that each adds to a call; for the first, the bare SDK, what a call takes."""
    times: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    for number in range(rounds + 1):
        for name, watch in CONTESTANTS.items():
            off = watch()
            took = timed(client, streamed, calls, clock)
            off()
            if number:  # the first round warms up
                times[name].append(took)
    first, *others = CONTESTANTS
    medians = {first: median(times[first])}
    for name in others:
        medians[name] = median(took - base for took, base in zip(times[name], times[first], strict=True))
    return medians


def show(title: str, microseconds: dict[str, float]) -> None:
    first, *others = microseconds
    print(f"\n{title}: a call takes {microseconds[first]:.0f} µs bare; added to it:\n")
    for name in others:
        print(f"    {name:32}{microseconds[name]:8.1f} µs")
    verdict = "reached" if microseconds["ours"] <= TARGET else "MISSED"
    print(f"    target: at most {TARGET:g} µs: {verdict}")


@contextmanager
def served() -> Iterator[str]:
    """The upstream in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, "LLM_UPSTREAM_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.upstream"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL
    )
    try:
        _await(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _await(port: int) -> None:
    deadline = monotonic() + 20
    while monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.05)
    raise RuntimeError("the upstream did not start")


def client_of(address: str, transport: httpx2.BaseTransport | None = None) -> openai.OpenAI:
    http = openai.DefaultHttpxClient(transport=transport) if transport else None
    headers = {"x-demo-output-tokens": str(OUTPUT_TOKENS)}
    return openai.OpenAI(
        api_key="benchmark", base_url=f"{address}/v1", default_headers=headers, max_retries=0, http_client=http
    )


def recorded(address: str) -> httpx2.MockTransport:
    """Gives the SDK what the upstream once answered, without a socket."""
    answers: dict[bool, httpx2.Response] = {}
    for streamed in (False, True):
        body = {"model": "gpt-4o", "messages": MESSAGES, "stream": streamed, "stream_options": {"include_usage": True}}
        headers = {"x-demo-output-tokens": str(OUTPUT_TOKENS)}
        answers[streamed] = httpx2.post(f"{address}/v1/chat/completions", json=body, headers=headers, trust_env=False)

    def answer(request: httpx2.Request) -> httpx2.Response:
        known = answers[b'"stream":true' in request.content]
        return httpx2.Response(200, content=known.content, headers={"content-type": known.headers["content-type"]})

    return httpx2.MockTransport(answer)


def memory(client: openai.OpenAI, calls: int) -> None:
    """Every tenth call is streamed, and every hundredth abandoned."""
    print(f"\nmemory of this process over {calls} calls under watch, every 10th streamed, every 100th abandoned:\n")
    process, done = psutil.Process(), 0
    off = ours()
    for step in STEPS:
        for number in range(done, round(calls * step)):
            if number % 100 == 50:
                stream = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True)
                next(stream)
                stream.close()
            else:
                call(client, streamed=number % 10 == 0)
        done = round(calls * step)
        gc.collect()
        series = len(generate_latest(REGISTRY).splitlines())
        print(f"    after {done:7} calls: {process.memory_info().rss / 2**20:6.1f} MiB, {series} lines of metrics")
    off()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60, help="turns of each contestant (default: %(default)s)")
    parser.add_argument("--calls", type=int, default=20, help="calls a turn (default: %(default)s)")
    parser.add_argument("--memory", type=int, default=100_000, help="calls whose memory is read (default: %(default)s)")
    options = parser.parse_args()
    packages = ("openai", "opentelemetry-instrumentation-genai-openai", "opentelemetry-sdk")
    print(f"Python {sys.version.split()[0]}, {', '.join(f'{name} {version(name)}' for name in packages)}")
    with served() as address, client_of(address) as remote, client_of(address, recorded(address)) as local:
        for where, client, clock in (("loopback", remote, perf_counter), ("in process, CPU", local, process_time)):
            for what, streamed in (("one answer", False), (f"{OUTPUT_TOKENS} tokens streamed", True)):
                show(f"{where}, {what}", added(client, clock, streamed, options.rounds, options.calls))
        memory(local, options.memory)


if __name__ == "__main__":
    main()
