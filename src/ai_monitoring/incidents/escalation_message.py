"""What is said of an incident that is passed on: by e-mail, and the same to Slack."""

from email.message import EmailMessage

from ai_monitoring.incidents.alert import iso
from ai_monitoring.incidents.incident import Incident
from ai_monitoring.incidents.links import Links


def email(incident: Incident, after: str, links: Links) -> EmailMessage:
    """Without sender and recipients. `after` is how long nobody reacted, such as 30m."""
    message = EmailMessage()
    message["Subject"] = _subject(incident)
    message.set_content("\n".join(_lines(incident, after, links)) + "\n")
    return message


def chat(incident: Incident, after: str, links: Links) -> str:
    """Slack takes & < > as its own: a label such as <!channel> would call everyone."""
    text = "\n".join([f"*{_subject(incident)}*", *_lines(incident, after, links)])
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _subject(incident: Incident) -> str:
    of = f"{incident.service} " if incident.service else ""
    return f"[ESCALATED] {of}{incident.alert}: {_summary(incident)}".rstrip(": ")


def _summary(incident: Incident) -> str:
    return " ".join(incident.annotations.get("summary", "").split())


def _lines(incident: Incident, after: str, links: Links) -> list[str]:
    facts = {
        "Since": iso(incident.started_at),
        "First step": incident.annotations.get("first_step", ""),
        "What to do": links.runbook(incident),
        "Panel": links.panel(incident),
        "Incident": links.incident(incident),
    }
    return [
        f"Nobody has acknowledged this critical incident within {after} of the first message about it.",
        "",
        _summary(incident),
        incident.annotations.get("description", ""),
        *(f"{name + ':':<13}{value}" for name, value in facts.items() if value),
        "",
        f"Say that you take care of it:  ai-monitoring alerts acknowledge {incident.id}",
        f"See what happened:             ai-monitoring alerts show {incident.id}",
    ]
