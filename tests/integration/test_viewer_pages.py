"""The viewer's pages over a real Prometheus and Alertmanager, and over a real Loki where LOKI_BIN names one."""

import json
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, aclosing, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import yaml
from backends import Loki, running
from programs import CACHE, programs
from stub_watch import HOSTILE, PASSWORD, TRACE, settings_of, text_of
from waiting import free_ports, until
from watch import ROOT

from ai_monitoring.embedded.viewer.app import viewer
from ai_monitoring.embedded.viewer.settings import Settings
from ai_monitoring.embedded.viewer.sources import Client, Sources
from ai_monitoring.stack.http import get_json

RULES = {
    "groups": [
        {
            "name": "service",
            "rules": [
                {"record": "service:up", "expr": "vector(0)", "labels": {"service": "shop"}},
                {"record": "service:probe_success", "expr": "vector(0)", "labels": {"service": "shop"}},
                {
                    "alert": "ServiceDown",
                    "expr": "service:up == 0",
                    "labels": {"severity": "critical"},
                    "annotations": {
                        "summary": "{{ $labels.service }} is down",
                        "runbook": "docs/runbooks/service/ServiceDown.md",
                    },
                },
            ],
        }
    ]
}


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Of Prometheus and Alertmanager, once ServiceDown has gone from one to the other."""
    folder = tmp_path_factory.mktemp("watch")
    prometheus, alertmanager = free_ports(2)
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(folder / "rules.yml"), str(ROOT / "prometheus" / "rules" / "watch.yml")],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]},
        "scrape_configs": [
            {"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{prometheus}"]}]},
            {"job_name": "away", "static_configs": [{"targets": ["127.0.0.1:1"]}]},
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    (folder / "rules.yml").write_text(yaml.safe_dump(RULES), encoding="utf-8")
    quiet = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(quiet), encoding="utf-8")
    at_prometheus, at_alertmanager = f"http://127.0.0.1:{prometheus}", f"http://127.0.0.1:{alertmanager}"
    with ExitStack() as stack:
        stack.enter_context(
            running(
                [
                    str(programs("bookworm") / "prometheus"),
                    f"--config.file={folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={folder / 'prometheus'}",
                    f"--web.listen-address=127.0.0.1:{prometheus}",
                    "--rules.alert.resend-delay=1s",  # the first are made before Alertmanager is found
                ],
                folder / "prometheus.log",
                f"{at_prometheus}/-/ready",
            )
        )
        stack.enter_context(
            running(
                [
                    str(programs("bookworm") / "prometheus-alertmanager"),
                    f"--config.file={folder / 'alertmanager.yml'}",
                    f"--storage.path={folder / 'alertmanager'}",
                    f"--web.listen-address=127.0.0.1:{alertmanager}",
                    "--cluster.listen-address=",
                ],
                CACHE / "alertmanager.log",  # it must be started there
                f"{at_alertmanager}/-/ready",
            )
        )
        until(lambda: len(get_json(f"{at_alertmanager}/api/v2/alerts")) >= 2)
        yield at_prometheus, at_alertmanager


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@asynccontextmanager
async def signed_in(settings: Settings, sources: Sources) -> AsyncIterator[httpx2.AsyncClient]:
    async with aclosing(Client(sources)) as asking:
        transport = httpx2.ASGITransport(viewer(settings, asking))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await client.post("/login", data={"user": "admin", "password": PASSWORD})
            yield client


async def test_home_and_alerts_tell_what_prometheus_knows(settings: Settings, addresses: tuple[str, str]) -> None:
    prometheus, alertmanager = addresses
    async with signed_in(settings, Sources(prometheus=prometheus, alertmanager=alertmanager)) as client:
        home = text_of((await client.get("/")).text)
        alerts = (await client.get("/alerts?from=now-5m")).text
        assert "1 alert fires ServiceDown (shop)" in home
        assert "shop Down" in home
        assert "prometheus 127.0.0.1" in home
        assert "connection refused" in home
        assert "Open way of alerts" in home
        assert "shop is down" in text_of(alerts)
        assert "still firing critical ServiceDown" in text_of(alerts)
        assert alerts.count('href="/runbooks/service/ServiceDown"') == 2


async def test_explore_reads_a_real_loki(settings: Settings, tmp_path: Path) -> None:
    loki = Loki(tmp_path)
    now = time.time_ns()
    pushed = [
        [str(now - 10**9), f"went wrong {HOSTILE}", {"trace_id": TRACE, "detected_level": "error"}],
        [str(now), "went well", {"detected_level": "info"}],
    ]
    body = json.dumps({"streams": [{"stream": {"service_name": "shop"}, "values": pushed}]}).encode()
    with loki.up():
        push = urllib.request.Request(f"{loki.address}/loki/api/v1/push", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(push).close()
        until(lambda: loki.lines('{service_name="shop"}'))
        async with signed_in(settings, Sources(loki=loki.address)) as client:
            html = (await client.get("/explore?service=shop&level=error")).text
            assert "1 line " in text_of(html)
            assert "error shop went wrong &lt;script&gt;" in text_of(html)
            assert f'href="/trace/{TRACE}"' in html
            assert 'class="level-error"' in html
            refused = (await client.get('/explore?query={service_name="shop"} oops')).text
            assert "parse error at line 1, col" in refused
            assert "<mark>" in refused
            counted = (
                await client.get('/explore?query=sum by (service_name) (count_over_time({service_name=~".%2B"}[5m]))')
            ).text
            assert "service_name=shop 2" in text_of(counted)
