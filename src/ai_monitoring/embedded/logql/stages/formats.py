"""`line_format` and `label_format`."""

from collections.abc import Iterable
from dataclasses import dataclass

from ai_monitoring.embedded.logql.bounds import check_text
from ai_monitoring.embedded.logql.stages.stage import ERROR, Entry
from ai_monitoring.embedded.logql.templates import Context, Template

_FAILED = "TemplateFormatErr"


@dataclass(frozen=True)
class LineFormat:
    """The template's text becomes the line."""

    template: Template

    def process(self, entry: Entry) -> bool:
        try:
            entry.line = self.template.render(Context(entry.labels(), entry.line, entry.time))
        except ValueError as error:
            entry.fail(_FAILED, str(error))
        return True

    def needs(self) -> Iterable[str]:
        return self.template.fields


@dataclass(frozen=True)
class LabelFormat:
    """`new=old` renames, `label="template"` writes. Raises ValueError for a label that is written twice."""

    formats: tuple[tuple[str, str | Template], ...]

    def __post_init__(self) -> None:
        names = [name for name, _ in self.formats]
        if ERROR in names:
            raise ValueError(f"{ERROR} cannot be formatted")
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"multiple label name '{name}' not allowed in a single format operation")

    def process(self, entry: Entry) -> bool:
        labels: dict[str, str] = {}
        for name, source in self.formats:
            if isinstance(source, str):
                self._rename(entry, source, name)
                continue
            labels = labels or entry.labels()
            try:
                text = source.render(Context(labels, entry.line, entry.time))
                check_text(len(text) + sum(map(len, entry.parsed.values())))
                entry.set(name, text)
            except ValueError as error:
                entry.fail(_FAILED, str(error))
        return True

    def _rename(self, entry: Entry, old: str, new: str) -> None:
        value = entry.get(old)
        if value is not None:
            entry.set(new, value)
            entry.delete(old)

    def needs(self) -> Iterable[str]:
        for _, source in self.formats:
            yield from [source] if isinstance(source, str) else source.fields
