"""On which ground a request's data is processed: legal basis, consent, classification."""

from functools import lru_cache
from typing import Final, NamedTuple

from ai_monitoring.collector.request import AIRequest
from ai_monitoring.compliance.consent import GRANTED, WITHDRAWN, Standing
from ai_monitoring.compliance.kinds import LegalBasis, Level, SpecialBasis
from ai_monitoring.compliance.reading import Classification, ConsentState, PersonalData
from ai_monitoring.compliance.settings import Purpose

_BASES: Final = frozenset(LegalBasis)
_LEVELS: Final = tuple(Level)
_NOT_PERSONAL: Final = frozenset({"secret"})


class Grounds(NamedTuple):
    """`remark` says what of the request could not be used, "" where all could."""

    basis: LegalBasis | None
    special: SpecialBasis | None
    consent: ConsentState
    remark: str


def grounds(request: AIRequest, purpose: Purpose, standing: Standing | None) -> Grounds:
    """What the request says, else the ledger's `standing`, else monitoring.yaml for the purpose. Never raises."""
    basis, remark = _basis(request.legal_basis)
    if basis is None and standing is not None and standing.status == GRANTED:
        basis = standing.basis
    if basis is None:
        basis = purpose.legal_basis or (LegalBasis.CONSENT if request.consent is True else None)
    special = purpose.special_basis
    return Grounds(basis, special, _consent(request.consent, basis, special, standing), remark)


def _basis(said: object) -> tuple[LegalBasis | None, str]:
    if said is None or said == "":
        return None, ""
    if isinstance(said, str) and said in _BASES:
        return LegalBasis(said), ""
    return None, f"legal_basis is none of {', '.join(LegalBasis)}"


def _consent(
    said: bool | None, basis: LegalBasis | None, special: SpecialBasis | None, standing: Standing | None
) -> ConsentState:
    needed = basis is LegalBasis.CONSENT or special is SpecialBasis.EXPLICIT_CONSENT
    if basis is not None and not needed:
        return ConsentState.NOT_REQUIRED
    if standing is not None and standing.status == WITHDRAWN:
        return ConsentState.WITHDRAWN  # whatever the application believes
    if said is False:
        return ConsentState.MISSING
    if said is True or (standing is not None and standing.basis is LegalBasis.CONSENT):
        return ConsentState.GIVEN
    return ConsentState.MISSING if needed else ConsentState.UNKNOWN


def classification(purpose: Purpose, personal: PersonalData, *, has_subject: bool) -> Classification:
    """The highest level that a rule gives; without any, what is asked of an AI is internal."""
    findings = (*(("prompt", kind) for kind in personal.prompt), *(("answer", kind) for kind in personal.answer))
    return _classified(purpose.classification, purpose.special_basis is not None, findings, has_subject)


@lru_cache(maxsize=1_000)
def _classified(
    level: Level | None, special: bool, findings: tuple[tuple[str, str], ...], has_subject: bool
) -> Classification:
    rules = [
        (Level.CONFIDENTIAL if kind in _NOT_PERSONAL else Level.PERSONAL, f"{kind} in the {side}")
        for side, kind in findings
    ]
    if level:
        rules.append((level, "monitoring.yaml says so of the purpose"))
    if special:
        rules.append((Level.SPECIAL, "the purpose has a legal basis of Article 9"))
    if has_subject:
        rules.append((Level.PERSONAL, "the request names a user"))
    if not rules:
        return Classification(Level.INTERNAL, ("no rule says otherwise",))
    highest = max((each for each, _ in rules), key=_LEVELS.index)
    return Classification(highest, tuple(f"{each}: {why}" for each, why in rules))
