"""The pages' templates: Jinja2 with every value escaped, whatever a file's name ends in."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.templating import Jinja2Templates

STATIC = Path(__file__).parent / "static"
TEMPLATES = Jinja2Templates(
    env=Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
)
"""`TEMPLATES.TemplateResponse(request, "page.html", {…})` renders a page; pages extend base.html."""
