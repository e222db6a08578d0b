"""monitoring.yaml: what no native file can hold. Prices, budgets, compliance; how AI requests are recorded and judged.

monitoring.local.yaml beside it is laid over it, key by key, and kept out of version control.
"""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ai_monitoring.collector.settings import Collection, read_collection, read_evaluators
from ai_monitoring.compliance.settings import ComplianceSettings, read_compliance
from ai_monitoring.finops.budget import Budget
from ai_monitoring.finops.settings import read_alternatives, read_budgets, read_zone
from ai_monitoring.yaml_lines import place_of

if TYPE_CHECKING:
    from ai_monitoring.quality.suite import Setting

FILE: Final = "monitoring.yaml"
_PRICE_KEYS = ("input", "output", "cache_read", "cache_write", "currency")
_KEYS = (
    *("currency", "exchange_rates", "prices", "collection", "evaluators"),
    *("time_zone", "budgets", "alternatives", "ledger"),
    *("compliance", "ai_act"),
)


class ConfigurationError(ValueError):
    """monitoring.yaml cannot be used: which file, which key, and what it may hold."""

    def __init__(self, text: str, key: str = "") -> None:
        super().__init__(text)
        self.key = key


@dataclass(frozen=True, slots=True)
class Price:
    """A model's price per million tokens, in `currency`. Cached tokens without a price of their own cost as input.
    `call` is what some list prices add for the call itself.
    """

    input: Decimal
    output: Decimal = Decimal(0)
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    currency: str = "USD"
    call: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What monitoring.yaml says. Without one: US dollars, as the list prices are.

    `exchange_rates` are what one unit of another currency is in `currency`; `prices` are by provider and model.
    `evaluators` are settings by an evaluator's name.
    Budgets follow the calendar of `time_zone`. `alternatives` name, by provider and model, a cheaper model to compare
    with. `ledger` is a SQLAlchemy URL, or empty for where finops.ledger says.
    """

    currency: str = "USD"
    exchange_rates: Mapping[str, Decimal] = field(default_factory=dict)
    prices: Mapping[str, Mapping[str, Price]] = field(default_factory=dict)
    collection: Collection = field(default_factory=Collection)
    evaluators: Mapping[str, "Setting"] = field(default_factory=dict)
    time_zone: str = "UTC"
    budgets: tuple[Budget, ...] = ()
    alternatives: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ledger: str = field(default="", repr=False)
    compliance: ComplianceSettings = field(default_factory=ComplianceSettings)


def load_config(path: Path | str | None = None) -> Configuration:
    """Read monitoring.yaml: `path`, else where AI_MONITORING_CONFIG says, else in the working directory if it is there.

    Raises ConfigurationError that names the file, the key and what it may hold.
    """
    named = path or os.environ.get("AI_MONITORING_CONFIG")
    file = Path(named or FILE)
    if not file.is_file():
        if named:
            raise ConfigurationError(f"{file} is no file; AI_MONITORING_CONFIG or load_config names it")
        return Configuration()
    local = file.with_name(f"{file.stem}.local{file.suffix}")
    content = _read(file)
    if local.exists():
        content = _laid_over(content, _read(local))
    source = f"{file.name}, {local.name}" if local.exists() else file.name
    try:
        return Reader(source, file.absolute().parent).configuration(content)
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}{place_of((local, file), error.key)}", error.key) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError:
        raise ConfigurationError(f"{file} needs PyYAML to be read: pip install 'ai-monitoring[llm]'") from None
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file}: holds no keys; it begins such as `currency: EUR`")
    return content


def _laid_over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        merged[key] = _laid_over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


class Reader:
    """Turns a file's content into a Configuration, and says where it cannot: its checks raise ConfigurationError."""

    def __init__(self, source: str, folder: Path) -> None:
        self._source, self._folder = source, folder

    def configuration(self, content: Mapping[str, Any]) -> Configuration:
        self.known(content, _KEYS, "")
        currency = self.currency(content.get("currency", "USD"), "currency")
        rates = {
            self.currency(code, f"exchange_rates.{code}"): self.amount(rate, f"exchange_rates.{code}", above_zero=True)
            for code, rate in self.mapping(content.get("exchange_rates"), "exchange_rates").items()
        }
        prices = {
            str(provider): self._models(models, f"prices.{provider}")
            for provider, models in self.mapping(content.get("prices"), "prices").items()
        }
        needed = {"USD", *(price.currency for models in prices.values() for price in models.values())}
        for code in sorted(needed - rates.keys() - {currency}):
            raise self.error(f"exchange_rates.{code}", f"is missing: what one {code} is in {currency}, such as 0.92")
        return Configuration(
            currency,
            rates,
            prices,
            collection=read_collection(self, content.get("collection")),
            evaluators=read_evaluators(self, content.get("evaluators")),
            time_zone=read_zone(self, content.get("time_zone", "UTC")),
            budgets=read_budgets(self, content.get("budgets")),
            alternatives=read_alternatives(self, content.get("alternatives")),
            ledger=self.text(content.get("ledger", ""), "ledger"),
            compliance=read_compliance(self, content.get("compliance"), content.get("ai_act"), self._folder),
        )

    def _models(self, value: Any, key: str) -> dict[str, Price]:
        return {
            str(model): self._price(self.mapping(price, f"{key}.{model}"), f"{key}.{model}")
            for model, price in self.mapping(value, key).items()
        }

    def _price(self, value: Mapping[str, Any], key: str) -> Price:
        self.known(value, _PRICE_KEYS, f"{key}.")
        amounts = {name: self.amount(value[name], f"{key}.{name}") for name in _PRICE_KEYS[:-1] if name in value}
        if "input" not in amounts:
            raise self.error(f"{key}.input", "is missing: the price of a million input tokens, such as 2.50")
        return Price(**amounts, currency=self.currency(value.get("currency", "USD"), f"{key}.currency"))

    def known(self, value: Mapping[Any, Any], keys: tuple[str, ...], place: str) -> None:
        for key in value:
            if key not in keys:
                raise self.error(f"{place}{key}", f"is unknown; {self.meant(key, keys)}")

    def meant(self, value: Any, known: tuple[str, ...]) -> str:
        """What to say of a word that is none of these."""
        close = difflib.get_close_matches(str(value), known, n=1)
        return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"

    def mapping(self, value: Any, key: str) -> Mapping[Any, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.error(key, f"holds {value!r}, not keys of its own")
        return value

    def currency(self, value: Any, key: str) -> str:
        if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isupper():
            return value
        raise self.error(key, f"{value!r} is no currency by ISO 4217, such as EUR")

    def amount(self, value: Any, key: str, *, above_zero: bool = False) -> Decimal:
        if isinstance(value, int | float) and not isinstance(value, bool):
            amount = Decimal(str(value))
            if amount.is_finite() and amount >= 0 and not (above_zero and amount == 0):
                return amount
        raise self.error(key, f"{value!r} is not a number {'above 0' if above_zero else 'of 0 or more'}, such as 0.92")

    def switch(self, value: Any, key: str) -> bool:
        if isinstance(value, bool):
            return value
        raise self.error(key, f"{value!r} is neither true nor false")

    def share(self, value: Any, key: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            return float(value)
        raise self.error(key, f"{value!r} is no share from 0 to 1, such as 0.1")

    def whole(self, value: Any, key: str, most: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
            return value
        raise self.error(key, f"{value!r} is no whole number from 1 to {most}")

    def text(self, value: Any, key: str, *, filled: bool = False) -> str:
        if isinstance(value, str) and (value or not filled):
            return value
        raise self.error(key, f"{value!r} is no text")

    def one_of(self, value: Any, choices: tuple[str, ...], key: str) -> str:
        if value in choices:
            return str(value)
        close = difflib.get_close_matches(str(value), choices, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise self.error(key, f"{value!r} is none of {', '.join(choices)}{hint}")

    def error(self, key: str, text: str) -> ConfigurationError:
        return ConfigurationError(f"{self._source}: {key} {text}", key)
