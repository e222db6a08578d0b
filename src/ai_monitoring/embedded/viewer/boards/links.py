"""Links of boards, panels and values. None leads to a page that only Grafana has, or off this machine for a runbook."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from ai_monitoring.embedded.viewer.boards.fields import field_lookup
from ai_monitoring.embedded.viewer.boards.formats import Value
from ai_monitoring.embedded.viewer.boards.frames import Field, Frame
from ai_monitoring.embedded.viewer.boards.interpolation import Lookup, first_of, interpolated
from ai_monitoring.embedded.viewer.boards.mappings import written
from ai_monitoring.embedded.viewer.boards.view import View

DOCS = "https://github.com/ai-monitoring/ai-monitoring/blob/main/docs"
"""The address of the docs, as grafana/boards/links.py has it."""
_RUNBOOK = re.compile(re.escape(f"{DOCS}/runbooks/") + r"(.+)\.md(#.*)?")
_SAFE = ("http", "https", "mailto", "")
Link = dict[str, Any]


def panel_links(links: Sequence[dict[str, Any]], view: View) -> list[Link]:
    """Links of a board or of a panel: `title`, `url`, `new_tab`."""
    return [_link(each, view) for each in links if each.get("url") and each.get("type", "link") == "link"]


def tagged_boards(link: dict[str, Any], boards: Sequence[Mapping[str, Any]], view: View) -> list[Link]:
    """A link to each board that has all the tags of a board's link of the type `dashboards`."""
    wanted = set(link.get("tags") or [])
    found = [board for board in boards if wanted <= set(board.get("tags") or [])]
    return [_link({**link, "title": board["title"], "url": f"/d/{board['uid']}"}, view) for board in found]


def data_links(frame: Frame, field: Field, view: View, row: int | None = None) -> list[Link]:
    """The links of a field's series, or of its value in that row: `title`, `url`."""
    links = field.config.get("links") or []
    if not links:
        return []
    at = row if row is not None else _last(field)
    lookup = first_of(_value_lookup(frame, field, at), field_lookup(frame, field), view.lookup)
    return [
        {
            "title": interpolated(str(each.get("title") or "Open"), lookup),
            "url": local(_filled_address(str(each.get("url") or ""), lookup)),
            "new_tab": bool(each.get("targetBlank")),
        }
        for each in links
        if isinstance(each, dict)
    ]


def local(url: str) -> str:
    """The viewer's own page in the place of one of Grafana's, or of a runbook in the docs; else the address itself.

    An address that a browser would run, such as `javascript:…`, becomes `#`.
    """
    if runbook := _RUNBOOK.fullmatch(url):
        return "/runbooks" if runbook[1] == "README" else f"/runbooks/{runbook[1]}{runbook[2] or ''}"
    if urlsplit(url.strip()).scheme.lower() not in _SAFE:
        return "#"
    if url.startswith("/alerting"):
        return "/alerts"
    return _explore(url) if url.startswith("/explore?") else url


def _link(link: dict[str, Any], view: View) -> Link:
    url = _filled_address(str(link["url"]), view.lookup)
    more = [view.times_in_address()] if link.get("keepTime") else []
    if link.get("includeVars") and (chosen := view.variables_in_address()):
        more.append(chosen)
    if more:
        url += ("&" if "?" in url else "?") + "&".join(more)
    return {
        "title": view.filled(str(link.get("title") or url)),
        "url": local(url),
        "new_tab": bool(link.get("targetBlank")),
    }


def _filled_address(url: str, lookup: Lookup) -> str:
    """The address with its variables, whose values cannot add to its parameters."""

    def quoted(value: Value) -> str:
        joined = ",".join(value.values)
        return joined if value.name in ("__url_time_range", "__all_variables") else quote(joined, safe="/:")

    return interpolated(url, lookup, quoted)


def _explore(url: str) -> str:
    """Of a link to Grafana's Explore, the first query and the range."""
    parameters = parse_qs(urlsplit(url).query)
    try:
        pane = _pane(parameters)
    except (ValueError, KeyError, StopIteration, AttributeError, TypeError):
        return url if "query" in parameters else "/explore"
    queries = pane.get("queries") or [{}]
    span = pane.get("range") or {}
    chosen = {
        "query": queries[0].get("expr") or queries[0].get("query"),
        "from": span.get("from"),
        "to": span.get("to"),
    }
    return "/explore?" + urlencode({name: value for name, value in chosen.items() if value}, quote_via=quote)


def _pane(parameters: dict[str, list[str]]) -> dict[str, Any]:
    if "panes" in parameters:
        pane = next(iter(json.loads(parameters["panes"][0]).values()))
    else:
        pane = json.loads(parameters["left"][0])
    return dict(pane)


def _value_lookup(frame: Frame, field: Field, row: int | None) -> Lookup:
    """`${__value.raw}`, `${__value.time}` and `${__data.fields.x}` of a row."""
    if row is None or row >= len(field.values):
        return lambda name, path: None
    others = {key: each.values[row] for each in frame.fields for key in (each.name, each.title)}
    time = frame.first("time")

    def found(name: str, path: str) -> Value | None:
        if name == "__value" and path in ("raw", "numeric", "text", ""):
            return Value((written(field.values[row]),), name=name)
        if name == "__value" and path == "time":
            return Value((written(time.values[row]) if time else "",), name=name)
        if name == "__data" and path.startswith("fields"):
            return Value((written(others.get(path.removeprefix("fields").strip('."[]'))),), name=name)
        return None

    return found


def _last(field: Field) -> int | None:
    return next((row for row in range(len(field.values) - 1, -1, -1) if field.values[row] is not None), None)
