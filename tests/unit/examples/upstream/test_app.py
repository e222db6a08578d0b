"""The upstream over HTTP, as the SDKs' tests do not see it: shapes of errors, orders, answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from examples.upstream.app import app
from starlette.testclient import TestClient

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "How long do shoes last?"}]}
MESSAGE = {"model": "claude-opus-4-8", "max_tokens": 100, "messages": [{"role": "user", "content": "Shoes?"}]}
CONTEXT = "Sleep longer after a long run. Shoes last about 700 kilometres. Drink water."


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(app) as opened:
        yield opened


def events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


def test_it_answers_from_the_passage_that_the_prompt_holds(client: TestClient) -> None:
    question = f"<passage>{CONTEXT}</passage> How many kilometres do shoes last?"
    answer = client.post("/v1/chat/completions", json={**CHAT, "messages": [{"role": "user", "content": question}]})
    assert answer.json()["choices"][0]["message"]["content"] == "Shoes last about 700 kilometres."
    system = [{"role": "system", "content": CONTEXT}, {"role": "user", "content": "How many kilometres do shoes last?"}]
    answer = client.post("/v1/chat/completions", json={**CHAT, "messages": system})
    assert answer.json()["choices"][0]["message"]["content"] == "Shoes last about 700 kilometres."


def test_tokens_are_a_quarter_of_the_characters_unless_ordered(client: TestClient) -> None:
    usage = client.post("/v1/chat/completions", json=CHAT).json()["usage"]
    assert usage["prompt_tokens"] == len("How long do shoes last?") // 4
    ordered = client.post(
        "/v1/messages", json=MESSAGE, headers={"x-demo-input-tokens": "50", "x-demo-cached-tokens": "30"}
    ).json()["usage"]
    assert (ordered["input_tokens"], ordered["cache_read_input_tokens"]) == (20, 30)


def test_a_stream_has_as_many_words_as_output_tokens_are_ordered(client: TestClient) -> None:
    answer = client.post("/v1/chat/completions", json={**CHAT, "stream": True}, headers={"x-demo-output-tokens": "40"})
    deltas = [event["choices"][0]["delta"].get("content") for event in events(answer.text)]
    assert len([delta for delta in deltas if delta]) == 40
    assert answer.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize("asked", [True, False])
def test_usage_of_a_stream_comes_where_it_was_asked_for(asked: bool, client: TestClient) -> None:
    options = {"include_usage": True} if asked else {}
    answer = client.post("/v1/chat/completions", json={**CHAT, "stream": True, "stream_options": options})
    assert ["usage" in event for event in events(answer.text)] == [asked] * len(events(answer.text))
    assert bool(events(answer.text)[-1].get("usage")) is asked


@pytest.mark.parametrize(
    ("path", "headers", "shape"),
    [
        ("/v1/unknown", {}, ["error"]),
        ("/v1/unknown", {"anthropic-version": "2023-06-01"}, ["error", "request_id", "type"]),
    ],
)
def test_unknown_paths(path: str, headers: dict[str, str], shape: list[str], client: TestClient) -> None:
    answer = client.post(path, json={}, headers=headers)
    assert answer.status_code == 404
    assert sorted(answer.json()) == shape


@pytest.mark.parametrize("body", ["nothing", "[]", '{"model": "gpt-4o"}'])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/embeddings"])
def test_a_body_that_is_none(path: str, body: str, client: TestClient) -> None:
    answer = client.post(path, content=body)
    assert answer.status_code == 400
    assert "message" in answer.json()["error"]


@pytest.mark.parametrize("value", ["many", "-1", "nan", "1e99"])
def test_an_order_that_is_no_number_is_named(value: str, client: TestClient) -> None:
    answer = client.post("/v1/chat/completions", json=CHAT, headers={"x-demo-latency": value})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("x-demo-latency")


def test_failures_to_order(client: TestClient) -> None:
    headers = {"x-demo-status": "429", "x-demo-retry-after": "7"}
    answer = client.post("/v1/messages", json=MESSAGE, headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"]["type"] == "rate_limit_error"
    attempts = [
        client.post(
            "/v1/chat/completions",
            json=CHAT,
            headers={"x-demo-fail-first": "2", "x-stainless-retry-count": str(number)},
        ).status_code
        for number in range(3)
    ]
    assert attempts == [429, 429, 200]


def test_a_tool_is_called_once_and_its_result_answered(client: TestClient) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    first = client.post("/v1/chat/completions", json={**CHAT, "tools": tools}).json()["choices"][0]
    assert (first["finish_reason"], first["message"]["tool_calls"][0]["function"]["name"]) == ("tool_calls", "weather")
    result = {"role": "tool", "tool_call_id": "1", "content": "rain"}
    turns = [*CHAT["messages"], {"role": "assistant", "content": None}, result]
    second = client.post("/v1/chat/completions", json={**CHAT, "messages": turns, "tools": tools}).json()["choices"][0]
    assert second["finish_reason"] == "stop"
    none = client.post("/v1/chat/completions", json={**CHAT, "tools": tools, "tool_choice": "none"}).json()
    assert none["choices"][0]["finish_reason"] == "stop"


def test_health(client: TestClient) -> None:
    assert client.get("/health").json()["status"] == "ok"


def test_standing_orders_hold_for_every_request_before_its_own(client: TestClient) -> None:
    order = {"seconds": 60, "orders": {"x-demo-status": "429"}}
    assert client.get("/control").json()["demo"] == "llm-upstream"
    assert client.post("/control", json=order).json()["orders"] == {"x-demo-status": "429"}
    try:
        assert client.post("/v1/chat/completions", json=CHAT, headers={"x-demo-status": "500"}).status_code == 429
    finally:
        client.request("DELETE", "/control", json=order)
    assert client.post("/v1/chat/completions", json=CHAT).status_code == 200


def test_another_embedding_model_has_vectors_like_none_of_the_usual_one(client: TestClient) -> None:
    def vector(**headers: str) -> list[float]:
        body = {"model": "text-embedding-3-small", "input": "How long do shoes last?"}
        answer = client.post("/v1/embeddings", json=body, headers=headers)
        found: list[float] = answer.json()["data"][0]["embedding"]
        return found

    usual, other = vector(), vector(**{"x-demo-embedding": "another"})
    assert sum(a * b for a, b in zip(usual, other, strict=True)) < 0.3
    assert sum(a * b for a, b in zip(usual, vector(), strict=True)) > 0.99
