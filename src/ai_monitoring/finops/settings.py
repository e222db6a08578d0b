"""monitoring.yaml's `time_zone`, `budgets` and `alternatives`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ai_monitoring.finops.budget import Budget, Period, Scope, zone

if TYPE_CHECKING:
    from ai_monitoring.configuration import Reader

_BUDGET_KEYS: Final = ("scope", "name", "period", "limit")


def read_zone(reader: "Reader", value: Any) -> str:
    """Raises ConfigurationError, as the others do."""
    try:
        zone(reader.text(value, "time_zone", filled=True))
    except (OSError, KeyError, ValueError):
        text = f"{value!r} is no zone that this machine knows, such as Europe/Paris"
        raise reader.error("time_zone", text) from None
    return str(value)


def read_budgets(reader: "Reader", value: Any) -> tuple[Budget, ...]:
    """One for each scope, name and period."""
    if not isinstance(value, list | None):
        raise reader.error("budgets", f"holds {value!r}, not a list: `- {{scope: team, …}}` a line")
    budgets: dict[tuple[Scope, str, Period], Budget] = {}
    for at, each in enumerate(value or ()):
        budget = _budget(reader, each, f"budgets[{at}]")
        key = (budget.scope, budget.name, budget.period)
        if key in budgets:
            raise reader.error(f"budgets[{at}]", f"is a second one of {key[0]} {key[1]} for a {key[2]}")
        budgets[key] = budget
    return tuple(budgets.values())


def read_alternatives(reader: "Reader", value: Any) -> Mapping[str, Mapping[str, str]]:
    """By provider and model, the name of the model to compare with."""
    return {
        str(provider): {
            str(model): reader.text(other, f"alternatives.{provider}.{model}", filled=True)
            for model, other in reader.mapping(models, f"alternatives.{provider}").items()
        }
        for provider, models in reader.mapping(value, "alternatives").items()
    }


def _budget(reader: "Reader", value: Any, key: str) -> Budget:
    content = reader.mapping(value, key)
    reader.known(content, _BUDGET_KEYS, f"{key}.")
    for name in _BUDGET_KEYS:
        if name not in content:
            raise reader.error(f"{key}.{name}", "is missing; a budget has scope, name, period and limit")
    return Budget(
        Scope(reader.one_of(content["scope"], tuple(Scope), f"{key}.scope")),
        reader.text(content["name"], f"{key}.name", filled=True),
        Period(reader.one_of(content["period"], tuple(Period), f"{key}.period")),
        reader.amount(content["limit"], f"{key}.limit", above_zero=True),
    )
