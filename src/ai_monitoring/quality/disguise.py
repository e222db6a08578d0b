"""How attackers and insulters hide words from filters, undone: invisible and look-alike characters, letters set apart,
digits for letters, base64, hexadecimal, ROT13.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_INVISIBLE = dict.fromkeys(
    (0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))
)
# Unicode's tag block writes ASCII that nobody sees: it becomes visible instead of going away.
_TAGS = {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}
# Letters of other scripts that look like Latin ones, the common ones of Unicode's confusables.txt.
_LOOK_ALIKE = str.maketrans("аеорсухіјѕһԁԛѡткмвнոսցοαενιρυκτӏ", "aeopcyxijshdqwtkmbhnugoaevipuktl")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_SHOWN = {**_INVISIBLE, **_TAGS}

_SPACED = re.compile(r"(?<![^\s\"'(])(?:[^\W_][ .\-*] {0,2}){3,200}[^\W_](?![^\s.,!?;:)\"'])")
_APART = re.compile(r"[ .\-*]( {1,2})?")
_LEET = str.maketrans("013457@$", "oieastas")

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/_\-]{20,4096}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){12,2048}(?![0-9A-Fa-f])")
_SHORTEST: Final = 20
_MAX_DECODED: Final = 8
"""Encoded runs of a text that are looked into."""
_PRINTABLE_SHARE: Final = 0.9
# "ignore", "instruction", "system", "prompt", "oublie", "consigne" and "regle" in ROT13.
_ROT13 = ("vtaber", "vafgehpgvba", "flfgrz", "cebzcg", "bhoyvr", "pbafvtar", "ertyr")


def unmasked(text: str) -> str:
    """Lower case without accents, the disguises of letters undone. Linear in the text's length."""
    if not text.isascii():
        text = without_accents(text.translate(_SHOWN)).casefold().translate(_LOOK_ALIKE)
    return _SPACED.sub(_together, text.lower())


def without_accents(text: str) -> str:
    """Compatibility forms resolved, accents of Latin, Greek and Cyrillic letters taken off: `Éﬁ` is `Efi`."""
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).replace("œ", "oe").replace("Œ", "Oe")


def without_digits(word: str) -> str:
    """`sh1t` is `shit`. Words of few letters beside their digits name things, such as `a4`: they stay."""
    digits = sum(character.isdigit() for character in word)
    return word.translate(_LEET) if digits * 2 <= len(word) + 1 and digits < len(word) else word


def decoded(text: str) -> Iterator[str]:
    """What stands in the text in base64, hexadecimal or ROT13, where that is readable."""
    long = " ".join(word for word in text.split() if len(word) >= _SHORTEST)
    runs = [_from_base64(match[0]) for match, _ in zip(_BASE64.finditer(long), range(_MAX_DECODED), strict=False)]
    runs += [_from_hex(match[0]) for match, _ in zip(_HEX.finditer(long), range(_MAX_DECODED), strict=False)]
    yield from (run for run in runs if run and _readable(run))
    lower = text.lower()
    if any(word in lower for word in _ROT13):
        yield codecs.decode(text, "rot13")


def _together(match: re.Match[str]) -> str:
    """Letters set apart become a word; where more than one blank stands, a word ends."""
    return _APART.sub(lambda gap: " " if gap[1] else "", match[0])


def _from_base64(run: str) -> str:
    body = run.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _from_hex(run: str) -> str:
    try:
        return bytes.fromhex(run).decode()
    except UnicodeDecodeError:
        return ""


def _readable(text: str) -> bool:
    return sum(character.isprintable() for character in text) >= _PRINTABLE_SHARE * len(text)
