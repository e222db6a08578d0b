"""Personal data and secrets, taken out of text before it leaves: `redact("to ada@example.org")` is "to [email]".

Secrets: keys, tokens, passwords, by their form or by the name before them. Personal data: e-mail, phone, card, IBAN,
NIR (the French social security number). A line without a hint of any costs a few microseconds; what looks like a number
of somebody's is validated, so that identifiers and timestamps stay. Addresses (IP) and names of people stay: no form
tells them. Every pattern's repetitions are bounded.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from ai_monitoring.telemetry.personal_numbers import redact_numbers

MAX_LENGTH: Final = 65_536
"""Characters of a text that leave; the rest is cut."""

SECRET: Final = "[secret]"  # noqa: S105 - what stands for one
_MAX_DEPTH = 6
_BIG = 10**8

# Cheap: a few dozen nanoseconds each, for a line that holds none of them.
_HINTS = (
    *("pass", "pwd", "mdp", "pin ", "secret", "token", "key", "auth", "cookie", "credential"),
    *("bearer", "basic ", "session", "sig"),
    *("sk-", "sk_", "akia", "asia", "gh", "glpat", "xox", "hf_", "eyj", "aiza", "ya29"),
)
_NUMBER_HINT = re.compile(r"\d(?:[ .\-/()]{0,2}\d){6}")

_NAME = (
    r"(?:pass(?:word|wd|phrase|code)|mot[ _]de[ _]passe|mdp|pwd|secret|credential|authorization|cookie|session[_-]?id"
    r"|(?:api|access|private|secret|auth|account|encryption|signing)[_-]?key|apikey|(?<![a-z])key|token(?!s))"
)
_NAMED = rf"[\w.\-]{{0,40}}?{_NAME}s?(?:[_\-\d][\w\-]{{0,20}})?"
_QUOTED = r"""(?:"(?:[^"\\\n]|\\.){1,4096}"|'(?:[^'\\\n]|\\.){1,4096}')"""
_VALUE = (
    # JSON inside of JSON, however deep; then quotes, then a word.
    rf"""(?:(?P<escape>\\{{1,7}})"[^\n]{{1,4096}}?(?<!\\)(?P=escape)"|b?{_QUOTED}"""
    r"""|(?:(?:bearer|basic|token|digest)\s{1,3})?[^\s,;&"'<>{}\[\]()\\]{1,4096})"""
)
_ASSIGNED = re.compile(
    rf"""(?i)(?<![\w.\-])({_NAMED}\\{{0,7}}["']?\]?\s{{0,3}}(?:=>|[=:])\s{{0,3}})(?P<value>{_VALUE})"""
)
_PAIR = re.compile(rf"""(?i)([(\[]b?["']{_NAMED}["'],\s{{0,3}})b?{_QUOTED}(?=\s?[)\]])""")
_COOKIE = re.compile(r"(?i)\b((?:set-)?cookie:\s{0,3})[^\r\n\"'\\]{1,4096}")
_SIGNATURE = re.compile(r"(?i)([?&](?:x-(?:amz|goog)-)?sig(?:nature)?=)[^\s&#\"'<>]{1,4096}")
_SAID = re.compile(
    r"(?i)\b((?:password|passphrase|mot de passe|mdp|pin)\s{1,3}(?:is|est|was|:)\s{1,3})"
    r"(?!(?:too|not|now|never|set|empty|missing|required|expired|wrong|weak|\w{0,4}valid|\w{0,4}correct\w?)\b)[^\s,;]{1,200}"
)
_NOTHING = re.compile(r"(?i)true|false|none|null|\[secret\]")
_COUNT = re.compile(r"\d{1,6}(?:\.\d{1,20})?")
_NEVER_COUNTED = re.compile(r"(?i)pass|mdp|pwd|secret|credential")

_FORMS = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^\-]{1,200}|-(?!----)){0,200}"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
    r"|(?i:\b(?:bearer|basic)\s{1,3})(?=[a-z\-]{0,64}[A-Z0-9_~+/=])[A-Za-z0-9\-._~+/]{8,4096}={0,2}"
    r"|\b(?:sk|pk|rk)[-_](?:[A-Za-z]{2,10}[-_])?[A-Za-z0-9_\-]{16,400}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[\w\-]{16,64})"
    r"|\bxox[abeoprs]-[A-Za-z0-9\-]{10,200}"
    r"|\bAIza[\w\-]{30,60}|\bya29\.[\w\-]{20,2048}|\bhf_[A-Za-z0-9]{20,100}"
    r"|\beyJ[\w\-]{8,4096}\.[\w\-]{8,8192}(?:\.[\w\-]{0,4096})?"
)
_URL_USER = re.compile(r"(://)[^\s/@:?#]{0,200}:[^\s/@?#]{1,200}@")
_EMAIL = re.compile(r"(?<![\w.+\-%])[\w.+\-%]{1,64}?(?:@|%40)(?:[\w\-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w\-])")
# A part of an address with characters as %40 or a blank as +. It begins where a part can, so that none is read twice.
_ESCAPED = re.compile(r"""(?<![^\s/?&#"'<>\\])[^\s/?&#"'<>\\%+]{0,65536}[%+][^\s/?&#"'<>\\]{1,65536}""")
_MAX_ESCAPED = 2
"""How often a part is decoded: an address may hold another one."""

