"""Valid bodies with random changes, to every way in: none may crash, hang, or be answered as our own fault."""

import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator
from time import monotonic

import cramjam
import httpx2
import pytest
from otlp_requests import logs, logs_json, traces, traces_json

from ai_monitoring.embedded.ingest.messages import PushRequest

CASES = 500
"""Of each kind of body."""
SEED = 20_261_126
JSON, PROTOBUF = "application/json", "application/x-protobuf"
TOKENS = (
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"null", b"true", b"-1", b"1e999", b"NaN", b"9" * 400, b"\\ud800"),
    *(b"\x00", b"\xff", b"\x80" * 9, b"\xff\xff\xff\xff\x0f", b"[" * 5000, b'{"a":' * 200, b"__", b"\\x", b"=", b"\n"),
)


def push_json(now: int) -> bytes:
    values = [[str(now), 'level=error {"a": "b"}', {"user.id": "ada"}], [str(now + 1), '{"level": "warn"}']]
    return json.dumps({"streams": [{"stream": {"app": "shop", "env": "dev"}, "values": values}]}).encode()


def first_json(_: int) -> bytes:
    entries = [{"ts": "2026-11-26T16:00:00.123456789+01:00", "line": "a=b"}]
    return json.dumps({"streams": [{"labels": '{app="shop", b="\\n"}', "entries": entries}]}).encode()


def push_protobuf(now: int) -> bytes:
    request = PushRequest()
    entry = request.streams.add(labels='{app="shop", b=`c`}').entries.add(line="level=warn")
    entry.timestamp.FromNanoseconds(now)
    entry.structuredMetadata.add(name="user.id", value="ada")
    return bytes(request.SerializeToString())


def snappy(body: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(body))


def same(body: bytes) -> bytes:
    return body


Wrap = Callable[[bytes], bytes]
KINDS: dict[str, tuple[str, str, str, Callable[[int], bytes], Wrap]] = {
    "push in JSON": ("/loki/api/v1/push", JSON, "", push_json, same),
    "push in JSON of the first version": ("/api/prom/push", JSON, "", first_json, same),
    "push in gzip": ("/loki/api/v1/push", JSON, "gzip", push_json, gzip.compress),
    "push in deflate": ("/loki/api/v1/push", JSON, "deflate", push_json, zlib.compress),
    "push in protobuf": ("/loki/api/v1/push", PROTOBUF, "", push_protobuf, snappy),
    "logs in protobuf": ("/v1/logs", PROTOBUF, "", lambda now: logs(now, "a", "b").SerializeToString(), same),
    "logs in JSON": ("/v1/logs", JSON, "", lambda now: json.dumps(logs_json(now)).encode(), same),
    "traces in protobuf": ("/v1/traces", PROTOBUF, "", lambda now: traces(now).SerializeToString(), same),
    "traces in JSON": ("/v1/traces", JSON, "", lambda now: json.dumps(traces_json(now)).encode(), same),
    "traces in gzip": ("/v1/traces", PROTOBUF, "gzip", lambda now: traces(now).SerializeToString(), gzip.compress),
}


def changed(body: bytes, chance: random.Random) -> bytes:
    """The body with one to four places cut, doubled, flipped, or replaced."""
    content = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        begin = chance.randrange(len(content) + 1)
        end = min(len(content), begin + chance.choice((0, 1, 1, 2, 8, 40)))
        match chance.randrange(4):
            case 0:
                del content[begin:end]
            case 1:
                content[begin:begin] = content[begin:end]
            case 2:
                content[begin:end] = chance.randbytes(end - begin)
            case _:
                content[begin:end] = chance.choice(TOKENS)
    return bytes(content)


def bodies(body: bytes, wrap: Wrap, chance: random.Random) -> Iterator[bytes]:
    """Half of them are changed inside what they are wrapped in."""
    for number in range(CASES):
        yield wrap(changed(body, chance)) if number % 2 else changed(wrap(body), chance)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_body_is_our_fault(client: httpx2.AsyncClient, now: int, kind: str) -> None:
    path, content_type, encoding, make, wrap = KINDS[kind]
    headers = {"Content-Type": content_type, "Content-Encoding": encoding}
    statuses = set()
    for body in bodies(make(now), wrap, random.Random(f"{SEED} {kind}")):  # noqa: S311 - the same cases each time
        begin = monotonic()
        answer = await client.post(path, content=body, headers=headers)
        statuses.add(answer.status_code)
        assert answer.status_code < 500, (body, answer.text)
        assert monotonic() - begin < 2, body
    assert 400 in statuses
    assert (await client.post(path, content=wrap(make(now)), headers=headers)).status_code in (200, 204, 400)
