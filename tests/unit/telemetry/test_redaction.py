"""Personal data and secrets leave no text; what only looks like them stays. Every value here is made up."""

from collections.abc import Callable
from time import process_time
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import pytest

from ai_monitoring.telemetry import personal_numbers
from ai_monitoring.telemetry.redaction import MAX_LENGTH, is_sensitive, redact, redact_attributes

AWS = "AKIAIOSFODNN7EXAMPLE"
GITHUB = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
GOOGLE = "AIzaSyA-1234567890abcdefghijklmnopqrstuv"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
OPENAI = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
ANTHROPIC = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-0123456789-AA"
SLACK = f"xoxb-123456789012-1234567890123-{GITHUB[-24:]}"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq2\nsk1z9x8y\n-----END RSA PRIVATE KEY-----"

WITHHELD = "[withheld: it could not be redacted]"

PERSONAL = {
    "email": (
        "ada@example.org",
        "ada.lovelace+news@mail.example.co.uk",
        "<ada@example.org>",
        "mailto:ada@example.org?subject=hi",
        "andré@exemple.fr",
        '{"to": "ada@example.org"}',
        "ada%40example.org",
    ),
    "phone": (
        "06 12 34 56 78",
        "0612345678",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "+33 6 12 34 56 78",
        "+33612345678",
        "+33 (0)6 12 34 56 78",
        "0033 6 12 34 56 78",
        "01 42 68 53 00",
        "+44 20 7946 0958",
        "+1 415-555-2671",
        "+1 (415) 555-2671",
        "+49 30 901820",
        "tel:+33612345678",
    ),
    "card": (
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5555555555554444",
        "378282246310005",
        "3782 822463 10005",
        "6011111111111117",
        "card=4111111111111111,",
    ),
    "iban": (
        "FR1420041010050500013M02606",
        "FR14 2004 1010 0505 0001 3M02 606",
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "GB29 NWBK 6016 1331 9268 19",
        "NL91ABNA0417164300",
        "BE68 5390 0754 7034",
        "ES91 2100 0418 4502 0005 1332",
        "CH93 0076 2011 6238 5295 7",
        "fr1420041010050500013m02606",
    ),
    "nir": (
        "255081416802538",
        "2 55 08 14 168 025 38",
        "1 85 05 78 006 084 91",
        "1 85 05 2A 006 084 35",
        "185052B00608462",
    ),
}