_SENSITIVE_NAME = re.compile(
    r"(?i)pass(?:word|wd|phrase|code)|pwd$|secret|credential|authorization|cookie|session[_.-]?id|sessionid"
    r"|(?:api|access|private|secret|auth|account|encryption|signing)[_.-]?key|apikey|(?:^|[_.-])(?:key|token)$"
)


def redact(text: str) -> str:
    """`text` without personal data and secrets, each replaced by what it was: `[secret]`, `[email]`, `[phone]`,
    `[card]`, `[iban]`, `[nir]`; and no longer than MAX_LENGTH.
    """
    if len(text) > MAX_LENGTH:
        text = _cut(text)
    text = _redacted(text)
    return _ESCAPED.sub(_unescaped, text) if "%" in text or "+" in text else text


def redact_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The same attributes, their values redacted: whole where the name says so, such as `password` or `api_key`."""
    return {name: _attribute(name, value) for name, value in attributes.items()}


def is_sensitive(name: str) -> bool:
    """Whether an attribute or header of this name holds a secret, whatever its value."""
    return _SENSITIVE_NAME.search(name) is not None


def _redacted(text: str) -> str:
    lower = text.lower()
    if any(hint in lower for hint in _HINTS) or "-----BEGIN" in text:
        text = _FORMS.sub(SECRET, text)
        text = _COOKIE.sub(rf"\1{SECRET}", text)
        text = _SIGNATURE.sub(rf"\1{SECRET}", text)
        text = _PAIR.sub(rf"\1'{SECRET}'", text)
        text = _ASSIGNED.sub(_without_value, text)
        text = _SAID.sub(rf"\1{SECRET}", text)
    if "@" in text or "%40" in text:
        text = _URL_USER.sub(rf"\1{SECRET}@", text)
        text = _EMAIL.sub("[email]", text)
    if _NUMBER_HINT.search(text):
        text = redact_numbers(text)
    return text


def _unescaped(match: re.Match[str]) -> str:
    """The part as it is, or decoded and without what shows only then."""
    part = match[0]
    for _ in range(_MAX_ESCAPED):
        decoded = unquote_plus(part)
        if decoded == part:
            break
        part = _redacted(decoded)
        if part != decoded:
            return part
    return match[0]


def _attribute(name: str, value: Any) -> Any:
    """One that cannot be redacted, such as a dictionary that somebody is changing, leaves the others alone."""
    try:
        return _value(name, value, 0)
    except Exception:
        return "[withheld: it could not be redacted]"


def _value(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if is_sensitive(name):
        return SECRET
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, int | float):
        text = str(value)
        return value if abs(value) < _BIG or (shown := redact(text)) == text else shown
    if depth < _MAX_DEPTH and isinstance(value, Mapping):
        return {redact(str(key)): _value(str(key), part, depth + 1) for key, part in value.items()}
    if depth < _MAX_DEPTH and isinstance(value, list | tuple | set | frozenset):
        return [_value("", part, depth + 1) for part in value]
    return redact(_text(value))


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__} without a text>"


def _without_value(match: re.Match[str]) -> str:
    name, value = match[1], match["value"]
    word = value.strip("\"'\\")
    if _NOTHING.fullmatch(word) or (_COUNT.fullmatch(word) and not _NEVER_COUNTED.search(name)):
        return match[0]
    quote = next((f"{match['escape'] or ''}{mark}" for mark in "\"'" if value.endswith(mark)), "")
    return f"{name}{quote}{SECRET}{quote}"


def _cut(text: str) -> str:
    """At a space, so that no half of a secret is left that nothing recognises."""
    kept = text[:MAX_LENGTH]
    space = max(kept.rfind(" "), kept.rfind("\n"))
    kept = kept[:space] if space > 0 else ""
    return f"{kept} [cut: {len(text) - len(kept)} more characters]"
