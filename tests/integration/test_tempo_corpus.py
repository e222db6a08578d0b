"""A real Tempo answers the corpus as the embedded backend does: TEMPO_BIN names the program."""

import json
import os
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from backends import Tempo
from span_store import store_of
from starlette.applications import Starlette
from starlette.testclient import TestClient
from trace_corpus import CORPUS, corpus_spans
from waiting import until

from ai_monitoring.embedded.tempo.otlp import traces_data
from ai_monitoring.embedded.tempo.routes import routes

pytestmark = pytest.mark.skipif("TEMPO_BIN" not in os.environ, reason="TEMPO_BIN names no Tempo")
BEGIN = int(time.time() - 60) * 10**9
PATHS = (
    "/api/traces/a1",
    "/api/traces/dead",
    "/api/traces/xyz",
    "/api/v2/traces/0d4",
    "/api/v2/traces/dead",
    "/api/search/tags",
    "/api/v2/search/tags?scope=span",
    "/api/v2/search/tags?scope=resource",
    "/api/v2/search/tags?scope=foo",
    "/api/search/tag/service.name/values",
    "/api/v2/search/tag/resource.service.name/values",
    "/api/v2/search/tag/.http.response.status_code/values",
    "/api/v2/search/tag/span.tags/values",
    "/api/v2/search/tag/span.user.premium/values",
    "/api/v2/search/tag/span.price/values",
    "/api/v2/search/tag/kind/values",
    "/api/search?tags=service.name%3Dshop&minDuration=1s",
    "/api/search?q=%7B%7D&limit=0",
    "/api/search?q=%7B%7D&tags=a%3Db",
    "/api/echo",
)


@pytest.fixture(scope="module")
def tempo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Tempo that has the corpus."""
    real = Tempo(tmp_path_factory.mktemp("tempo"))
    with real.up():
        body = traces_data(corpus_spans(BEGIN)).SerializeToString()
        headers = {"Content-Type": "application/x-protobuf"}
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{real.otlp_http}/v1/traces", body, headers))
        until(lambda: len(json.loads(_asked(real.address + _search("{}"))[1])["traces"]) == len(CORPUS["traces"]))
        yield real.address


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder: Path = tmp_path_factory.mktemp("embedded")
    return TestClient(Starlette(routes=routes(store_of(folder, corpus_spans(BEGIN)))))


@pytest.mark.parametrize("query", [case["q"] for case in CORPUS["queries"]])
def test_a_search_has_the_same_answer(tempo: str, ours: TestClient, query: str) -> None:
    status, theirs = _asked(tempo + _search(query))
    answer = ours.get(_search(query))
    assert (answer.status_code, _traces(answer.json())) == (status, _traces(json.loads(theirs)))


@pytest.mark.parametrize("query", CORPUS["refused"])
def test_the_same_is_refused(tempo: str, ours: TestClient, query: str) -> None:
    assert (_asked(tempo + _search(query))[0], ours.get(_search(query)).status_code) == (400, 400)


@pytest.mark.parametrize("path", PATHS)
def test_other_addresses_have_the_same_answers(tempo: str, ours: TestClient, path: str) -> None:
    status, theirs = _asked(tempo + path)
    answer = ours.get(path)
    assert (answer.status_code, _plain(answer.text)) == (status, _plain(theirs))


def _search(query: str) -> str:
    return "/api/search?" + urllib.parse.urlencode({"q": query, "spss": "20"})


def _asked(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _traces(answer: dict[str, Any]) -> list[Any]:
    """What an answer says of each trace and of its spans, in an order of its own.

    Of the attributes of spans Tempo gives those whose condition held, and once for each condition; ours gives what the
    query names.
    """
    return [
        {
            name: trace.get(name)
            for name in ("traceID", "rootServiceName", "rootTraceName", "startTimeUnixNano", "durationMs")
        }
        | {"services": trace["serviceStats"], "sets": sorted(map(_spanset, trace["spanSets"]), key=repr)}
        for trace in answer["traces"]
    ]


def _spanset(spanset: dict[str, Any]) -> tuple[Any, ...]:
    spans = [(span["spanID"], span["startTimeUnixNano"], span.get("durationNanos")) for span in spanset["spans"]]
    attributes = [(each["key"], each["value"]) for each in spanset.get("attributes", [])]
    return spanset["matched"], sorted(spans), sorted(attributes, key=repr)


def _plain(text: str) -> Any:
    """JSON without Tempo's account of its work, and without an order; other text as it is."""
    if not text.startswith("{"):
        return text
    content = json.loads(text)
    content.pop("metrics", None)
    return _sorted(content)


def _sorted(content: Any) -> Any:
    if isinstance(content, list):
        return sorted(map(_sorted, content), key=repr)
    return {name: _sorted(content[name]) for name in sorted(content)} if isinstance(content, dict) else content
