"""Field configuration: a panel's defaults and overrides, laid over what the data source says."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards.formats import Value
from ai_monitoring.embedded.viewer.boards.frames import Field, Frame
from ai_monitoring.embedded.viewer.boards.interpolation import Lookup, first_of, interpolated
from ai_monitoring.embedded.viewer.boards.patterns import PatternError, pattern

Matches = Callable[[Frame, Field, Any], bool]


def configure(frames: Sequence[Frame], panel: dict[str, Any], lookup: Lookup) -> list[str]:
    """Give each field its `config`. Answers what could not be followed: overrides of kinds that are not known here."""
    found = panel.get("fieldConfig") or {}
    errors: list[str] = []
    overrides = [each for each in found.get("overrides") or [] if _usable(each, errors)]
    for frame in frames:
        for field in frame.fields:
            _lay_under(field.config, copy.deepcopy(found.get("defaults") or {}))
            for override in overrides:
                if MATCHERS[override["matcher"]["id"]](frame, field, override["matcher"].get("options")):
                    _set_all(field.config, override.get("properties") or [])
            _name(frame, field, lookup)
    return errors


def field_lookup(frame: Frame, field: Field) -> Lookup:
    """`${__field.name}`, `${__field.labels.x}`, `${__series.name}`."""

    def found(name: str, path: str) -> Value | None:
        if name == "__series" and path == "name":
            return Value((field.title,), name=name)
        if name == "__field" and path in ("name", "displayName"):
            return Value((field.title,), name=name)
        if name == "__field" and path == "labels":
            return Value((", ".join(f"{key}={value}" for key, value in sorted(field.labels.items())),), name=name)
        if name == "__field" and path.startswith("labels"):
            return Value((field.labels.get(path.removeprefix("labels").strip('."[]'), ""),), name=name)
        return None

    return found


def _usable(override: dict[str, Any], errors: list[str]) -> bool:
    matcher = override.get("matcher") or {}
    kind = matcher.get("id", "")
    if kind not in MATCHERS:
        errors.append(f"Overrides of the kind {kind!r} are not followed here.")
        return False
    try:
        if kind == "byRegexp":
            pattern(str(matcher.get("options")))
    except PatternError as error:
        errors.append(f"An override is not followed: {error}")
        return False
    return True


def _lay_under(config: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Set what the data source left open."""
    for key, value in defaults.items():
        if config.get(key) is None:
            config[key] = value


def _set_all(config: dict[str, Any], properties: Sequence[dict[str, Any]]) -> None:
    for each in properties:
        place, value = config, copy.deepcopy(each.get("value"))
        *path, last = str(each.get("id", "")).split(".")
        for key in path:
            place = place.setdefault(key, {})
        place[last] = value


def _name(frame: Frame, field: Field, lookup: Lookup) -> None:
    wanted = field.config.pop("displayName", "")
    if wanted:
        field.config["displayName"] = interpolated(wanted, first_of(field_lookup(frame, field), lookup))


def _by_name(frame: Frame, field: Field, options: Any) -> bool:
    return options in (field.name, field.title)


def _by_names(frame: Frame, field: Field, options: Any) -> bool:
    inside = bool({field.name, field.title} & set((options or {}).get("names") or []))
    return inside != ((options or {}).get("mode") == "exclude")


MATCHERS: dict[str, Matches] = {
    "byName": _by_name,
    "byNames": _by_names,
    "byRegexp": lambda frame, field, options: bool(pattern(str(options)).search(field.title)),
    "byType": lambda frame, field, options: field.kind == options,
    "byFrameRefID": lambda frame, field, options: frame.ref == options,
}
"""`byValue` and the rest are named as errors."""
