"""Which risk category of the EU's AI Act a request has: by its purpose and by its model, the worst of them."""

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from ai_monitoring.compliance.kinds import Category
from ai_monitoring.compliance.names import named
from ai_monitoring.compliance.reading import AIAct
from ai_monitoring.compliance.settings import ComplianceSettings

_ORDER = {category: place for place, category in enumerate(Category)}


def ai_act(settings: ComplianceSettings, purpose: str | None, model: str) -> AIAct:
    """What monitoring.yaml says of the purpose, else the built-in list; and what it says of the model. Never raises."""
    found = list(_found(settings, purpose, model))
    return min(found, key=lambda one: _ORDER[one.category]) if found else AIAct(settings.ai_act_default, "default")


def _found(settings: ComplianceSettings, purpose: str | None, model: str) -> Iterator[AIAct]:
    if purpose and purpose in settings.ai_act_purposes:
        yield AIAct(settings.ai_act_purposes[purpose], f"ai_act.purposes.{purpose}")
    elif purpose and (known := uses().get(slug(purpose))):
        yield known
    if category := named(settings.ai_act_models, model):
        yield AIAct(category, f"ai_act.models.{model}")
    registered = named(settings.models, model)
    if registered and registered.category:
        yield AIAct(registered.category, f"compliance.models.{model}.category")


@cache
def uses() -> Mapping[str, AIAct]:
    """rules/ai_act.toml: the purposes that the Act names."""
    text = resources.files("ai_monitoring.compliance").joinpath("rules/ai_act.toml").read_text(encoding="utf-8")
    return {
        purpose: AIAct(Category(use["category"]), use["reference"])
        for use in tomllib.loads(text)["uses"]
        for purpose in use["purposes"]
    }


def slug(purpose: str) -> str:
    """As the built-in list names purposes: `Tri de CV` is tri_de_cv."""
    plain = unicodedata.normalize("NFKD", purpose[:100].casefold())
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return "_".join("".join(one if one.isalnum() else " " for one in letters).split())