SECRETS = (
    (OPENAI, OPENAI),
    (ANTHROPIC, ANTHROPIC),
    ("sk-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL", "abcdefghijklmnop"),
    (AWS, AWS),
    (f"key {GITHUB}", GITHUB),
    ("github_pat_11ABCDEFG0abcdefghij_klmnopqrstuvwxyz", "abcdefghij"),
    (GOOGLE, GOOGLE),
    (SLACK, GITHUB[-24:]),
    (JWT, "eyJzdWIi"),
    (PEM, "MIIEpAIB"),
    (PEM.replace("\n", "\\n"), "MIIEpAIB"),
    (PEM.partition("-----END")[0] + "and a text beyond it. " * 900, "MIIEpAIB"),
    ("Authorization: Bearer abc.def-123456", "abc.def"),
    ("Authorization: Basic YWRhOmh1bnRlcjI=", "YWRhOmh1"),
    ("authorization: Token 9f8a7b6c5d", "9f8a7b6c5d"),
    ("{'authorization': 'Bearer abcdef123456'}", "abcdef123456"),
    ("Cookie: theme=dark; id=hunter2hunter2", "hunter2"),
    ("Set-Cookie: id=hunter2hunter2; Path=/; HttpOnly", "hunter2"),
    ("{'cookie': 'theme=dark; id=hunter2'}", "hunter2"),
    ("[(b'host', b'x'), (b'cookie', b'theme=dark; id=hunter2')]", "hunter2"),
    ("[(b'x-api-key', b'hunter2hunter2')]", "hunter2"),
    ("[('X-API-Key', 'hunter2hunter2')]", "hunter2"),
    ("https://ada:hunter2@example.org/x", "hunter2"),
    ("postgresql://app:p%40ss-hunter2@db:5432/shop", "hunter2"),
    ("redis://:hunter2@cache:6379/0", "hunter2"),
    ("https://x.org/?api_key=hunter2&page=2", "hunter2"),
    ("GET /cb?access_token=hunter2&state=1", "hunter2"),
    ("https://x.org/?page=2&token=hunter2#top", "hunter2"),
    ("https://s3/x?X-Amz-Signature=hunter2abcdef&x=1", "hunter2"),
    ("https://blob/x?sv=2022&sig=hunter2%2Babc", "hunter2"),
    ("password=hunter2", "hunter2"),
    ("password: hunter2", "hunter2"),
    ("PASSWORD = 'hunter2 and more'", "more"),
    ("password=b'hunter2'", "hunter2"),
    ("password=123456", "123456"),
    ("DB_PASSWORD=hunter2", "hunter2"),
    ('{"password": "hunter2"}', "hunter2"),
    ('{"password":"hun\\"ter2"}', "ter2"),
    ('{\\"password\\": \\"hunter2\\"}', "hunter2"),
    ('"{\\\\\\"password\\\\\\": \\\\\\"hunter2\\\\\\"}"', "hunter2"),
    ('{"user": {"api_key": "hunter2"}}', "hunter2"),
    ("client_secret: hunter2", "hunter2"),
    ("- secret_key: hunter2\n- b: c", "hunter2"),
    ("passwd => hunter2", "hunter2"),
    ("Config(password='hunter2', user='ada')", "hunter2"),
    ("mot de passe : hunter2", "hunter2"),
    ("mdp=hunter2", "hunter2"),
    ("my password is hunter2, thanks", "hunter2"),
    ("Mon mot de passe est hunter2.", "hunter2"),
    ("os.environ['OPENAI_API_KEY'] = 'hunter2'", "hunter2"),
    ("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "wJalr"),
    ("session_id=hunter2hunter2", "hunter2"),
    ("GET /people/password%3Dhunter2", "hunter2"),
    ("GET /?q=Bearer%20abcdef123456", "abcdef123456"),
    ("GET /?q=Bearer+abcdef123456&page=2", "abcdef123456"),
    ("GET /?q=Cookie%3A%20id%3Dhunter2", "hunter2"),
    ("GET /login?next=%2Fcb%3Fq%3Dmdp%253Dhunter2", "hunter2"),
)

HARMLESS = (
    "",
    "GET /items/{item} 200 in 12 ms",
    "6f1c1e2a-8f5b-4c1e-9b1a-2f3e4d5c6b7a",
    "trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331",
    "trace 04111111111111111111111111111111",
    "2026-11-24T16:07:13.123456Z",
    "2026-11-24T16:07:13+01:00",
    "/items?since=2026-11-24T16%3A07%3A13%2B01%3A00&page=2+3 of 50%",
    "1732464433.123456",
    "1732464433123",
    "2026-11-24 16:07:13,456 +0100",
    "it costs 1234567.89 EUR, or 1 234 567,89",
    "0.12345678901",
    "input_tokens=150 output_tokens=20 total_tokens: 170",
    '{"input_tokens": 150, "max_tokens": 1024, "cached_tokens": 0}',
    "token=150",
    "llm_tokens_total 123456789",
    "Python 3.11.2, openai 3.57.0",
    "192.168.100.200:8000 and 10.0.0.1",
    "::ffff:127.0.0.1",
    "order 1234567890123456",
    "order 100000001234, invoice 20261124000123",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "pid 123456 took 0.123456789 s",
    "the key idea: tokens are counted",
    "a basic understanding of bearer authentication",
    "the password is missing",
    "order 4111111111111112",
    "password is required",
    "password reset requested",
    "author: ada, monkey: 3",
    "keyboard=azerty tokenizer=cl100k",
    "authenticated=true",
    "skipped sk-learn, risk-averse task-force",
    "@decorator and a@b",
    "12:34:56.789012 1/2 3-4",
    "session started",
    "passed=12 failed=0",
)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in PERSONAL for value in PERSONAL[kind]])
@pytest.mark.parametrize("text", ["{}", "call {} today", '{{"a": "{}"}}', "({}).", "{}\n"])
def test_personal_data_is_replaced_by_its_kind(kind: str, value: str, text: str) -> None:
    redacted = redact(text.format(value))

    assert f"[{kind}]" in redacted
    assert not [part for part in value.split() if len(part) > 6 and part in redacted]


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in PERSONAL for value in PERSONAL[kind]])
@pytest.mark.parametrize("escape", [quote, quote_plus, lambda value: quote(quote(value))])
def test_personal_data_in_an_address_is_replaced(kind: str, value: str, escape: Callable[[str], str]) -> None:
    redacted = redact(f"GET /people/{escape(value)}?page=2 200")

    assert f"[{kind}]" in redacted
    assert redacted.endswith("?page=2 200")
    assert value not in unquote_plus(redacted)


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_secrets_are_replaced(text: str, secret: str) -> None:
    redacted = redact(text)

    assert secret not in redacted
    assert "[secret]" in redacted


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_them_stays(text: str) -> None:
    assert redact(text) == text


