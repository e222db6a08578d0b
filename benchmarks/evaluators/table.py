"""Precision, recall and F1, and the table that shows them."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.evaluators.judging import JUDGES, NEGATIVE, Judged


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1; `kind` is how often, of what was rightly found, its kind was right too."""

    cases: int
    precision: float
    recall: float
    f1: float
    kind: float


def figures(name: str, judged: Sequence[Judged]) -> Figures:
    """For labels told apart, unweighted means over the labels that people gave; else for found or not found."""
    if JUDGES[name].kinds:
        labels = sorted({one.case.label for one in judged})
        each = [_figures([(one.case.label == label, one.said == label) for one in judged]) for label in labels]
        right = statistics.fmean(one.case.label == one.said for one in judged)
        precision, recall, f1 = (statistics.fmean(part) for part in zip(*each, strict=True))
        return Figures(len(judged), precision, recall, f1, right)
    found = [(one.case.label not in NEGATIVE, one.said not in NEGATIVE) for one in judged]
    hits = [one for one, pair in zip(judged, found, strict=True) if all(pair)]
    kind = statistics.fmean(one.said.rpartition(".")[2] == one.case.label for one in hits) if hits else 0.0
    return Figures(len(judged), *_figures(found), kind)


def show(judged: Mapping[str, Sequence[Judged]]) -> None:
    """A Markdown table: a line an evaluator and language."""
    print("| evaluator | language | cases | precision | recall | F1 | kind right | median µs a case |")
    print("|---|---|---|---|---|---|---|---|")
    for name, cases in judged.items():
        for language in ("both", *sorted(_languages(cases))):
            _line(name, language, [one for one in cases if language in ("both", _group(one))])


def show_wrong(judged: Mapping[str, Sequence[Judged]]) -> None:
    """The cases where evaluator and person disagree."""
    for name, cases in judged.items():
        for one in cases:
            if _wrong(name, one):
                print(f"{name}: {one.case.label} called {one.said}: {one.case.text[:140]}")


def _wrong(name: str, one: Judged) -> bool:
    if JUDGES[name].kinds:
        return one.case.label != one.said
    return (one.case.label in NEGATIVE) != (one.said in NEGATIVE)


def _figures(pairs: Iterable[tuple[bool, bool]]) -> tuple[float, float, float]:
    pairs = list(pairs)
    hits = sum(truth and said for truth, said in pairs)
    wrong, missed = sum(said > truth for truth, said in pairs), sum(truth > said for truth, said in pairs)
    precision = hits / (hits + wrong) if hits + wrong else 0.0
    recall = hits / (hits + missed) if hits + missed else 0.0
    return precision, recall, 2 * hits / (2 * hits + wrong + missed) if hits else 0.0


def _line(name: str, language: str, cases: Sequence[Judged]) -> None:
    got = figures(name, cases)
    micro = statistics.median(one.seconds for one in cases) * 1e6
    shown = " | ".join(f"{part:.2f}" for part in (got.precision, got.recall, got.f1))
    kind = f"{got.kind:.2f}" if JUDGES[name].names_kind else "-"
    print(f"| {name} | {language} | {got.cases} | {shown} | {kind} | {micro:.0f} |")


def _group(one: Judged) -> str:
    return one.case.language if one.case.language in ("en", "fr", "?") else "other"


def _languages(cases: Iterable[Judged]) -> set[str]:
    return {_group(one) for one in cases}
