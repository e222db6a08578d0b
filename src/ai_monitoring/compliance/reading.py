"""What compliance says of one request."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from ai_monitoring.compliance.kinds import Category, LegalBasis, Level, SpecialBasis


class ConsentState(StrEnum):
    """`not_required`: another legal basis holds. `unknown`: nobody said that any is needed."""

    GIVEN = "given"
    MISSING = "missing"
    WITHDRAWN = "withdrawn"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"


class Approval(StrEnum):
    """`review_due`: approved, and past its day of review. `unknown`: there is no register of models."""

    APPROVED = "approved"
    REVIEW_DUE = "review_due"
    NOT_APPROVED = "not_approved"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """How often each type was found, never a value."""

    prompt: Mapping[str, int] = field(default_factory=dict)
    answer: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether there is consent, and for what."""

    state: ConsentState
    purpose: str


@dataclass(frozen=True, slots=True)
class Classification:
    """How well the request's data must be kept, and each rule that says so."""

    level: Level
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AIAct:
    """The risk category, and where it comes from: an article, or a key of monitoring.yaml."""

    category: Category
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceReading:
    """One request's. `audit_entry` is the id of its entry in the audit log, None where no log is kept or it was lost.

    `remarks` are what the request said and could not be used.
    """

    personal_data: PersonalData
    consent: Consent
    legal_basis: LegalBasis | None
    special_basis: SpecialBasis | None
    classification: Classification
    model_approval: Approval
    ai_act: AIAct
    remarks: tuple[str, ...] = ()
    audit_entry: str | None = None

    def in_log(self, entry: str) -> "ComplianceReading":
        """The same, with the id of its entry in the audit log."""
        return replace(self, audit_entry=entry)

    def as_json(self) -> dict[str, Any]:
        """For the audit log, whose entry has its own id: no text of prompt or answer is in it."""
        content = asdict(self)
        del content["audit_entry"]
        return content


NOT_ASSESSED = ComplianceReading(
    personal_data=PersonalData(),
    consent=Consent(ConsentState.UNKNOWN, ""),
    legal_basis=None,
    special_basis=None,
    classification=Classification(Level.CONFIDENTIAL, ("not assessed",)),
    model_approval=Approval.UNKNOWN,
    ai_act=AIAct(Category.MINIMAL, "not assessed"),
    remarks=("not assessed",),
)
"""Of a request whose assessment failed: to be kept as carefully as if it held something."""
