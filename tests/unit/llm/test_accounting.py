import asyncio
from collections.abc import Iterator

import pytest

from ai_monitoring.llm.accounting import attribution, labels, set_service_attribution


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("AI_MONITORING_TEAM", raising=False)
    monkeypatch.delenv("AI_MONITORING_PROJECT", raising=False)
    set_service_attribution(None, None)
    yield
    set_service_attribution(None, None)


def test_nobody_is_none() -> None:
    assert labels() == ("none", "none")


def test_the_call_goes_before_the_context_the_service_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_MONITORING_TEAM", "environment")
    assert labels() == ("environment", "none")
    set_service_attribution("service", None)
    assert labels() == ("service", "none")
    with attribution(team="context"):
        assert labels() == ("context", "none")
        assert labels("call") == ("call", "none")
    assert labels() == ("service", "none")


def test_an_inner_context_keeps_what_it_does_not_name() -> None:
    with attribution(team="search", project="faq"), attribution(project="plans"):
        assert labels() == ("search", "plans")


def test_a_function_can_be_decorated() -> None:
    @attribution(team="search")
    def call() -> tuple[str, str]:
        return labels()

    assert call() == call() == ("search", "none")


async def test_tasks_do_not_mix() -> None:
    async def call(team: str) -> str:
        with attribution(team=team):
            await asyncio.sleep(0)
            return labels()[0]

    assert list(await asyncio.gather(call("a"), call("b"))) == ["a", "b"]
