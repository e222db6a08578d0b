"""Whatever a browser asks and a data source answers, there is an answer in JSON, and never a 500."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from board_sources import StandIn, sources_at
from boards import FOLDER, boards, panels
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ai_monitoring.embedded.viewer.boards.files import Boards
from ai_monitoring.embedded.viewer.boards.routes import routes
from ai_monitoring.embedded.viewer.sources import Client

TIMES = ["now", "now-1h", "now/d", "now-", "-1", "0", "1e9", "9" * 40, "now-99999y", "²", "\x00", "now+5M/M", "", "NaN"]
WORDS = [
    "$__all",
    "$service",
    "${service:csv}",
    '"',
    "\\",
    "a|b",
    "(",
    "{{x}}",
    "\ud83d\ude00",
    "a" * 5000,
    "",
    "\n",
    "../",
]
PLAIN: list[Any] = [None, True, 0, -1.5, 10**400, "x", "NaN", "", [], {}]
KEYS = [
    "data",
    "result",
    "resultType",
    "metric",
    "value",
    "values",
    "stream",
    "traces",
    "traceID",
    "exemplars",
    "labels",
]
PANELS = [(board["uid"], panel["id"]) for board in boards().values() for panel in panels(board)]


@pytest.fixture
def browser(source: StandIn) -> Iterator[TestClient]:
    client = Client(sources_at(source.address), seconds=5)
    with TestClient(Starlette(routes=routes(Boards(FOLDER), client))) as browser:
        yield browser
        assert browser.portal is not None
        browser.portal.call(client.aclose)


def noise(dice: random.Random, depth: int = 4) -> Any:
    """JSON that looks a little like what sources answer."""
    kind = dice.random()
    if depth == 0 or kind < 0.25:
        return dice.choice([*PLAIN, "matrix", "vector", "streams", "scalar", [1800000000, "1"], {"a": "b"}])
    if kind < 0.5:
        return [noise(dice, depth - 1) for _ in range(dice.randrange(3))]
    return {key: noise(dice, depth - 1) for key in dice.sample(KEYS, dice.randrange(1, 6))}


def series(dice: random.Random) -> Any:
    kind = dice.choice(["matrix", "vector", "streams", "scalar"])
    return {"data": {"resultType": kind, "result": [noise(dice, 3) for _ in range(2)]}, "traces": [noise(dice, 3)]}


@pytest.mark.parametrize("seed", range(150))
def test_every_question_has_an_answer(browser: TestClient, source: StandIn, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same noise each time
    made = dice.choice([noise, series])
    source.otherwise = lambda _: made(dice)
    uid, panel = dice.choice(PANELS)
    query = [
        ("from", dice.choice(TIMES)),
        ("to", dice.choice(TIMES)),
        ("width", dice.choice(["600", "0", "x", "10000"])),
    ]
    query += [(f"var-{dice.choice(['service', 'interval', 'model', ''])}", dice.choice(WORDS)) for _ in range(3)]
    if dice.random() < 0.7:
        query = query[3:]  # the range and the width are right: the source is asked
    path = dice.choice([f"/api/boards/{uid}", f"/api/boards/{uid}/panels/{panel}"])
    answer = browser.get(f"{path}?{urlencode(query, errors='surrogatepass')}")
    assert answer.status_code in (200, 400)
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("seed", range(50))
def test_a_dashboard_of_noise_has_an_answer(tmp_path: Path, source: StandIn, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same noise each time
    source.otherwise = lambda _: series(dice)
    Damage(dice).write(tmp_path / "x.json")
    client = Client(sources_at(source.address), seconds=5)
    with TestClient(Starlette(routes=routes(Boards(tmp_path), client))) as browser:
        for path in ("", "/x", *(f"/x/panels/{number}" for number in range(1, 5))):
            answer = browser.get(f"/api/boards{path}")
            assert answer.status_code in (200, 400, 404)
            answer.json()
        assert browser.portal is not None
        browser.portal.call(client.aclose)


class Damage:
    """A dashboard of the house, in which some values are replaced by others."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def write(self, file: Path) -> None:
        board = self._dice.choice(list(boards().values()))
        damaged = self._damaged({**board, "panels": panels(board)[:4], "uid": "x"}, 0)
        file.write_text(json.dumps(damaged), encoding="utf-8")

    def _damaged(self, value: Any, depth: int) -> Any:
        if depth > 1 and self._dice.random() < 0.03:
            return self._dice.choice(PLAIN)
        if isinstance(value, dict):
            return {key: self._damaged(each, depth + 1) for key, each in value.items()}
        return [self._damaged(each, depth + 1) for each in value] if isinstance(value, list) else value
