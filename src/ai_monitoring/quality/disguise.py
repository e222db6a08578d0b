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
# Letters of other scripts that look like Latin ones, from Unicode's confusables.txt: the common Cyrillic and Greek ones.
_LOOK_ALIKE = str.maketrans("аеорсухіјѕһԁԛѡткмвнոսցοαενιρυκτӏ", "aeopcyxijshdqwtkmbhnugoaevipuktl")
_SHOWN = {**_INVISIBLE, **_TAGS}

_SPACED = re.compile(r"(?<!\S)(?:[^\W_][ .\-*]){3,200}[^\W_](?!\S)")
_LEET_WORD = re.compile(r"[^\W_]*(?:[^\W\d_][013457@$]|[013457@$][^\W\d_])[\w@$]*")
_LEET = str.maketrans("013457@$", "oieastas")

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/_\-]{20,4096}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){12,2048}(?![0-9A-Fa-f])")
_MAX_DECODED: Final = 8
"""Encoded runs of a text that are looked into."""
_PRINTABLE_SHARE: Final = 0.9
# "ignore", "instruction", "system", "prompt", "oublie", "consigne" and "regle" in ROT13.
_ROT13 = ("vtaber", "vafgehpgvba", "flfgrz", "cebzcg", "bhoyvr", "pbafvtar", "ertyr")


def unmasked(text: str) -> str:
    """Lower case without accents, the disguises of letters undone. Linear in the text's length."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_SHOWN)).replace("œ", "oe").replace("Œ", "oe")
        text = "".join(character for character in text if not unicodedata.combining(character))
        text = text.casefold().translate(_LOOK_ALIKE)
    text = _SPACED.sub(_together, text.lower())
    return _LEET_WORD.sub(_letters, text)


def decoded(text: str) -> Iterator[str]:
    """What stands in the text in base64, hexadecimal or ROT13, where that is readable."""
    runs = [_from_base64(match[0]) for match, _ in zip(_BASE64.finditer(text), range(_MAX_DECODED), strict=False)]
    runs += [_from_hex(match[0]) for match, _ in zip(_HEX.finditer(text), range(_MAX_DECODED), strict=False)]
    yield from (run for run in runs if run and _readable(run))
    lower = text.lower()
    if any(word in lower for word in _ROT13):
        yield codecs.decode(text, "rot13")


def _together(match: re.Match[str]) -> str:
    return re.sub(r"[ .\-*]", "", match[0])


def _letters(match: re.Match[str]) -> str:
    """Words with a single digit at an end are names of things, such as `mp3` and `4x`; most letters must be letters."""
    word = match[0]
    digits = sum(character.isdigit() for character in word)
    return word.translate(_LEET) if digits * 2 <= len(word) + 1 else word


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
