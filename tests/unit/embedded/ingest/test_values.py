import math
from typing import Any

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from ai_monitoring.embedded.ingest.names import sanitised
from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.ingest.values import as_json, as_text, flattened


def value(content: Any) -> AnyValue:
    match content:
        case None:
            return AnyValue()
        case str():
            return AnyValue(string_value=content)
        case bool():
            return AnyValue(bool_value=content)
        case int():
            return AnyValue(int_value=content)
        case float():
            return AnyValue(double_value=content)
        case bytes():
            return AnyValue(bytes_value=content)
        case list():
            return AnyValue(array_value=ArrayValue(values=[value(part) for part in content]))
    return AnyValue(kvlist_value=KeyValueList(values=pairs(content)))


def pairs(content: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=name, value=value(part)) for name, part in content.items()]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, ""),
        ("<é>", "<é>"),
        (True, "true"),
        (-(2**63), "-9223372036854775808"),
        (b"\x00\xff", "AP8="),
        (1.0, "1"),
        (0.1, "0.1"),
        (1e-7, "1e-7"),
        (1e-5, "0.00001"),
        (1e20, "100000000000000000000"),
        (1.5e300, "1.5e+300"),
        (-0.0, "-0"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        ({"b": 1.0, "a": [None, "<x>", b"\xff", True]}, '{"a":[null,"<x>","/w==",true],"b":1}'),
        ([1e21, "\u2028"], '[1e+21,"\\u2028"]'),
        ([math.nan], ""),
    ],
)
def test_text_is_that_of_loki(content: Any, text: str) -> None:
    assert as_text(value(content)) == text


def test_json_holds_every_value() -> None:
    content = {"a": [1, 2.5, None, {"b": b"\xff"}], "c": math.inf}
    assert as_json(value(content)) == {"a": [1, 2.5, None, {"b": "/w=="}], "c": "Infinity"}


def test_maps_are_opened() -> None:
    content = pairs({"http.request": {"method": "GET", "header": {"x-id": 1}}, "tags": ["a"]})
    assert dict(flattened(content)) == {
        "http_request_method": "GET",
        "http_request_header_x_id": "1",
        "tags": '["a"]',
    }


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("http.method", "http_method"),
        ("a..b", "a_b"),
        ("a__b", "a_b"),
        ("_a", "_a"),
        ("1a", "key_1a"),
        ("__name__", "__name__"),
        ("é", None),
        ("", None),
        ("____", None),
        ("données", "donn_es"),
    ],
)
def test_names_are_those_of_loki(name: str, made: str | None) -> None:
    if made is None:
        with pytest.raises(Refused, match="name of an attribute"):
            sanitised(name)
    else:
        assert sanitised(name) == made


def test_names_that_stand_again_before_each_name_inside_are_bounded() -> None:
    content = pairs({"x" * 100_000: {f"key{number}": "" for number in range(1000)}})
    assert len(list(flattened(content))) < 20
