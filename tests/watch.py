"""The watch's files as data, for the tests that hold them to the contract."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from promql_parser import Expr, NumberLiteral, VectorSelector, parse, walk

ROOT = Path(__file__).parents[1]
_QUERY = re.compile(r"(?<!/loki)/api/v1/query\w* --data-urlencode 'query=(.+?)'")
_TRACE_QUERY = re.compile(r"/api/search --data-urlencode 'q=(.+?)'")
_LOG_QUERY = re.compile(r"/loki/api/v1/query\w* --data-urlencode 'query=(.+?)'")


@dataclass(frozen=True)
class Rule:
    """One rule of prometheus/rules; its concern is its file's name, `wait` its `for`."""

    concern: str
    expr: str
    record: str = ""
    alert: str = ""
    wait: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "")


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            file.stem,
            str(rule.pop("expr")),
            wait=rule.pop("for", ""),
            **{key: rule[key] for key in rule if key != "keep_firing_for"},
        )
        for file in sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    )


def alerts() -> list[Rule]:
    return [rule for rule in rules() if rule.alert]


def thresholds() -> list[Rule]:
    return [rule for rule in rules() if rule.concern == "thresholds"]


def rule_tests() -> list[dict[str, Any]]:
    """Every promtool test of tests/rules."""
    files = (ROOT / "tests" / "rules").glob("*.yml")
    return [test for file in files for test in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]]


def runbooks() -> list[Path]:
    return sorted((ROOT / "docs" / "runbooks").glob("*/*.md"))


def queries(runbook: Path) -> list[str]:
    """The PromQL of its curl commands."""
    return _QUERY.findall(runbook.read_text(encoding="utf-8"))


def log_queries(runbook: Path) -> list[str]:
    """The LogQL of its curl commands."""
    return _LOG_QUERY.findall(runbook.read_text(encoding="utf-8"))


def trace_queries(runbook: Path) -> list[str]:
    """The TraceQL of its curl commands."""
    return _TRACE_QUERY.findall(runbook.read_text(encoding="utf-8"))


def selectors(expr: str) -> list[tuple[str, dict[str, str]]]:
    """The series that an expression reads: each name, with its label matchers as {label: value}."""
    found: list[tuple[str, dict[str, str]]] = []

    def visit(node: Expr) -> bool:
        if isinstance(node, VectorSelector):
            found.append((node.name or "", {matcher.name: matcher.value for matcher in node.matchers.matchers}))
        return True

    walk(parse(expr), visit)
    return found


def numbers(expr: str) -> list[float]:
    """The number literals of an expression."""
    found: list[float] = []

    def visit(node: Expr) -> bool:
        if isinstance(node, NumberLiteral):
            found.append(node.val)
        return True

    walk(parse(expr), visit)
    return found
