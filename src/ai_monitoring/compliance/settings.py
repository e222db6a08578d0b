"""The sections `compliance:` and `ai_act:` of monitoring.yaml.

Whoever reads monitoring.yaml reads this, and needs no cryptography for it.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ai_monitoring.compliance.kinds import Category, LegalBasis, Level, SpecialBasis

if TYPE_CHECKING:
    from ai_monitoring.configuration import Reader


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the register of models. `review` is the day from which on somebody has to look at it again."""

    approved: bool = False
    category: Category | None = None
    owner: str = ""
    review: date | None = None


@dataclass(frozen=True, slots=True)
class Purpose:
    """What holds for requests of one purpose, unless they say otherwise."""

    legal_basis: LegalBasis | None = None
    special_basis: SpecialBasis | None = None
    classification: Level | None = None


@dataclass(frozen=True, slots=True)
class ComplianceSettings:
    """Both sections. Without `models` nobody said which are approved, without `folder` nothing is kept.

    A name of `models` may end in `*`. `ai_act_purposes` and `ai_act_models` go before the built-in list;
    `ai_act_default` is for what neither names. `trace_days` and `backup_days` are for receipts alone.
    """

    models: Mapping[str, Model] = field(default_factory=dict)
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    retention_days: int = 365
    folder: Path | None = None
    anchor: Path | None = None
    trace_days: int = 7
    backup_days: int | None = None
    ai_act_purposes: Mapping[str, Category] = field(default_factory=dict)
    ai_act_models: Mapping[str, Category] = field(default_factory=dict)
    ai_act_default: Category = Category.MINIMAL


VARIABLE: Final = "AI_MONITORING_COMPLIANCE"
"""Names the folder in place of `compliance.folder`."""

T = TypeVar("T", bound=StrEnum)
V = TypeVar("V")
_KEYS: Final = ("models", "purposes", "retention_days", "folder", "anchor", "trace_days", "backup_days")
_MODEL_KEYS: Final = ("approved", "category", "owner", "review")
_PURPOSE_KEYS: Final = ("legal_basis", "special_basis", "classification")
_LONGEST_PURPOSE: Final = 64
"""As ai_monitoring.llm.names has it, which cannot be imported here."""
_AI_ACT_KEYS: Final = ("purposes", "models", "default")


class _Sections:
    """Reads the two sections through the reader of the whole file, which says where something is wrong."""

    def __init__(self, reader: "Reader", base: Path) -> None:
        self._reader, self._base = reader, base

    def settings(self, compliance: Any, ai_act: Any) -> ComplianceSettings:
        section = self._section(compliance, "compliance", _KEYS)
        act = self._section(ai_act, "ai_act", _AI_ACT_KEYS)
        return ComplianceSettings(
            models=self._each(section.get("models"), "compliance.models", self._model),
            purposes=self._purposes(section.get("purposes"), "compliance.purposes", self._purpose),
            retention_days=self._days(section.get("retention_days"), "compliance.retention_days") or 365,
            folder=self._path(os.environ.get(VARIABLE) or section.get("folder"), "compliance.folder"),
            anchor=self._path(section.get("anchor"), "compliance.anchor"),
            trace_days=self._days(section.get("trace_days"), "compliance.trace_days") or 7,
            backup_days=self._days(section.get("backup_days"), "compliance.backup_days"),
            ai_act_purposes=self._purposes(act.get("purposes"), "ai_act.purposes", self._category),
            ai_act_models=self._each(act.get("models"), "ai_act.models", self._category),
            ai_act_default=self._category(act.get("default", Category.MINIMAL), "ai_act.default"),
        )

    def _section(self, value: Any, key: str, keys: tuple[str, ...]) -> Mapping[Any, Any]:
        content = self._reader.mapping(value, key)
        self._reader.known(content, keys, f"{key}.")
        return content

    def _each(self, value: Any, key: str, read: Callable[[Any, str], V]) -> dict[str, V]:
        return {str(name): read(one, f"{key}.{name}") for name, one in self._reader.mapping(value, key).items()}

    def _purposes(self, value: Any, key: str, read: Callable[[Any, str], V]) -> dict[str, V]:
        found = self._each(value, key, read)
        for name in found:
            if not (0 < len(name) <= _LONGEST_PURPOSE and name.isprintable()):
                raise self._reader.error(
                    f"{key}.{name}", "is no purpose that a request can name: 1 to 64 printable characters"
                )
        return found

    def _model(self, value: Any, key: str) -> Model:
        section = self._section(value, key, _MODEL_KEYS)
        category = section.get("category")
        return Model(
            self._reader.switch(section.get("approved"), f"{key}.approved"),
            None if category is None else self._category(category, f"{key}.category"),
            str(section.get("owner") or ""),
            self._day(section.get("review"), f"{key}.review"),
        )

    def _purpose(self, value: Any, key: str) -> Purpose:
        section = self._section(value, key, _PURPOSE_KEYS)
        return Purpose(
            self._one_of(LegalBasis, section.get("legal_basis"), f"{key}.legal_basis"),
            self._one_of(SpecialBasis, section.get("special_basis"), f"{key}.special_basis"),
            self._one_of(Level, section.get("classification"), f"{key}.classification"),
        )

    def _category(self, value: Any, key: str) -> Category:
        category = self._one_of(Category, value, key)
        if category is None:
            raise self._reader.error(key, f"is empty; there are {', '.join(Category)}")
        return category

    def _one_of(self, kind: type[T], value: Any, key: str) -> T | None:
        if value is None:
            return None
        if value not in list(kind):
            raise self._reader.error(key, f"{value!r} is unknown; {self._reader.meant(value, tuple(kind))}")
        return kind(value)

    def _days(self, value: Any, key: str) -> int | None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 36_500):
            return value
        raise self._reader.error(key, f"{value!r} is no number of days, such as 365")

    def _day(self, value: Any, key: str) -> date | None:
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self._reader.error(key, f"{value!r} is no day such as 2027-03-31")

    def _path(self, value: Any, key: str) -> Path | None:
        if value is None:
            return None
        if not isinstance(value, str) or not value or "\0" in value:
            raise self._reader.error(key, f"{value!r} is no path, such as .runtime/compliance")
        return self._base / Path(value).expanduser()


def read_compliance(reader: "Reader", compliance: Any, ai_act: Any, base: Path) -> ComplianceSettings:
    """From what the two keys hold, None where they are not there; paths are seen from `base`. Raises
    ConfigurationError.
    """
    return _Sections(reader, base).settings(compliance, ai_act)
