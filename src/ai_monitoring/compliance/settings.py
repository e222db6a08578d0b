"""The sections `compliance:` and `ai_act:` of monitoring.yaml.

Whoever reads monitoring.yaml reads this, and needs no cryptography for it.
"""

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from ai_monitoring.compliance.kinds import Category, LegalBasis, Level, SpecialBasis


class SettingError(ValueError):
    """A setting cannot be used: its key, and what is wrong with it."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(f"{key} {text}")
        self.key, self.text = key, text


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
_KEYS: Final = ("models", "purposes", "retention_days", "folder", "anchor", "trace_days", "backup_days")
_MODEL_KEYS: Final = ("approved", "category", "owner", "review")
_PURPOSE_KEYS: Final = ("legal_basis", "special_basis", "classification")
_AI_ACT_KEYS: Final = ("purposes", "models", "default")


def compliance_settings(compliance: Any, ai_act: Any, base: Path) -> ComplianceSettings:
    """From what the two keys hold, None where they are not there; paths are seen from `base`. Raises SettingError."""
    section = _section(compliance, "compliance", _KEYS)
    act = _section(ai_act, "ai_act", _AI_ACT_KEYS)
    return ComplianceSettings(
        models=_each(section.get("models"), "compliance.models", _model),
        purposes=_each(section.get("purposes"), "compliance.purposes", _purpose),
        retention_days=_days(section.get("retention_days"), "compliance.retention_days") or 365,
        folder=_path(os.environ.get(VARIABLE) or section.get("folder"), "compliance.folder", base),
        anchor=_path(section.get("anchor"), "compliance.anchor", base),
        trace_days=_days(section.get("trace_days"), "compliance.trace_days") or 7,
        backup_days=_days(section.get("backup_days"), "compliance.backup_days"),
        ai_act_purposes=_each(act.get("purposes"), "ai_act.purposes", _category),
        ai_act_models=_each(act.get("models"), "ai_act.models", _category),
        ai_act_default=_category(act.get("default", Category.MINIMAL), "ai_act.default"),
    )


V = TypeVar("V")


def _each(value: Any, key: str, read: Callable[[Any, str], V]) -> dict[str, V]:
    return {str(name): read(one, f"{key}.{name}") for name, one in _section(value, key).items()}


def _model(value: Any, key: str) -> Model:
    section = _section(value, key, _MODEL_KEYS)
    approved, category = section.get("approved"), section.get("category")
    if not isinstance(approved, bool):
        raise SettingError(f"{key}.approved", f"{approved!r} is neither true nor false")
    return Model(
        approved,
        None if category is None else _category(category, f"{key}.category"),
        str(section.get("owner") or ""),
        _day(section.get("review"), f"{key}.review"),
    )


def _purpose(value: Any, key: str) -> Purpose:
    section = _section(value, key, _PURPOSE_KEYS)
    return Purpose(
        _one_of(LegalBasis, section.get("legal_basis"), f"{key}.legal_basis"),
        _one_of(SpecialBasis, section.get("special_basis"), f"{key}.special_basis"),
        _one_of(Level, section.get("classification"), f"{key}.classification"),
    )


def _category(value: Any, key: str) -> Category:
    category = _one_of(Category, value, key)
    if category is None:
        raise SettingError(key, f"is empty; there are {', '.join(Category)}")
    return category


def _one_of(kind: type[T], value: Any, key: str) -> T | None:
    if value is None:
        return None
    if value not in list(kind):
        raise SettingError(key, f"{value!r} is unknown; {_meant(value, kind)}")
    return kind(value)


def _section(value: Any, key: str, keys: tuple[str, ...] = ()) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SettingError(key, f"holds {value!r}, not keys of its own")
    for name in value if keys else ():
        if name not in keys:
            raise SettingError(f"{key}.{name}", f"is unknown; {_meant(name, keys)}")
    return value


def _meant(value: Any, known: Iterable[str]) -> str:
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(value), names, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"


def _days(value: Any, key: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 36_500):
        return value
    raise SettingError(key, f"{value!r} is no number of days, such as 365")


def _day(value: Any, key: str) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise SettingError(key, f"{value!r} is no day such as 2027-03-31")


def _path(value: Any, key: str, base: Path) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value or "\0" in value:
        raise SettingError(key, f"{value!r} is no path, such as .runtime/compliance")
    return base / Path(value).expanduser()
