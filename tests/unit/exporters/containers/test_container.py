from typing import Any

import pytest
from docker_engine import listed, recorded
from exporters.containers.container import Container, name_of, read


def changed(name: str, **state: Any) -> Container:
    inspected = recorded(f"{name}.json")
    inspected["State"].update(state)
    return read(listed(name), inspected, None)


def test_a_running_container_with_limit_and_health_check() -> None:
    container = read(listed("cx-web"), recorded("cx-web.json"), recorded("cx-web.stats.json"))
    stats = recorded("cx-web.stats.json")
    assert container == Container(
        id=recorded("cx-web.json")["Id"],
        service="web",
        name="cx-web",
        up=True,
        wanted=True,
        restarts=0,
        healthy=False,
        memory_limit_bytes=64 * 2**20,
        memory_bytes=stats["memory_stats"]["usage"] - stats["memory_stats"]["stats"]["total_inactive_file"],
        cpu_seconds=stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
    )


def test_a_container_that_crashes_again_and_again() -> None:
    container = read(listed("cx-crash"), recorded("cx-crash.json"), None)
    assert (container.up, container.wanted, container.service) == (False, True, "cx-crash")
    assert container.restarts > 5
    assert container.memory_limit_bytes is container.memory_bytes is container.cpu_seconds is container.healthy is None


def test_a_job_that_ran_to_its_good_end_is_no_replica() -> None:
    assert not read(listed("cx-once"), recorded("cx-once.json"), None).wanted
    assert changed("cx-once", ExitCode=1).wanted
    assert not changed("cx-oom", ExitCode=0).wanted, "its policy is on-failure"
    assert read(listed("cx-oom"), recorded("cx-oom.json"), None).wanted
    assert changed("cx-crash", Status="exited", ExitCode=0).wanted, "its policy is always"


def test_a_container_of_compose_run_is_no_replica() -> None:
    one = listed("cx-web")
    one["Labels"]["com.docker.compose.oneoff"] = "True"
    assert not read(one, recorded("cx-web.json"), None).wanted


@pytest.mark.parametrize(
    ("health", "healthy"),
    [
        ({"Status": "healthy"}, True),
        ({"Status": "starting"}, None),
        ({"Status": "none"}, None),
        ({"Status": ""}, None),
        (None, None),
    ],
)
def test_health_is_known_once_it_was_checked(health: dict[str, str] | None, healthy: bool | None) -> None:
    assert changed("cx-web", Health=health).healthy is healthy


@pytest.mark.parametrize("status", ["created", "restarting", "paused", "removing", "exited", "dead"])
def test_what_does_not_run_is_not_up(status: str) -> None:
    assert not changed("cx-web", Status=status).up


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        ({"usage": 100, "stats": {"inactive_file": 30}}, 70),
        ({"usage": 100, "stats": {"total_inactive_file": 30, "inactive_file": 1}}, 70),
        ({"usage": 100, "stats": {"inactive_file": 300}}, 100),
        ({"usage": 100}, 100),
        ({}, None),
    ],
)
def test_memory_is_without_the_cache_that_can_be_dropped(memory: dict[str, Any], expected: int | None) -> None:
    stats = {"memory_stats": memory, "cpu_stats": {}}
    container = read(listed("cx-web"), recorded("cx-web.json"), stats)
    assert (container.memory_bytes, container.cpu_seconds) == (expected, None)


def test_the_name_is_the_containers_own() -> None:
    assert name_of({"Id": "0123456789abcdef", "Names": ["/web/alias", "/db"]}) == "db"
    assert name_of({"Id": "0123456789abcdef", "Names": []}) == "0123456789ab"
