"""A digest as a person reads it: an e-mail's subject, its text, the same as HTML."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.message import EmailMessage
from html import escape

from ai_monitoring import durations
from ai_monitoring.incidents.digest import Digest, Offender
from ai_monitoring.incidents.incident import Incident
from ai_monitoring.incidents.links import Links
from ai_monitoring.incidents.schedule import Period

WORST = 10
"""Rows of the table of worst offenders."""


def message(digest: Digest, links: Links) -> EmailMessage:
    """The e-mail, as text and as HTML, without sender and recipients."""
    made = EmailMessage()
    made["Subject"] = subject(digest)
    made.set_content(text(digest, links))
    made.add_alternative(_html(digest, links), subtype="html")
    return made


def subject(digest: Digest) -> str:
    what = "info alert" if digest.period is Period.WEEKLY else "warning"
    count = len(digest.told)
    worst = f", most of {digest.worst[0].name}" if count else ""
    still = f", {len(digest.open)} still open" if digest.open else ""
    return f"[{digest.period.upper()}] {count or 'no'} {what}{'' if count == 1 else 's'}{still}{worst}"


def text(digest: Digest, links: Links) -> str:
    lines = [_span(digest), ""]
    if digest.told:
        lines += ["Most often, with the time in all and the median:", ""]
        for one in digest.worst[:WORST]:
            lines += [f"  {_figures(one)}  {one.name}", *_indented(_ways(one.latest, links)), ""]
        lines += _more(digest.worst)
    if digest.open:
        lines += ["Still open:", ""]
        for incident in digest.open[:WORST]:
            lines += [f"  {_open_line(incident, digest)}", *_indented({"Incident": links.incident(incident)}), ""]
        lines += _more(digest.open)
    return "\n".join([*lines, "All of it: ai-monitoring alerts", ""])


def _html(digest: Digest, links: Links) -> str:
    parts = [f"<p>{escape(_span(digest))}</p>"]
    if digest.told:
        head = "".join(f"<th align=left>{word}</th>" for word in ("Times", "In all", "Median", "Alert", "See"))
        rows = "".join(_row(one, links) for one in digest.worst[:WORST])
        parts += [f"<table cellpadding=4><tr>{head}</tr>{rows}</table>", *_paragraphs(_more(digest.worst))]
    if digest.open:
        items = "".join(_item(one, digest, links) for one in digest.open[:WORST])
        parts += [f"<p>Still open:</p><ul>{items}</ul>", *_paragraphs(_more(digest.open))]
    return "\n".join([*parts, "<p>All of it: <code>ai-monitoring alerts</code></p>", ""])


def _span(digest: Digest) -> str:
    begin, end = (f"{datetime.fromtimestamp(at, digest.zone):%Y-%m-%d %H:%M %Z}" for at in (digest.start, digest.end))
    return f"From {begin} to {end}: {_totals(digest)}."


def _totals(digest: Digest) -> str:
    counts = Counter(incident.severity for incident in digest.incidents)
    shown = [f"{number} {severity or 'without severity'}" for severity, number in sorted(counts.items())]
    return ", ".join(shown) or "no alert of any severity"


def _ways(incident: Incident, links: Links) -> dict[str, str]:
    """Where to go on reading, by what a person calls it."""
    runbook = links.runbook(incident)
    ways = {"Runbook": runbook} if runbook else {}
    return {**ways, **_panel(incident, links), "Latest": links.incident(incident)}


def _panel(incident: Incident, links: Links) -> dict[str, str]:
    panel = links.panel(incident)
    return {"Panel": panel} if panel else {}


def _indented(ways: dict[str, str]) -> list[str]:
    return [f"      {name + ':':<10}{address}" for name, address in ways.items()]


def _anchors(ways: dict[str, str]) -> str:
    """Links; what a rule names its runbook, but is no address, as it is."""
    return " · ".join(
        f'<a href="{escape(address)}">{name}</a>' if address.startswith(("http://", "https://")) else escape(address)
        for name, address in ways.items()
    )


def _open_line(one: Incident, digest: Digest) -> str:
    since = datetime.fromtimestamp(one.started_at, digest.zone)
    summary = one.annotations.get("summary", "")
    return f"{one.service} {one.alert}, since {since:%Y-%m-%d %H:%M %Z}. {summary}".strip()


def _item(one: Incident, digest: Digest, links: Links) -> str:
    ways = _anchors({f"Incident {one.id}": links.incident(one), **_panel(one, links)})
    return f"<li>{escape(_open_line(one, digest))} ({ways})</li>"


def _figures(one: Offender) -> str:
    times = "time " if one.count == 1 else "times"
    return f"{one.count:>4} {times}  {durations.said(one.seconds):>12}  {durations.said(one.median):>12}"


def _row(one: Offender, links: Links) -> str:
    cells = (str(one.count), durations.said(one.seconds), durations.said(one.median), one.name)
    shown = [*(escape(cell) for cell in cells), _anchors(_ways(one.latest, links))]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in shown) + "</tr>"


def _more(rows: Sequence[object]) -> list[str]:
    return [f"and {len(rows) - WORST} more", ""] if len(rows) > WORST else []


def _paragraphs(lines: Iterable[str]) -> list[str]:
    return [f"<p>{escape(line)}</p>" for line in lines if line]
