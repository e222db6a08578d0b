import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx2
from board_sources import sources_at
from stub_watch import PASSWORD, Watch, alert, service, target, text_of

from ai_monitoring.embedded.viewer.settings import Settings

Visit = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


async def seen(client: httpx2.AsyncClient) -> str:
    answer = await client.get("/")
    assert answer.status_code == 200
    return text_of(answer.text)


async def test_all_is_well(client: httpx2.AsyncClient) -> None:
    text = await seen(client)
    assert "All is well 2 services healthy, no alert fires." in text
    assert re.search(r"django Healthy 12.3/s 0.1 % 230 ms", text)
    for part in ("Processors 37 %", "Memory 61 %", "Disk / 82 %", "700 MiB of 2 GiB", "Coaching IA - Overview"):
        assert part in text
    assert "Open way of alerts" in text


async def test_a_dashboard_that_cannot_be_read_is_named_with_the_reason(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/")
    assert "mine.json ⚠ mine.json is no dashboard that can be shown: it has no list of panels." in text_of(answer.text)
    assert 'href=""' not in answer.text


async def test_alerts_that_fire_come_first(client: httpx2.AsyncClient, watch: Watch) -> None:
    silenced = alert("LLMSlow", "warning")
    silenced["status"]["silencedBy"] = ["id"]
    watch.alerts += [alert("ServiceErrorRate", "warning", 3900, service="fastapi"), silenced]
    text = await seen(client)
    assert "1 alert fires ServiceErrorRate (fastapi)" in text
    assert "ServiceErrorRate, for 1 h 5 min" in text
    assert "fastapi Needs a look" in text
    watch.alerts.append(alert("ServiceDown", "critical", service="django"))
    text = await seen(client)
    assert "2 alerts fire ServiceDown (django), ServiceErrorRate (fastapi)" in text
    assert "django In trouble" in text


async def test_ill_services_before_an_alert_fires(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.samples = [*service("a"), *service("b", up=0, probe=0), *service("c", probe=0), *service("d", up=0)]
    text = await seen(client)
    assert "Not all is well b: down, c: health check fails, d: metrics not readable." in text


async def test_one_instance_of_two(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.samples = [*service("a"), *service("a", up=0, probe=0)]
    assert "a Health check fails" in await seen(client)


async def test_part_of_the_watch_that_is_down(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.targets += [target("embedded", "down", "connection refused"), target("services", "down")]
    text = await seen(client)
    assert "The watch is not complete In trouble: embedded." in text
    assert "embedded:9090 connection refused" in text


async def test_missing_watchdog_is_no_proof(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.alerts = []
    text = await seen(client)
    assert "In trouble: way of alerts." in text
    assert "The Watchdog has not arrived." in text


async def test_no_service_is_told_what_to_do(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.samples = []
    text = await seen(client)
    assert "The watch is well No service is declared yet" in text
    assert "prometheus/targets/services.yml" in text
    assert "Node exporter has told nothing yet" in text


async def test_source_that_is_gone_is_told_beside_an_alert(settings: Settings, watch: Watch, visit: Visit) -> None:
    watch.alerts.append(alert("ServiceDown", "critical", service="django"))
    async with visit(settings, sources=sources_at("http://watch", prometheus="http://watch/gone")) as client:
        await client.post("/login", data={"user": "admin", "password": PASSWORD})
        text = await seen(client)
    assert "1 alert fires ServiceDown (django)" in text
    assert "Not known now." in text
    assert text.count("python3 start_monitoring.py status") == 1


async def test_without_prometheus_and_alertmanager_nothing_is_called_well(settings: Settings, visit: Visit) -> None:
    gone = sources_at("http://watch", prometheus="http://watch/gone", alertmanager="http://watch/away")
    async with visit(settings, sources=gone) as client:
        await client.post("/login", data={"user": "admin", "password": PASSWORD})
        text = await seen(client)
    assert "The watch is blind" in text
    assert text.count("python3 start_monitoring.py status") == 1
    assert "Not known while Prometheus does not answer." in text
    assert "Healthy" not in text
    assert "No alert fires" not in text
