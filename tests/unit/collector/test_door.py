"""What is wrong by type is refused, what is odd is put right and counted, and nothing of a text is told."""

import math
from dataclasses import fields
from decimal import Decimal
from time import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from ai_monitoring import AIRequest, MetricsCollector
from ai_monitoring.collector.checks import MAX_TEXT
from ai_monitoring.collector.door import Door
from ai_monitoring.compliance.pseudonym import Pseudonyms
from ai_monitoring.configuration import Configuration

Ask = Any
PSEUDONYMS = Pseudonyms(b"made up for the tests")


def clamped(registry: CollectorRegistry, field: str) -> float | None:
    return registry.get_sample_value("ai_requests_clamped_total", {"field": field})


@pytest.mark.parametrize(
    ("field", "value", "error", "message"),
    [
        ("prompt", None, TypeError, "prompt is of type NoneType: give a string"),
        ("response", b"ada@example.org", TypeError, "response is of type bytes: give a string"),
        ("request_id", 5, TypeError, "request_id is of type int: give a string"),
        ("request_id", "", ValueError, "request_id is empty: say which one it was"),
        ("model", " ", ValueError, "model is empty"),
        ("input_tokens", "12", TypeError, "input_tokens is of type str: give a whole number of tokens"),
        ("input_tokens", 1.5, TypeError, "input_tokens is of type float: give a whole number"),
        ("output_tokens", True, TypeError, "output_tokens is of type bool"),
        ("latency_ms", None, TypeError, "latency_ms is of type NoneType: give a number"),
        ("latency_ms", "fast", TypeError, "latency_ms is of type str: give a number"),
        ("context", "one document", TypeError, "context is of type str: give a list of strings"),
        ("context", ["a", 5], TypeError, r"context\[1\] is of type int: give a string"),
        ("documents", "faq-1", TypeError, "documents is of type str: give a list of strings"),
        ("documents", ["faq-1", 5], TypeError, r"documents\[1\] is of type int: give a string"),
        ("documents", [""], ValueError, r"documents\[0\] is empty"),
        ("confidence", "high", TypeError, "confidence is of type str: give a number"),
        ("rate_limited", 1, TypeError, "rate_limited is of type int: give True or False"),
        ("consent", "yes", TypeError, "consent is of type str: give True or False"),
        ("user", 17, TypeError, "user is of type int: give a string"),
    ],
)
def test_what_is_wrong_by_type_is_refused(
    collector: MetricsCollector, ask: Ask, field: str, value: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as raised:
        collector.record(ask(**{field: value}))
    assert "ada@example.org" not in str(raised.value)
    with pytest.raises(error, match=message):
        collector.submit(ask(**{field: value}))


def test_only_a_request_can_be_recorded(collector: MetricsCollector) -> None:
    with pytest.raises(TypeError, match="a request is of type dict: give an AIRequest"):
        collector.record({"prompt": "ada@example.org"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("input_tokens", -5, 0),
        ("output_tokens", 3_000_000_000, 1_000_000),
        ("input_tokens", 10**400, 10_000_000),
        ("cache_read_tokens", 2000, 1000),
        ("cache_write_tokens", 2000, 1000),
        ("reasoning_tokens", 101, 100),
        ("latency_ms", -1.0, 0.0),
        ("latency_ms", math.nan, 0.0),
        ("latency_ms", math.inf, 86_400_000.0),
        ("latency_ms", 10**400, 86_400_000.0),
        ("time_to_first_token_ms", -3.0, 0.0),
        ("time_to_first_token_ms", math.nan, None),
        ("time_to_first_token_ms", 900.0, 850.0),
        ("inference_time_ms", 900.0, 850.0),
        ("confidence", 1.2, 1.0),
        ("confidence", math.nan, None),
        ("business_value", -3.0, 0.0),
        ("business_value", Decimal("Infinity"), 1e9),
        ("response", "a\ud800b", "a?b"),
        ("team", "x" * 65, "x" * 64),
        ("context", ["a\ud800"], ("a?",)),
        ("context", ["a"] * 101, ("a",) * 100),
        ("documents", ["a"] * 101, ("a",) * 100),
    ],
)
def test_what_is_odd_is_put_right_and_counted(
    registry: CollectorRegistry, ask: Ask, field: str, value: Any, found: Any
) -> None:
    assert getattr(Door(registry, PSEUDONYMS.of).admit(ask(**{field: value})).request, field) == found
    assert clamped(registry, field) == 1


@pytest.mark.parametrize("timestamp", [-1.0, 5.0, 4e9, 1e15, math.nan, math.inf, None])
def test_a_time_that_cannot_be_is_now(registry: CollectorRegistry, ask: Ask, timestamp: float | None) -> None:
    before = time()
    found = Door(registry, PSEUDONYMS.of).admit(ask(timestamp=timestamp)).request.timestamp
    assert found is not None
    assert before <= found <= time()
    assert clamped(registry, "timestamp") == (timestamp is not None)


def test_an_id_of_a_document_that_is_long_or_personal_becomes_a_hash(registry: CollectorRegistry, ask: Ask) -> None:
    documents = ["faq-1", "x" * 128, "x" * 129, "x" * 130, "ada@example.org"]
    kept = Door(registry, PSEUDONYMS.of).admit(ask(documents=documents)).request.documents
    assert list(kept[:2]) == documents[:2]
    assert all(one.startswith("hash-") for one in kept[2:])
    assert len(set(kept)) == 5
    assert clamped(registry, "documents") == 1


@pytest.mark.parametrize("field", ["request_id", "provider", "model"])
def test_a_name_that_cannot_be_one_still_tells_one_from_another(
    registry: CollectorRegistry, ask: Ask, field: str
) -> None:
    door = Door(registry, PSEUDONYMS.of)
    one, other = (
        getattr(door.admit(ask(**{field: text * 100})).request, field) for text in ("My prompt\n", "Another\n")
    )
    assert one != other
    assert one.startswith("hash-")
    assert "prompt" not in one


def test_a_huge_text_keeps_its_head_and_tail(registry: CollectorRegistry, ask: Ask) -> None:
    prompt = Door(registry, PSEUDONYMS.of).admit(ask(prompt="head" + "x" * 10_000_000 + "tail")).request.prompt
    assert (len(prompt), prompt[:4], prompt[-4:]) == (MAX_TEXT, "head", "tail")
    assert clamped(registry, "prompt") == 1


def test_a_user_goes_on_under_a_pseudonym(registry: CollectorRegistry, ask: Ask) -> None:
    admission = Door(registry, PSEUDONYMS.of).admit(ask(user="ada@example.org"))
    assert admission.request.user == PSEUDONYMS.of("ada@example.org")
    assert "ada" not in repr(admission)
    assert Door(registry, PSEUDONYMS.of).admit(ask()).request.user is None


@pytest.mark.parametrize("field", ["purpose", "model"])
def test_a_label_is_never_the_users_name(registry: CollectorRegistry, ask: Ask, field: str) -> None:
    admission = Door(registry, PSEUDONYMS.of).admit(ask(user="ada", **{field: "ada"}))
    assert getattr(admission.request, field) == "other"
    assert clamped(registry, field) == 1


def test_nothing_is_counted_of_an_ordinary_request(registry: CollectorRegistry, ask: Ask) -> None:
    request = ask(
        latency_ms=850, confidence=1, context=["é", "b"], documents=["d 1"], user="ada", business_value=Decimal("1.5")
    )
    admitted = Door(registry, PSEUDONYMS.of).admit(request).request
    assert (admitted.latency_ms, admitted.business_value) == (850.0, 1.5)
    assert (admitted.context, admitted.documents) == (["é", "b"], ["d 1"])
    assert admitted.context is request.context
    assert not any(clamped(registry, field.name) for field in fields(AIRequest))


ANY = st.text(st.characters(), max_size=60)
NUMBERS = st.floats() | st.integers() | st.decimals(allow_nan=False)
REQUESTS = st.builds(
    AIRequest,
    request_id=st.uuids().map(str),
    provider=st.sampled_from(["openai", "nobody", "a b\n"]),
    model=ANY.filter(str.strip),
    prompt=ANY,
    response=ANY,
    input_tokens=st.integers(),
    output_tokens=st.integers(),
    cache_read_tokens=st.integers(),
    cache_write_tokens=st.integers(),
    reasoning_tokens=st.integers(),
    latency_ms=NUMBERS,
    time_to_first_token_ms=st.none() | NUMBERS,
    inference_time_ms=st.none() | NUMBERS,
    context=st.lists(ANY, max_size=3),
    documents=st.lists(ANY.filter(str.strip), max_size=3),
    confidence=st.none() | NUMBERS,
    error=st.none() | ANY,
    rate_limited=st.booleans(),
    cache_hit=st.booleans(),
    consent=st.none() | st.booleans(),
    purpose=st.none() | ANY,
    business_value=st.none() | NUMBERS,
    team=st.none() | ANY,
    timestamp=st.none() | NUMBERS,
)
ODD = CollectorRegistry()
COLLECTOR = MetricsCollector(Configuration(), registry=ODD)


@settings(deadline=None, max_examples=80)
@given(REQUESTS)
def test_whatever_is_of_the_right_type_is_recorded(request: AIRequest) -> None:
    readings = COLLECTOR.record(request)
    cost, technical = readings["finops"].cost, readings["technical"]
    assert 0 <= cost.total_cost < 1000
    assert 0 <= technical.latency.total_ms <= 86_400_000
    assert all(0 <= score <= 1 for score in readings["cognitive"].scores.values())
    failures = {sample.value for metric in ODD.collect() for sample in metric.samples if "failures" in sample.name}
    assert failures == {0}


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from([field.name for field in fields(AIRequest)]),
    st.none() | ANY | NUMBERS | st.binary() | st.booleans(),
)
def test_whatever_a_field_holds_it_is_recorded_or_refused(field: str, value: Any) -> None:
    request = AIRequest(**{"request_id": "a", "provider": "openai", "model": "gpt-4", field: value})
    try:
        COLLECTOR.record(request)
    except (TypeError, ValueError) as error:
        assert field in str(error)  # noqa: PT017 - most values are no error


def test_every_field_is_checked(registry: CollectorRegistry) -> None:
    Door(registry, PSEUDONYMS.of)
    assert all(clamped(registry, field.name) == 0 for field in fields(AIRequest))
