"""Conditions at a real service of the demo: they begin, they end, and they keep off what is not the demo's."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from demo_service import Demo, demo_service
from waiting import free_ports, until

from ai_monitoring.simulate import demo
from ai_monitoring.simulate.conditions import attempted, halted, ordered
from ai_monitoring.simulate.demo import DemoService
from ai_monitoring.simulate.stage import Stage
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings, load, port_setting


class Engine:
    """An engine that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def halt(self, name: str) -> None:
        self.told.append(("halt", name))

    def resume(self, name: str) -> None:
        self.told.append(("resume", name))


@pytest.fixture
def upstream() -> Iterator[Demo]:
    with demo_service("llm-upstream", "x-demo-status", "x-demo-latency") as service:
        yield service


def settings(folder: Path, name: str, port: int) -> Settings:
    now = load(folder, {})
    return replace(now, ports={**now.ports, port_setting(name): port})


def stage(folder: Path, name: str, port: int) -> Stage:
    engine: Any = Engine()
    return Stage(settings(folder, name, port), engine, 60.0)


def interrupt(condition: AbstractContextManager[None]) -> None:
    """Press Ctrl-C while the condition lasts."""
    with pytest.raises(KeyboardInterrupt), condition:
        raise KeyboardInterrupt


def test_orders_stand_as_long_as_the_condition(upstream: Demo, tmp_path: Path) -> None:
    with ordered("llm-upstream", x_demo_status="500")(stage(tmp_path, "llm-upstream", upstream.port)):
        assert upstream.standing.orders() == {"x-demo-status": "500"}
    assert upstream.standing.orders() == {}


def test_orders_of_others_stay(upstream: Demo, tmp_path: Path) -> None:
    here = stage(tmp_path, "llm-upstream", upstream.port)
    with ordered("llm-upstream", x_demo_latency="4")(here):
        with ordered("llm-upstream", x_demo_status="500")(here):
            pass
        assert upstream.standing.orders() == {"x-demo-latency": "4"}


def test_orders_end_where_the_rehearsal_fails(upstream: Demo, tmp_path: Path) -> None:
    interrupt(ordered("llm-upstream", x_demo_status="500")(stage(tmp_path, "llm-upstream", upstream.port)))
    assert upstream.standing.orders() == {}


def test_an_order_that_the_service_does_not_know_is_refused(upstream: Demo, tmp_path: Path) -> None:
    condition = ordered("llm-upstream", x_demo_mood="bad")(stage(tmp_path, "llm-upstream", upstream.port))
    with pytest.raises(StackError, match="does not take its orders: x-demo-mood: no order of llm-upstream"), condition:
        pytest.fail("It was not refused")


def test_what_is_not_the_demos_is_left_alone(upstream: Demo, tmp_path: Path) -> None:
    """Another service listens at the port of the demo's Django."""
    here = stage(tmp_path, "django", upstream.port)
    for condition in (ordered("django", query_seconds="1"), attempted("django", [("GET", "/", None)], every=0.01)):
        with pytest.raises(StackError, match="The demo's django does not answer"), condition(here):
            pytest.fail("It was not refused")
    assert upstream.asked == []


def test_nobody_at_the_port_is_said_so(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with pytest.raises(StackError, match=rf"does not answer at 127\.0\.0\.1:{port}") as refused:
        DemoService(settings(tmp_path, "django", port), "django").check()
    assert refused.value.remedy == demo.START


def test_a_real_provider_is_never_ordered(upstream: Demo, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_BASE_URL=https://api.openai.com/v1\n", encoding="utf-8")
    condition = ordered("llm-upstream", x_demo_status="500")(stage(tmp_path, "llm-upstream", upstream.port))
    with pytest.raises(StackError, match=r"asks a real provider \(OPENAI_BASE_URL in \.env\)"), condition:
        pytest.fail("It was not refused")
    assert upstream.standing.orders() == {}


def test_a_halted_part_is_resumed_whatever_happens(tmp_path: Path) -> None:
    here = stage(tmp_path, "django", 1)
    engine: Any = here.engine
    interrupt(halted("streamlit")(here))
    assert engine.told == [("halt", "streamlit"), ("resume", "streamlit")]


def test_attempts_come_each_in_its_turn_and_end(tmp_path: Path) -> None:
    """Their paths as they are, which a client library would tidy up."""
    attempts = [("POST", "/api/login/", {"username": "ada"}), ("GET", "/api/../../etc/passwd", None)]
    with demo_service("django") as service:
        with attempted("django", attempts, every=0.001)(stage(tmp_path, "django", service.port)):
            until(lambda: len(service.asked) > 2)
        after = len(service.asked)
        assert service.asked[:3] == [
            ("POST", "/api/login/", '{"username": "ada"}'),
            ("GET", "/api/../../etc/passwd", ""),
            ("POST", "/api/login/", '{"username": "ada"}'),
        ]
        assert len(service.asked) == after


def test_attempts_go_on_while_the_service_does_not_answer(tmp_path: Path) -> None:
    with demo_service("django") as service:
        condition = attempted("django", [("GET", "/", None)], every=0.001)(stage(tmp_path, "django", service.port))
        condition.__enter__()
    condition.__exit__(None, None, None)
