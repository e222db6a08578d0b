"""Pushes to Loki, good ones and bad ones, as they go over the wire."""

import gzip
import json
import time
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import cramjam
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from otlp_requests import attribute, logs, logs_json

from ai_monitoring.embedded.ingest.messages import PushRequest
from ai_monitoring.embedded.store.retention import DAY_NS

PUSH, OTLP = "/loki/api/v1/push", "/otlp/v1/logs"
JSON, PROTOBUF = "application/json", "application/x-protobuf"
NOW = time.time_ns()
MINUTE = 60 * 10**9


class Sent(NamedTuple):
    name: str
    path: str
    content: bytes
    kind: str = JSON
    encoding: str = ""


def push(name: str, *values: Any, **labels: Any) -> Sent:
    stream = {"stream": {"case": name, **labels}, "values": list(values)}
    return Sent(name, PUSH, json.dumps({"streams": [stream]}).encode())


def texts() -> Iterator[Sent]:
    lines = (
        *("", " ", "plain", "2026-11-26 ERROR broken", "[warning] slow", "misc:error", "it failed (err)", "FATAL!"),
        *('{"level": "WARN", "msg": "an error"}', ' {"severity": "Information"}\n', '{"log": {"level": "dbg"}}'),
        *('{"a": {"b": {"level": "dbg"}}}', '{"log.level": "trc"}', '{"level": 30, "msg": "error"}', '{"level": }'),
        *('{"level": "notice", "msg": "an error came"}', "level=warn msg=error", 'msg="level=debug" LEVEL="error"'),
        *(
            "severity=error lvl=debug",
            "lvl=debug severity=error",
            "level=notice msg=x",
            "a=b=c level=dbg",
            "= level=dbg",
        ),
        *('a="b"c level=dbg', 'a="b level=dbg', "level= error", "level=ERR\n", "a\tlevel=inf", "Level=wrn", "level"),
        *("é ERROR", "<script>", "\u2028 warn", "a\u0000b error", "line\nbreak critical", "level=“warn”", "ERROR\r"),
        *('[{"level": "error"}]', '{"level":"info"} {"level":"dbg"}', "error=1 level=dbg"),
        *('{"severity_text": "crit", "lvl": "inf"}', '{"nested": {"x": 1}, "level": "trc"}', "Severity=fatal"),
    )
    yield push("texts", *([str(NOW + number), text] for number, text in enumerate(lines)))


def metadata() -> Iterator[Sent]:
    each: tuple[dict[str, str], ...] = (
        *({"user.id": "ada"}, {"a": ""}, {"1a": "x"}, {"_a": "x"}, {"a__b": "x"}, {"level": "ERR"}, {"severity": "x"}),
        *({"severity_number": "17"}, {"severity_number": "99"}, {"severity_number": "x"}, {"detected_level": "WRN"}),
        *({"severity_text": "NOTICE"}, {"Level": "inf", "lvl": "dbg"}, {"données": "é"}, {"a": "x\ufffdy"}),
        *({"log.level": "dbg"}, {"trace_id": "abc", "level": "trc"}, {"__a__": "x"}, {}),
    )
    yield push("metadata", *([str(NOW + number), f"{number}", one] for number, one in enumerate(each)))
    yield push("metadata of numbers", [str(NOW), "x", {"a": 1}])
    yield push("metadata without a letter", [str(NOW), "x", {"...": "1"}])
    yield push("too much metadata", [str(NOW), "x", {"a": "x" * 65_536}], [str(NOW), "y"])
    yield push("too many metadata", [str(NOW), "x", {f"a{number}": "" for number in range(129)}], [str(NOW), "y"])


def labels() -> Iterator[Sent]:
    each: tuple[dict[str, Any], ...] = (
        *({"app": "shop"}, {"job": "a", "container": "b"}, {"job": "a", "app": ""}, {"service_name": "a", "app": "b"}),
        *(
            {"level": "ERR"},
            {"severity": "notice"},
            {"attempt": 3},
            {"x": True},
            {"y": 'q"\\\n'},
            {"a-b": "x"},
            {"1": "x"},
        ),
        *({f"a{number}": "x" for number in range(7)}, {f"a{number}": "x" for number in range(8)}),
        *({"a" * 1025: "x"}, {"a": "x" * 2048}, {"a": "x" * 2049}, {"é": "x"}, {"z": None}),
    )
    for number, one in enumerate(each):
        yield push(f"labels {number}", [str(NOW), "an error"], **one)


def times() -> Iterator[Sent]:
    yield push("old", [str(NOW - 8 * DAY_NS), "old"], [str(NOW), "new"])
    yield push("in the future", [str(NOW + 20 * MINUTE), "future"], [str(NOW), "now"])
    yield push("five minutes ahead", [str(NOW + 5 * MINUTE), "ahead"])
    yield push("the same twice", [str(NOW), "x"], [str(NOW), "x"], [str(NOW), "y"], [str(NOW), "x", {"a": "1"}])
    for text in ("", "now", "1.5", "-1", " 1"):
        yield push(f"time {text!r}", [text, "x"])


