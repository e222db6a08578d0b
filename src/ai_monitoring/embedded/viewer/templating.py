"""The pages' templates: Jinja2 with every value escaped, whatever a file's name ends in."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.templating import Jinja2Templates

from ai_monitoring.embedded.viewer import wording

STATIC = Path(__file__).parent / "static"
_WORDS = ("clock", "counted", "duration", "number", "rate", "seconds", "share", "size", "utc")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: getattr(wording, name) for name in _WORDS}
    return environment


TEMPLATES = Jinja2Templates(env=_environment())
"""`TEMPLATES.TemplateResponse(request, "page.html", {…})` renders a page; pages extend base.html.

Filters are those of `wording`; `signs.html` has the macros for states and times.
"""
