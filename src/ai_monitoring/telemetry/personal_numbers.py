"""Numbers that belong to people: IBAN, NIR, card, phone. Found by their form, told from other numbers by validation.

python-stdnum knows the check digits, phonenumbers the numbering plans. Where they are not installed, whatever has the
form is taken out: rather an identifier too many than a card too few.
"""

import os
import re
from functools import cache
from typing import Any

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]{4}){2,7}(?:[ \-]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])")
_IBAN_FOLDED = re.compile(r"(?i)(?<![a-z0-9])[a-z]{2}\d{2}[a-z0-9]{11,30}(?![a-z0-9])")
_NIR = re.compile(
    r"(?<![\w.])[12][ .\-]?\d{2}[ .\-]?\d{2}[ .\-]?(?:\d{2}|2[AaBb])[ .\-]?\d{3}[ .\-]?\d{3}[ .\-]?\d{2}(?!\w)"
)
_CARD = re.compile(
    r"(?<![\w.])(?:[2-6]\d{12,18}|[2-6]\d{3}([ \-.])\d{4}\1\d{4}\1\d{1,7}|3\d{3}([ \-.])\d{6}\2\d{4,5})(?!\w)"
)
_PHONE = re.compile(
    r"(?<![\w.])(?:\+|00)\d(?:[ .\-/()]{0,3}\d){6,14}(?!\w)|(?<![\w.,])(?:\(0\d?\)|0)(?:[ .\-/]?\d){8,10}(?!\w)"
)
_DECIMAL = re.compile(r"\d+\.\d+")


def redact_numbers(text: str) -> str:
    """`text` with `[iban]`, `[nir]`, `[card]` and `[phone]` where such numbers stood."""
    text = _IBAN.sub(_if_iban, text)
    text = _IBAN_FOLDED.sub(_if_iban, text)
    text = _NIR.sub(_if_nir, text)
    text = _CARD.sub(_if_card, text)
    return _PHONE.sub(_if_phone, text)


def _if_iban(match: re.Match[str]) -> str:
    """A shorter number may be followed by a word in capitals that the pattern took along."""
    found = match[0]
    iban = _stdnum("iban")
    if iban is None or iban.is_valid(found, check_country=False):
        return "[iban]"
    head, _, tail = found.rpartition(" ")
    return f"[iban] {tail}" if head and iban.is_valid(head, check_country=False) else found


def _if_nir(match: re.Match[str]) -> str:
    nir = _stdnum("fr.nir")
    return "[nir]" if nir is None or nir.is_valid(re.sub(r"[ .\-]", "", match[0])) else match[0]


def _if_card(match: re.Match[str]) -> str:
    luhn = _stdnum("luhn")
    digits = re.sub(r"\D", "", match[0])
    return "[card]" if luhn is None or luhn.is_valid(digits) else match[0]


def _if_phone(match: re.Match[str]) -> str:
    found = match[0]
    if _DECIMAL.fullmatch(found):
        return found
    phonenumbers = _phonenumbers()
    if phonenumbers is None:
        return "[phone]"
    number = "+" + found[2:] if found.startswith("00") else found
    return "[phone]" if any(_is_phone(phonenumbers, number, region) for region in _regions()) else found


def _is_phone(phonenumbers: Any, number: str, region: str) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(number, region)))
    except phonenumbers.NumberParseException:
        return False


@cache
def _regions() -> tuple[str, ...]:
    """Where numbers without a country code may come from: AI_MONITORING_PHONE_REGIONS, such as FR,BE; else FR."""
    named = os.environ.get("AI_MONITORING_PHONE_REGIONS", "FR").upper().split(",")
    return tuple(region.strip() for region in named if region.strip())


@cache
def _stdnum(name: str) -> Any:
    try:
        from importlib import import_module

        return import_module(f"stdnum.{name}")
    except ImportError:
        return None


@cache
def _phonenumbers() -> Any:
    try:
        import phonenumbers
    except ImportError:
        return None
    return phonenumbers
