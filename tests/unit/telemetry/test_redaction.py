import sys
from time import perf_counter

import pytest

from ai_monitoring.telemetry import personal_numbers
from ai_monitoring.telemetry.redaction import MAX_LENGTH, is_sensitive, redact, redact_attributes

KEY = "abcdefghijklmnopqrstuvwxyz0123456789"

SECRETS = [
    f"sk-proj-{KEY}",
    f"sk-ant-api03-{KEY}",
    "AKIAIOSFODNN7EXAMPLE",
    f"ghp_{KEY}",
    f"github_pat_{KEY}",
    f"AIza{KEY}",
    f"xoxb-123456789012-{KEY}",
    f"eyJhbGciOiJIUzI1NiJ9.{KEY}.{KEY}",
    f"Bearer {KEY}",
    "Basic YWRhOmVuZ2luZTE4NDM=",
    f"hf_{KEY}",
    f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_known_by_its_form(secret: str) -> None:
    assert redact(f"calling with {secret}, once") == "calling with [secret], once"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("password=hunter2 for ada", "password=[secret] for ada"),
        ('{"token": "abc-def", "n": 1}', '{"token": "[secret]", "n": 1}'),
        ("{'api_key': 'abc-def'}", "{'api_key': '[secret]'}"),
        ("GET /login?user=ada&token=abcdef&page=2", "GET /login?user=ada&token=[secret]&page=2"),
        ("GET /maps?key=abcdef", "GET /maps?key=[secret]"),
        ("postgres://ada:engine@db:5432/shop", "postgres://[secret]@db:5432/shop"),
        ("Authorization: Bearer abc", "Authorization: [secret]"),
        ("the password is hunter2", "the password is [secret]"),
    ],
)
def test_a_secret_is_known_by_the_name_before_it(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("to ada.lovelace+x@example.co.uk now", "to [email] now"),
        ("call 06 12 34 56 78", "call [phone]"),
        ("call 0612345678", "call [phone]"),
        ("call +33 6 12 34 56 78", "call [phone]"),
        ("call +1 (415) 555-2671", "call [phone]"),
        ("paid with 4111 1111 1111 1111", "paid with [card]"),
        ("paid with 4111111111111111", "paid with [card]"),
        ("paid with 3782 822463 10005", "paid with [card]"),
        ("to FR76 3000 6000 0112 3456 7890 189 today", "to [iban] today"),
        ("to DE89370400440532013000", "to [iban]"),
        ("patient 2 55 08 14 168 025 38", "patient [nir]"),
        ("patient 255081416802538", "patient [nir]"),
    ],
)
def test_personal_data_is_replaced_by_what_it_was(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "GET /items/{item} 200 in 12.5 ms",
        "request 550e8400-e29b-41d4-a716-446655440000",
        "trace 0af7651916cd43dd8448eb211c80319c span b7ad6b7169203331",
        "at 2026-11-24T16:05:10.123Z",
        "at 1795535110.123456",
        "at 1795535110123",
        "order 4111111111111112",
        "price 1 234 567,89 EUR",
        "listening on 127.0.0.1:8000",
        "used 1234 tokens, 56 cached; max_tokens=100",
        "version 3.14.159 on port 5432",
        "the password is missing",
        "0.123456789 of the time",
        "the key figures of today",
        "a basic understanding of bearer authentication",
        "commit 26c6a18f9e0d4b7c8a1234567890abcdef123456",
    ],
)
def test_what_belongs_to_nobody_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "name", ["password", "Authorization", "x-api-key", "set-cookie", "db.password", "access_token"]
)
def test_an_attribute_is_withheld_for_its_name(name: str) -> None:
    assert is_sensitive(name)
    assert redact_attributes({name: "engine"}) == {name: "[secret]"}


@pytest.mark.parametrize("name", ["gen_ai.usage.input_tokens", "keyboard", "monkey", "author", "passenger"])
def test_other_names_are_not_withheld(name: str) -> None:
    assert redact_attributes({name: "engine"}) == {name: "engine"}


def test_attributes_are_redacted_at_any_depth() -> None:
    found = redact_attributes({"user": {"mails": ["ada@example.org"], "token": "x"}, "card": 4111111111111111, "n": 3})
    assert found == {"user": {"mails": ["[email]"], "token": "[secret]"}, "card": "[card]", "n": 3}


def test_an_object_without_a_text_is_named_by_its_class() -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError

    assert redact_attributes({"odd": Odd()}) == {"odd": "<Odd without a text>"}


def test_a_long_text_is_cut_with_a_mark_and_without_half_a_secret() -> None:
    found = redact("x" * (MAX_LENGTH - 10) + f" sk-proj-{KEY}")
    assert len(found) < MAX_LENGTH + 50
    assert "sk-proj" not in found
    assert "[cut: " in found


def test_without_the_validators_more_is_redacted_rather_than_less(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("phonenumbers", "stdnum", "stdnum.luhn", "stdnum.iban", "stdnum.fr.nir"):
        monkeypatch.setitem(sys.modules, name, None)
    personal_numbers._stdnum.cache_clear()
    personal_numbers._phonenumbers.cache_clear()
    try:
        assert redact("order 4111111111111112, call 06 12 34 56 78") == "order [card], call [phone]"
        assert redact("to DE89370400440532013000") == "to [iban]"
    finally:
        personal_numbers._stdnum.cache_clear()
        personal_numbers._phonenumbers.cache_clear()


@pytest.mark.parametrize(
    "unit", ["a", "1", "1 ", "a.", "@", "token=", "key-", "eyJa.", "+1 ", "password ", "AB12", "://a:", '\\"']
)
def test_time_grows_with_the_length_alone(unit: str) -> None:
    """Twice the text takes about twice the time; a pattern that backtracks takes four times or more."""

    def fastest(length: int) -> float:
        text = (unit * length)[:length] + "!"
        times = []
        for _ in range(3):
            begin = perf_counter()
            redact(text)
            times.append(perf_counter() - begin)
        return min(times)

    short, long = fastest(4000), fastest(32_000)
    assert long < 40 * short + 0.005