def test_what_is_around_a_secret_stays() -> None:
    assert redact('{"user": "u1", "password": "hunter2", "page": 2}') == (
        '{"user": "u1", "password": "[secret]", "page": 2}'
    )
    assert redact("https://ada:hunter2@example.org/a?token=abc&page=2") == (
        "https://[secret]@example.org/a?token=[secret]&page=2"
    )
    assert redact("Ada <ada@example.org> wrote") == "Ada <[email]> wrote"


def test_redacting_twice_changes_nothing_more() -> None:
    for text, _ in SECRETS:
        once = redact(text)
        assert redact(once) == once


def test_a_long_text_is_cut_at_a_space() -> None:
    text = "word " * MAX_LENGTH

    redacted = redact(text + OPENAI)

    assert len(redacted) < MAX_LENGTH + 100
    assert "more characters]" in redacted
    assert redact("x" * (MAX_LENGTH + 1)).startswith(" [cut")


def test_an_attribute_is_withheld_whole_where_its_name_says_so() -> None:
    attributes: dict[str, Any] = {
        "password": "x",
        "api_key": ["a", "b"],
        "http.request.header.authorization": "y",
        "nested": {"token": "z", "page": 2, "mail": ["ada@example.org"]},
        "gen_ai.usage.input_tokens": 12,
        "none": None,
        "flag": True,
        "card": 4111111111111111,
        "nanoseconds": 1732464433123456789,
        "ratio": 0.25,
    }

    assert redact_attributes(attributes) == {
        "password": "[secret]",
        "api_key": "[secret]",
        "http.request.header.authorization": "[secret]",
        "nested": {"token": "[secret]", "page": 2, "mail": ["[email]"]},
        "gen_ai.usage.input_tokens": 12,
        "none": None,
        "flag": True,
        "card": "[card]",
        "nanoseconds": 1732464433123456789,
        "ratio": 0.25,
    }


@pytest.mark.parametrize(
    "name", ["password", "DB_PASSWORD", "x-api-key", "Set-Cookie", "access_token", "client_secret"]
)
def test_names_of_secrets(name: str) -> None:
    assert is_sensitive(name)


@pytest.mark.parametrize("name", ["path", "input_tokens", "monkey", "tokenizer", "author", "key_count"])
def test_other_names(name: str) -> None:
    assert not is_sensitive(name)


HOSTILE = (
    "a",
    "1",
    "1 ",
    "a@",
    "a.",
    "0.",
    "+1-",
    "token=",
    'token="',
    "token='\\",
    "password",
    "password is ",
    "a_token_key-",
    "-----BEGIN PRIVATE KEY-----",
    "sk-",
    "eyJaaaaaaaa.",
    "bearer ",
    "://a:",
    "FR14 2004 ",
    "(0",
    "cookie: a=",
    "key',",
    "%41",
    "a+",
    "%41/",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_long(piece: str) -> None:
    """Time grows with the text, not with its square: four times the text takes well below sixteen times as long."""
    short, long = (("token " + piece * (size // len(piece)))[:size] for size in (MAX_LENGTH // 8, MAX_LENGTH // 2))
    seconds = [min(_seconds(text) for _ in range(2)) for text in (short, long)]

    assert seconds[1] < 10 * max(seconds[0], 0.004)


def _seconds(text: str) -> float:
    start = process_time()
    redact(text)
    return process_time() - start


def test_an_object_without_a_text_is_named_by_its_class() -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError

    assert redact_attributes({"odd": Odd()}) == {"odd": "<Odd without a text>"}


def test_an_attribute_that_cannot_be_redacted_is_withheld_alone() -> None:
    class Changing(dict[str, str]):
        def items(self) -> Any:
            raise RuntimeError("dictionary changed size during iteration")

    found = redact_attributes({"changing": Changing(), "huge": 10**5000, "page": 2})

    assert found == {"changing": WITHHELD, "huge": WITHHELD, "page": 2}


def test_without_the_validators_more_is_redacted_rather_than_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_numbers, "_stdnum", lambda name: None)
    monkeypatch.setattr(personal_numbers, "_phonenumbers", lambda: None)

    assert redact("order 4111111111111112, call 06 12 34 56 78") == "order [card], call [phone]"
    for kind, values in PERSONAL.items():
        for value in values:
            assert "[" in redact(value), (kind, value)
