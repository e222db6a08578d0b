"""A board as the browser gets it: title, variables, links and panels, without the panels' data."""

from collections.abc import Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards.files import Board
from ai_monitoring.embedded.viewer.boards.formats import text
from ai_monitoring.embedded.viewer.boards.kinds import is_supported, kind_of
from ai_monitoring.embedded.viewer.boards.layout import grid_of, panels
from ai_monitoring.embedded.viewer.boards.links import panel_links, tagged_boards
from ai_monitoring.embedded.viewer.boards.markdown import rendered
from ai_monitoring.embedded.viewer.boards.variables import Variable
from ai_monitoring.embedded.viewer.boards.view import View

REFRESHES = ["", "10s", "30s", "1m", "5m"]
START = {"from": "now-6h", "to": "now"}
_RANGES = {
    "now-5m": "Last 5 minutes",
    "now-15m": "Last 15 minutes",
    "now-30m": "Last 30 minutes",
    "now-1h": "Last hour",
    "now-3h": "Last 3 hours",
    "now-6h": "Last 6 hours",
    "now-12h": "Last 12 hours",
    "now-24h": "Last 24 hours",
    "now-2d": "Last 2 days",
    "now-7d": "Last 7 days",
    "now-30d": "Last 30 days",
    "now/d": "Today so far",
    "now/M": "This month so far",
}
RANGES = [{"text": name, "from": begin, "to": "now"} for begin, name in _RANGES.items()]


def listed(board: Board) -> dict[str, Any]:
    """A line of the list of boards. One that could not be read has no address, and says why in `error`."""
    return {
        "uid": board.uid,
        "title": board.title,
        "folder": board.folder,
        "description": board.summary,
        "url": f"/d/{board.uid}" if board.uid else "",
        "error": board.error,
    }


def start_of(board: Board) -> dict[str, str]:
    """The range that the board opens with."""
    time = board.content.get("time") or {}
    return {key: str(time.get(key) or START[key]) for key in START}


def answer(board: Board, boards: Sequence[Board], variables: Sequence[Variable], view: View) -> dict[str, Any]:
    """Raises KeyError, TypeError or ValueError for a file that is not as Grafana writes it."""
    refresh = board.content.get("refresh") or ""
    refresh = refresh if isinstance(refresh, str) else ""
    return {
        "uid": board.uid,
        "title": board.title,
        "description": board.summary,
        "folder": board.folder,
        "from": view.range.begin,
        "to": view.range.end,
        "time": start_of(board),
        "refresh": refresh,
        "refresh_intervals": REFRESHES if refresh in REFRESHES else [*REFRESHES, refresh],
        "time_ranges": RANGES,
        "links": _links(board, boards, view),
        "variables": [variable.answer() for variable in variables],
        "panels": [_panel(number, panel, own) for number, panel, own in panels(board, view)],
    }


def _links(board: Board, boards: Sequence[Board], view: View) -> list[dict[str, Any]]:
    found = board.content.get("links") or []
    others = [{"uid": each.uid, "title": each.title, "tags": each.tags} for each in boards if each.uid != board.uid]
    tagged = [link for link in found if link.get("type") == "dashboards"]
    return panel_links(found, view) + [link for each in tagged for link in tagged_boards(each, others, view)]


def _panel(number: int, panel: dict[str, Any], view: View) -> dict[str, Any]:
    kind = kind_of(panel)
    found: dict[str, Any] = {
        "id": number,
        "kind": kind,
        "title": view.filled(_title(panel), text),
        "description": view.filled(str(panel.get("description") or ""), text),
        "grid": grid_of(panel),
        "links": panel_links(panel.get("links") or [], view),
        "options": panel.get("options") or {},
        "supported": is_supported(kind),
    }
    if kind == "row":
        found["collapsed"] = bool(panel.get("collapsed"))
    if kind == "text":
        found["html"] = _html(found["options"], view)
    return found


def _title(panel: dict[str, Any]) -> str:
    title = str(panel.get("title") or "")
    if panel.get("type") == "row" and panel.get("repeat"):
        return f"{title} (not repeated here for each {panel['repeat']})"
    return title


def _html(options: dict[str, Any], view: View) -> str:
    return rendered(view.filled(str(options.get("content") or ""), text), str(options.get("mode") or "markdown"))
