"""The dashboards' files as data, for the tests that hold them to the contract and for those that run their queries."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "grafana" / "dashboards"
VALUES = {
    "__range": "1h",
    "__range_s": "3600",
    "__rate_interval": "1m",
    "__interval": "1m",
    "interval": "5m",
    "service": ".+",
    "model": ".+",
    "team": ".+",
    "slo": ".+",
    "level": ".*",
    "severity": ".*",
    "search": "",
    "project": ".+",
}
"""What stands in the place of Grafana's variables and of the boards' own."""
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True)
class PanelQuery:
    """One query of a panel. `expr` still holds variables; `runnable` is what a data source understands."""

    board: str
    panel: str
    panel_id: int
    ref: str
    datasource: str
    expr: str
    exemplar: bool

    @property
    def runnable(self) -> str:
        """Raises KeyError for a variable that nobody knows."""
        return _VARIABLE.sub(lambda name: VALUES[name[1]], self.expr)

    @property
    def label(self) -> str:
        return f"{self.board}-{self.panel_id}-{self.ref}"


@cache
def boards() -> dict[Path, dict[str, Any]]:
    """Each dashboard, by its file."""
    return {file: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.rglob("*.json"))}


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    """A dashboard's panels, without the rows' headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


UNANSWERED = {
    "compliance-3-A": "the demo has no register of models: none is unapproved",
    "devops-23-A": "few machines have a GPU, and nothing exposes one yet",
    "slo-3-A": "an error budget lasts for ever until a mean of four minutes holds an error",
    "slo-21-A": "what is spent in five minutes is known after five minutes",
    "slo-23-A": "a budget lasts for ever until some of it is spent",
    "finops-5-A": "what is spent in five minutes is known after five minutes",
    "finops-33-A": "nobody compares the demo's ledger with a bill",
}
"""Queries that the demo does not answer, or not for sure within minutes, each with its reason."""


def panel_queries(datasource: str = "") -> list[PanelQuery]:
    """Every query of every panel, or those to one data source: prometheus, loki, tempo."""
    return [query for query in _all() if datasource in ("", query.datasource)]


def _all() -> Iterator[PanelQuery]:
    for board in boards().values():
        for panel in panels(board):
            for target in panel["targets"]:
                yield PanelQuery(
                    board=board["uid"],
                    panel=panel["title"],
                    panel_id=panel["id"],
                    ref=target["refId"],
                    datasource=target["datasource"]["uid"],
                    expr=target.get("expr") or target["query"],
                    exemplar=target.get("exemplar", False),
                )
