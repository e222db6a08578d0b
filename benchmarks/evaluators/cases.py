"""Labelled cases: ours under data/, and anybody's CSV or JSON."""

import csv
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


class CaseError(ValueError):
    """A file of cases that cannot be used: which, where, and what it needs."""


@dataclass(frozen=True, slots=True)
class Case:
    """One text with the label that a person gave it."""

    text: str
    label: str
    language: str = "?"
    prompt: str = ""
    context: tuple[str, ...] = ()
    group: str = ""


def half(cases: Iterable[Case], which: str) -> list[Case]:
    """The `read` or the `unread` half, by a hash of the text, or of the group where one is given: texts made from one
    template stay together, so that rules written after one half meet nothing of it in the other.
    """
    return [case for case in cases if (_hash(case.group or case.text.strip()) % 2 == 1) == (which == "read")]


def ours(name: str, part: str) -> list[Case]:
    """`part` is held_out or development."""
    name = {"hallucination": "groundedness"}.get(name, name)
    found = [file for ending in ("csv", "json") if (file := DATA / f"{name}.{part}.{ending}").is_file()]
    return read(found[0])


def read(file: Path) -> list[Case]:
    """CSV with a header, or JSON (a list of objects, or one object a line). Raises CaseError."""
    try:
        text = file.read_text("utf-8-sig")
        rows = _json(text) if file.suffix in (".json", ".jsonl") else csv.DictReader(text.splitlines(keepends=True))
        cases = _cases(file, rows)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CaseError(f"{file}: {error}") from error
    if not cases:
        raise CaseError(f"{file} holds no case")
    return cases


def _json(text: str) -> list[Any]:
    if text.lstrip().startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _cases(file: Path, rows: Iterable[Any]) -> list[Case]:
    cases = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or not row.get("text") or not row.get("label"):
            raise CaseError(f"{file}, case {number}: give text and label; CSV needs a header with these columns")
        context = row.get("context") or ()
        documents = (context,) if isinstance(context, str) else tuple(map(str, context))
        language, prompt = row.get("language") or "?", row.get("prompt") or ""
        cases.append(
            Case(
                str(row["text"]),
                str(row["label"]).strip(),
                str(language),
                str(prompt),
                documents,
                str(row.get("group") or ""),
            )
        )
    return cases


def _hash(text: str) -> int:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[0]
