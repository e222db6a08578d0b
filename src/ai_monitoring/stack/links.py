"""What the house's own messages lead to: the addresses that Alertmanager's templates tell, read from these.

Whoever edits a template, so that its links lead through a tunnel or to a wiki, has edited those of digests too.
"""

import re
from typing import Any

from ai_monitoring.stack import messages
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings

_DASHBOARDS = re.compile(r"^(https?://\S+/d/)$", re.MULTILINE)
_RUNBOOKS = re.compile(r"^(https?://\S+?/)\{\{ \.Annotations\.runbook(?P<page> \|)?", re.MULTILINE)
_INCIDENTS = re.compile(r"^(https?://\S+/)\{\{ \.Fingerprint \}\}$", re.MULTILINE)
_SILENCES = re.compile(r"^(https?://\S+/silences/new\?filter=)$", re.MULTILINE)
_PANEL = re.compile(
    r'if match "([^"]+)" \.(?:Labels|Annotations)\.(alertname|runbook) }}([\w-]+\?[\w=-]*)$', re.MULTILINE
)


def addresses(settings: Settings, *, local: bool) -> dict[str, Any]:
    """The arguments of the incident service's Links. What no template tells any more is empty: no link."""
    templates = messages.templates(settings, local=local)
    text = "\n".join(templates.values())
    runbooks, dashboards, incidents = _RUNBOOKS.search(text), _DASHBOARDS.search(text), _INCIDENTS.search(text)
    silences = _SILENCES.search(text)
    return {
        "incidents": incidents[1] if incidents else f"http://{HOST}:{settings.ports['INCIDENTS_PORT']}/incidents/",
        "dashboards": dashboards[1] if dashboards else "",
        "runbooks": runbooks[1] if runbooks else "",
        "silences": silences[1] if silences else "",
        "pages": bool(runbooks and runbooks["page"]),
        "panels": [[of, pattern, panel] for pattern, of, panel in _PANEL.findall(text) if _is_known(pattern)],
    }


def _is_known(pattern: str) -> bool:
    """Whether Python reads it too: the templates' patterns are Go's."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
