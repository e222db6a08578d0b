"""The exporter over the recorded engine, scraped as Prometheus would."""

import logging
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from docker_engine import Engine, recorded
from exporters.containers.app import exporter
from exporters.containers.docker import Docker
from exporters.containers.reader import Reader
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

Scrape = Callable[[], Awaitable[dict[tuple[str, ...], float]]]
UP = ("ai_monitoring_exporter_up", "containers")


def scraper(engine: Engine, seconds: float = 8, max_containers: int = 500, cache_seconds: float = 0) -> Scrape:
    """Scrapes one exporter again and again: values by name and label values."""
    reader = Reader(Docker(engine.address), seconds, max_containers)
    transport = httpx2.ASGITransport(app=exporter(reader, CollectorRegistry(), cache_seconds))

    async def scrape() -> dict[tuple[str, ...], float]:
        async with httpx2.AsyncClient(transport=transport, base_url="http://containers") as client:
            answer = await client.get("/metrics")
        assert answer.status_code == 200
        return {
            (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    return scrape


async def test_a_scrape_of_the_recorded_engine(engine: Engine) -> None:
    stats = recorded("cx-web.stats.json")
    memory = stats["memory_stats"]
    containers = {"cx-web": "web", "cx-crash": "cx-crash", "cx-oom": "cx-oom", "cx-once": "setup"}
    expected: dict[tuple[str, ...], float] = {
        UP: 1,
        **{("container_up", name, service): float(name == "cx-web") for name, service in containers.items()},
        **{("container_restarts_total", name, service): 0 for name, service in containers.items()},
        **{("container_oom_kills_total", name, service): 0 for name, service in containers.items()},
        ("container_healthy", "cx-web", "web"): 0,
        ("container_cpu_seconds_total", "cx-web", "web"): stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
        ("container_memory_bytes", "cx-web", "web"): memory["usage"] - memory["stats"]["total_inactive_file"],
        ("container_memory_limit_bytes", "cx-web", "web"): 67108864,
        ("container_memory_limit_bytes", "cx-oom", "cx-oom"): 8388608,
        ("container_replicas_wanted", "web"): 1,
        ("container_replicas_wanted", "cx-crash"): 1,
        ("container_replicas_wanted", "cx-oom"): 1,
        ("container_replicas_running", "web"): 1,
        ("container_replicas_running", "cx-crash"): 0,
        ("container_replicas_running", "cx-oom"): 0,
    }
    assert await scraper(engine)() == expected


async def test_restarts_and_kills_after_the_first_scrape_are_counted(engine: Engine) -> None:
    scrape = scraper(engine)
    await scrape()
    crash = recorded("cx-crash.json")
    crash["RestartCount"] += 3
    engine.set(f"{engine.container('cx-crash')}/json", crash)
    engine.time += 15
    scraped = await scrape()
    assert scraped["container_restarts_total", "cx-crash", "cx-crash"] == 3
    assert scraped["container_oom_kills_total", "cx-oom", "cx-oom"] == 4, "as many as there are recorded events"
    events = [target for target in engine.asked if target.startswith("/events")]
    start = engine.time - 15
    assert f"since={start}&until={start + 15}&" in events[-1], (
        "from where the last reading ended, by the engine's clock"
    )


async def test_an_engine_that_cannot_be_read_leaves_nothing_but_that(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    scrape = scraper(engine)
    assert (await scrape())[UP] == 1
    engine.status = "403 Forbidden"
    assert [await scrape(), await scrape()] == [{UP: 0}, {UP: 0}]
    [message] = caplog.messages
    assert "does the socket proxy allow it" in message
    engine.status = "200 OK"
    assert (await scrape())["container_restarts_total", "cx-crash", "cx-crash"] == 0, "what was known before still is"


async def test_a_container_that_cannot_be_read_takes_its_own_series_alone(engine: Engine) -> None:
    engine.set(f"{engine.container('cx-crash')}/json", {"message": "odd"})
    scraped = await scraper(engine)()
    assert scraped[UP] == 0
    assert ("container_up", "cx-web", "web") in scraped
    assert ("container_up", "cx-crash", "cx-crash") not in scraped
    assert not [key for key in scraped if key[0].startswith("container_replicas")], "half a reading cannot count them"


async def test_without_events_kills_are_unknown(engine: Engine) -> None:
    del engine.answers["/events"]
    scraped = await scraper(engine)()
    assert scraped[UP] == 0
    assert not [key for key in scraped if key[0] == "container_oom_kills_total"]
    assert ("container_up", "cx-web", "web") in scraped


async def test_a_container_that_is_removed_while_it_is_read_is_no_failure(engine: Engine) -> None:
    del engine.answers[f"{engine.container('cx-web')}/stats"]
    scraped = await scraper(engine)()
    assert scraped[UP] == 1
    assert ("container_up", "cx-web", "web") not in scraped


async def test_an_engine_that_is_too_slow_leaves_nothing_but_that(engine: Engine) -> None:
    engine.delay[f"{engine.container('cx-web')}/stats"] = 5
    assert await scraper(engine, seconds=0.2)() == {UP: 0}


async def test_more_containers_than_the_cap_are_told_of(engine: Engine) -> None:
    scraped = await scraper(engine, max_containers=1)()
    assert scraped[UP] == 0
    assert [key for key in scraped if key[0] == "container_up"] == [("container_up", "cx-web", "web")], "the oldest"


async def test_scrapes_at_the_same_moment_cost_one_reading(engine: Engine) -> None:
    scrape = scraper(engine, cache_seconds=60)
    assert await scrape() == await scrape()
    assert len([target for target in engine.asked if target.startswith("/containers/json")]) == 1


async def test_health_asks_nobody(engine: Engine) -> None:
    transport = httpx2.ASGITransport(app=exporter(Reader(Docker(engine.address)), CollectorRegistry()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://containers") as client:
        assert (await client.get("/health")).json()["status"] == "ok"
    assert not engine.asked