def malformed() -> Iterator[Sent]:
    for body in (
        *(b"", b"{", b"[]", b"{}", b'{"streams": []}', b'{"streams": [{}]}', b'{"streams": [{"stream": {"a": "b"}}]}'),
        *(b'{"streams": [{"stream": {"a": "b"}, "values": [["1"]]}]}', b'{"streams": [{"values": [["1", "x"]]}]}'),
        *(b'{"streams": [{"stream": {"a": "b"}, "values": [[1, "x"]]}]}', b'{"streams": 1}', b'"x"', b"null"),
    ):
        yield Sent(f"malformed {body!r}", PUSH, body)
    content = push("br", [str(NOW), "x"]).content
    yield Sent("not snappy", PUSH, b"hello", PROTOBUF)
    yield Sent("empty protobuf", PUSH, snappy(b""), PROTOBUF)
    yield Sent("not protobuf", PUSH, snappy(b"hello"), PROTOBUF)
    yield Sent("not gzip", PUSH, content, JSON, "gzip")
    yield Sent("gzip, cut", PUSH, gzip.compress(content)[:-10], JSON, "gzip")
    yield Sent("OTLP, not protobuf", OTLP, b"\xff\xff", PROTOBUF)
    yield Sent("OTLP, not JSON", OTLP, b"{", JSON)
    yield Sent("OTLP, empty", OTLP, b"", PROTOBUF)


def snappy(body: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(body))


def compressed() -> Iterator[Sent]:
    for encoding, compress in (("gzip", gzip.compress), ("deflate", raw_deflate)):
        one = push(encoding, [str(NOW), "x"])
        yield one._replace(content=compress(one.content), encoding=encoding)
    for number, text in enumerate(
        ('{case="protobuf", app="shop"}', "{case=`protobuf`,b='c', }", '{case="a", case="b"}', "{x}")
    ):
        request = PushRequest()
        entry = request.streams.add(labels=text).entries.add(line="level=warn")
        entry.timestamp.FromNanoseconds(NOW + number)
        entry.structuredMetadata.add(name="user.id", value="ada")
        yield Sent(f"protobuf {text}", PUSH, snappy(request.SerializeToString()), PROTOBUF)


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(body) + compressor.flush()


def otlp() -> Iterator[Sent]:
    request = logs(NOW, "first", "second")
    first, second = request.resource_logs[0].scope_logs[0].log_records
    first.attributes.append(
        KeyValue(key="http", value=map_of(attribute("method", "GET"), attribute("status.code", "1")))
    )
    first.attributes.append(
        KeyValue(key="tags", value=AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=1)])))
    )
    first.attributes.append(KeyValue(key="double", value=AnyValue(double_value=1e21)))
    first.attributes.append(KeyValue(key="raw", value=AnyValue(bytes_value=b"\xff")))
    first.attributes.append(KeyValue(key="none", value=AnyValue()))
    first.attributes.append(KeyValue(key="yes", value=AnyValue(bool_value=True)))
    first.event_name, first.dropped_attributes_count = "placed", 3
    second.body.kvlist_value.CopyFrom(
        map_of(attribute("b", "<é>"), KeyValue(key="a", value=AnyValue(double_value=1.0))).kvlist_value
    )
    second.ClearField("severity_text")
    second.ClearField("time_unix_nano")
    second.observed_time_unix_nano = NOW + 7
    yield Sent("OTLP", OTLP, request.SerializeToString(), PROTOBUF)
    yield Sent("OTLP in JSON", OTLP, json.dumps(logs_json(NOW + 100)).encode())
    yield Sent("OTLP in gzip", OTLP, gzip.compress(logs(NOW + 200).SerializeToString()), PROTOBUF, "gzip")
    nameless = logs(NOW + 300)
    del nameless.resource_logs[0].resource.attributes[:]
    yield Sent("OTLP without a name", OTLP, nameless.SerializeToString(), PROTOBUF)
    both = logs(NOW + 400)
    both.resource_logs[0].resource.attributes.append(attribute("user.id", "of the resource"))
    yield Sent("OTLP, one name twice", OTLP, both.SerializeToString(), PROTOBUF)
    old = logs(NOW + 500, "old", "new")
    old.resource_logs[0].scope_logs[0].log_records[0].time_unix_nano = NOW - 8 * DAY_NS
    yield Sent("OTLP, old", OTLP, old.SerializeToString(), PROTOBUF)
    strange = logs(NOW + 600)
    strange.resource_logs[0].resource.attributes.append(attribute("...", "x"))
    yield Sent("OTLP, name without a letter", OTLP, strange.SerializeToString(), PROTOBUF)


def map_of(*pairs: KeyValue) -> AnyValue:
    return AnyValue(kvlist_value=KeyValueList(values=pairs))


CASES = [*texts(), *metadata(), *labels(), *times(), *malformed(), *compressed(), *otlp()]
