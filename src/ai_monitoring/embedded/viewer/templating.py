"""The pages' templates: Jinja2 with every value escaped, whatever a file's name ends in."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.templating import Jinja2Templates

from ai_monitoring import durations
from ai_monitoring.embedded.viewer import wording

STATIC = Path(__file__).parent / "static"
_FOLDER = Path(__file__).parent / "templates"
_WORDS = ("clock", "counted", "number", "rate", "seconds", "share", "size", "utc")


def templates(*folders: Path) -> Jinja2Templates:
    """`.TemplateResponse(request, "page.html", {…})` renders a page of `folders`, or of the viewer. Pages extend
    base.html, which extends frame.html.

    Filters are those of `wording`; `signs.html` has the macros for states and times.
    """
    environment = Environment(
        loader=FileSystemLoader([*folders, _FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"duration": durations.said} | {name: getattr(wording, name) for name in _WORDS}
    return Jinja2Templates(env=environment)


TEMPLATES = templates()
"""The viewer's own."""
