"""Compliance in numbers: one reading counted under the house's metrics."""

import re
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.compliance.kinds import Category
from ai_monitoring.compliance.pseudonym import is_pseudonym
from ai_monitoring.compliance.reading import Approval, ComplianceReading, ConsentState
from ai_monitoring.compliance.settings import ComplianceSettings
from ai_monitoring.llm.names import group_name, model_name
from ai_monitoring.metrics.declaration import OTHER
from ai_monitoring.metrics.instrument import instrument

ASSESSED: Final = "assessed"
UNSTATED: Final = "unstated"
"""The purpose of a request that names none."""
TYPES: Final = ("email", "phone", "card", "iban", "nir", "secret")
"""As ai_monitoring.quality finds them; shown at 0 before the first."""

_TYPE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


class ComplianceMeter:
    """Counts in one registry. No label holds a user, a pseudonym or a text."""

    def __init__(self, settings: ComplianceSettings, registry: CollectorRegistry = REGISTRY) -> None:
        self._personal = instrument("ai_pii_detected_total", registry)
        self._no_consent = instrument("ai_requests_without_consent_total", registry)
        self._unapproved = instrument("ai_unapproved_model_requests_total", registry)
        self._categories = instrument("ai_act_requests_total", registry)
        self._events = instrument("ai_audit_events_total", registry)
        self._lost = instrument("ai_audit_events_lost_total", registry)
        for direction in ("prompt", "answer"):
            for kind in TYPES:
                self._personal.prepare((kind, direction))
        for category in Category:
            self._categories.prepare(category.value)
        for purpose in settings.purposes:
            self._no_consent.prepare(group_name(purpose))

    def count(self, reading: ComplianceReading, model: str) -> None:
        """`model` as `model_label` has it."""
        for direction, found in (("prompt", reading.personal_data.prompt), ("answer", reading.personal_data.answer)):
            for kind, count in found.items():
                self._personal[kind, direction].inc(count)
        if reading.consent.state in (ConsentState.MISSING, ConsentState.WITHDRAWN):
            self._no_consent[reading.consent.purpose].inc()
        if reading.model_approval is Approval.NOT_APPROVED:
            self._unapproved[model].inc()
        self._categories[reading.ai_act.category.value].inc()

    def event(self, action: str) -> None:
        self._events[action].inc()

    def lost(self, count: int) -> None:
        self._lost[()].inc(count)


def purpose_name(purpose: object, user: object = None) -> str:
    """As a label: `unstated` for none, `other` for what cannot be a name or is the user's."""
    return UNSTATED if purpose is None or purpose == "" else _impersonal(group_name(purpose), user)


def model_label(model: object, user: object = None) -> str:
    """As a label: `other` for what cannot be a name or is the user's."""
    return _impersonal(model_name(model), user)


def _impersonal(name: str, user: object) -> str:
    return OTHER if name == user or is_pseudonym(name) else name


def type_name(kind: str) -> str:
    """A type of personal data as a label, `other` for what cannot be one."""
    return kind if _TYPE.fullmatch(kind) else OTHER
