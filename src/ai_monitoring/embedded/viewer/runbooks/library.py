"""Which runbooks there are: `<concern>/<AlertName>.md` in one folder, read anew each time."""

import re
from dataclasses import dataclass
from pathlib import Path

_ADDRESS = re.compile(r"(?:^|/)docs/runbooks/(\w+)/(\w+)\.md$")
_MEANING = re.compile(r"^## Meaning\s+(.+?)(?:\n\s*\n|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Runbook:
    """One page: `name` is its alert's."""

    concern: str
    name: str
    file: Path

    @property
    def url(self) -> str:
        return f"/runbooks/{self.concern}/{self.name}"

    def text(self) -> str:
        """Its Markdown. Raises OSError when the file is gone."""
        return self.file.read_text(encoding="utf-8", errors="replace")

    def meaning(self) -> str:
        """The first sentence of what it means, in plain text; empty when it has none."""
        found = _MEANING.search(self.text())
        paragraph = " ".join(found[1].split()) if found else ""
        return re.sub(r"[`*]", "", re.split(r"(?<=[.:])\s", paragraph)[0]).removesuffix(":")


@dataclass(frozen=True, slots=True)
class Library:
    """The runbooks below `folder`; none when there is no such folder."""

    folder: Path

    def all(self) -> list[Runbook]:
        return sorted(Runbook(file.parent.name, file.stem, file) for file in self.folder.glob("*/*.md"))

    def find(self, concern: str, name: str) -> Runbook | None:
        """The page of that name: looked up among those that are there, so no name leads out of the folder."""
        return next((page for page in self.all() if (page.concern, page.name) == (concern, name)), None)

    def address(self, alert: str, annotation: str = "") -> str:
        """The runbook of an alert: this viewer's page, else the web address that `annotation` gives, else empty."""
        named = _ADDRESS.search(annotation)
        page = self.find(named[1], named[2]) if named else None
        page = page or next((page for page in self.all() if page.name == alert), None)
        if page:
            return page.url
        return annotation if annotation.startswith(("https://", "http://")) else ""
