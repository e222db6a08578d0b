"""What evaluating all rules costs at a thousand services, as a share of the interval.

    .venv/bin/python benchmarks/rule_evaluation.py [--services 1000] [--minutes 7] [--suite sid]

A real Prometheus with the project's own rules scrapes one synthetic exporter as that many services: in equal parts what
the demo's Django, FastAPI and Streamlit services expose (`benchmarks/services`: what ten minutes added, once they were
warm), with counters that go on. A service that is slow costs more: each alert fills its texts in at each evaluation.
Once five minutes are there it reads, several times, how long each group of rules took, and adds the medians up.
Windows of hours and days read what is there by then: in production they cost more, as far as they read more samples.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from asgi_apps import served
from programs import SUITES, programs  # the tests' real Prometheus
from waiting import free_ports, until

ROOT = Path(__file__).resolve().parents[1]
TARGET = 0.1
INTERVAL = 15.0
KINDS = ("django", "fastapi", "streamlit")
RECORDED = {kind: (ROOT / "benchmarks" / "services" / f"{kind}.prom").read_text("utf-8") for kind in KINDS}
_BODIES: dict[str, tuple[int, bytes]] = {}
PROBE = (
    "# TYPE probe_success gauge\nprobe_success 1\n# TYPE probe_duration_seconds gauge\nprobe_duration_seconds 0.01\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=7.0, help="how long to scrape before reading")
    parser.add_argument("--suite", choices=SUITES, default="sid", help="sid: Prometheus 3.5; bookworm: 2.42")
    parser.add_argument("--rules", type=int, default=10, help="how many of the costliest rules to print")
    options = parser.parse_args()
    with served(service) as address, tempfile.TemporaryDirectory() as folder:
        rules, series = evaluated(options, urlsplit(address).netloc, Path(folder))
    groups: Counter[str] = Counter()
    for (group, _), seconds in rules.items():
        groups[group] += seconds
    for name, seconds in groups.most_common():
        print(f"{name:<28}{seconds:>10.3f} s")
    print("\nThe costliest rules:")
    for (group, name), seconds in rules.most_common(options.rules):
        print(f"{group:<28}{seconds:>10.3f} s  {name}")
    share = groups.total() / INTERVAL
    print(f"\n{options.services} services, {series:,} series, {groups.total():.2f} s an interval")
    verdict = "met" if share <= TARGET else "missed"
    print(f"{'share of the interval of 15 s':<44}{share:>8.1%}   target {TARGET:.0%} or less: {verdict}")


def evaluated(options: argparse.Namespace, exporter: str, folder: Path) -> tuple[Counter[tuple[str, str]], int]:
    """Seconds that each rule's evaluation takes an interval, by group and name, and the number of series."""
    (folder / "prometheus.yml").write_text(json.dumps(configuration(options.services, exporter)), encoding="utf-8")
    [web] = free_ports(1)
    command = [
        str(programs(options.suite) / "prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{web}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command)
    try:
        until(lambda: ask(web, "/api/v1/status/runtimeinfo"))
        time.sleep(options.minutes * 60)
        readings: dict[tuple[str, str], list[float]] = {}
        for _ in range(4):
            for rule, seconds in evaluations(ask(web, "/api/v1/rules")["groups"]).items():
                readings.setdefault(rule, []).append(seconds)
            time.sleep(INTERVAL)
        medians = Counter({rule: statistics.median(values) for rule, values in readings.items()})
        return medians, ask(web, "/api/v1/status/tsdb")["headStats"]["numSeries"]
    finally:
        process.terminate()
        process.wait()


def evaluations(groups: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Seconds by group and rule. Of a group with an interval of its own, as much as falls on 15 seconds."""
    seconds: Counter[tuple[str, str]] = Counter()
    for group in groups:
        for rule in group["rules"]:
            told = f"{rule['name']} {json.dumps(rule['labels'])}" if rule.get("labels") else rule["name"]
            seconds[group["name"], told] += rule["evaluationTime"] * INTERVAL / group["interval"]
    return seconds


def configuration(services: int, exporter: str) -> dict[str, Any]:
    """Prometheus' file: each service is the one exporter under a name of its own, scraped and probed."""

    def targets(path: str) -> list[dict[str, Any]]:
        return [
            {
                "targets": [exporter],
                "labels": {
                    "service": f"{kind}-{number}",
                    "instance": f"host-{number}:8000",
                    "__metrics_path__": path or f"/{kind}",
                },
            }
            for number in range(services)
            for kind in [KINDS[number % len(KINDS)]]
        ]

    original = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    return {
        "global": original["global"],
        "rule_files": [str(ROOT / "prometheus" / "rules" / "*.yml")],
        "scrape_configs": [
            {"job_name": "services", "static_configs": targets("")},
            {"job_name": "probes", "static_configs": targets("/probe")},
        ],
    }


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """What a service exposes, by path. Bodies are made once a second: the benchmark is of the rules."""
    if scope["type"] == "http":
        await Response(body(scope["path"].strip("/")), media_type="text/plain; version=0.0.4")(scope, receive, send)


def body(kind: str) -> bytes:
    if kind == "probe":
        return PROBE.encode()
    second = int(time.time())
    known = _BODIES.get(kind)
    if known is None or known[0] != second:
        known = _BODIES[kind] = second, moved(RECORDED[kind], second % 1_000_000).encode()
    return known[1]


def moved(text: str, seconds: int) -> str:
    """A recorded scrape after so many seconds more at the pace of its ten minutes; gauges stay."""
    lines, gauge = [], False
    for line in text.splitlines():
        if line.startswith("#"):
            gauge = line.endswith(" gauge")
            lines.append(line)
            continue
        name, value = line.rsplit(" ", 1)
        lines.append(line if gauge else f"{name} {float(value) * (1 + seconds / 600):.6f}")
    return "\n".join(lines) + "\n"


def ask(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return json.load(answer)["data"]


if __name__ == "__main__":
    main()
