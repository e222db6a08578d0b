import pytest

from ai_monitoring.collector.request import AIRequest
from ai_monitoring.compliance.consent import Standing
from ai_monitoring.compliance.grounds import classification, grounds
from ai_monitoring.compliance.kinds import LegalBasis, Level, SpecialBasis
from ai_monitoring.compliance.reading import PersonalData
from ai_monitoring.compliance.settings import Purpose

GRANTED = Standing("chat", "granted", LegalBasis.CONSENT, "form", 1.0)
WITHDRAWN = Standing("chat", "withdrawn", LegalBasis.CONSENT, "form", 2.0)
BY_CONTRACT = Standing("chat", "granted", LegalBasis.CONTRACT, "contract", 1.0)
NONE = Purpose()
CONSENT = Purpose(LegalBasis.CONSENT)
EXPLICIT = Purpose(LegalBasis.CONTRACT, SpecialBasis.EXPLICIT_CONSENT)


def request(consent: bool | None = None, legal_basis: str | None = None) -> AIRequest:
    return AIRequest(request_id="r", provider="p", model="m", consent=consent, legal_basis=legal_basis)


@pytest.mark.parametrize(
    ("said", "basis_said", "purpose", "standing", "consent", "basis"),
    [
        (None, None, NONE, None, "unknown", None),
        (True, None, NONE, None, "given", "consent"),
        (False, None, NONE, None, "missing", None),
        (None, None, CONSENT, None, "missing", "consent"),
        (None, "consent", NONE, None, "missing", "consent"),
        (True, "consent", NONE, None, "given", "consent"),
        (None, None, CONSENT, GRANTED, "given", "consent"),
        (None, None, NONE, GRANTED, "given", "consent"),
        (False, None, CONSENT, GRANTED, "missing", "consent"),
        (True, None, CONSENT, WITHDRAWN, "withdrawn", "consent"),
        (None, None, NONE, WITHDRAWN, "withdrawn", None),
        (None, "contract", CONSENT, WITHDRAWN, "not_required", "contract"),
        (False, "legal_obligation", NONE, None, "not_required", "legal_obligation"),
        (None, None, Purpose(LegalBasis.PUBLIC_TASK), None, "not_required", "public_task"),
        (None, None, CONSENT, BY_CONTRACT, "not_required", "contract"),
        (None, None, EXPLICIT, None, "missing", "contract"),
        (None, None, EXPLICIT, BY_CONTRACT, "missing", "contract"),
        (True, None, EXPLICIT, None, "given", "contract"),
    ],
)
def test_the_request_goes_before_the_ledger_and_the_ledger_before_the_settings(
    said: bool | None,
    basis_said: str | None,
    purpose: Purpose,
    standing: Standing | None,
    consent: str,
    basis: str | None,
) -> None:
    found = grounds(request(said, basis_said), purpose, standing)
    assert (found.consent, found.basis, found.remark) == (consent, basis, "")


@pytest.mark.parametrize("said", ["whim", "Consent", 5, ["consent"]])
def test_a_basis_that_is_none_is_remarked_and_stands_for_nothing(said: str) -> None:
    found = grounds(request(legal_basis=said), CONSENT, None)
    assert (found.consent, found.basis) == ("missing", "consent")
    assert found.remark.startswith("legal_basis is none of consent, contract, legal_obligation")
    assert "whim" not in found.remark


@pytest.mark.parametrize(
    ("purpose", "prompt", "answer", "subject", "level", "why"),
    [
        (NONE, {}, {}, False, Level.INTERNAL, "no rule says otherwise"),
        (Purpose(classification=Level.PUBLIC), {}, {}, False, Level.PUBLIC, "public: monitoring.yaml says so"),
        (Purpose(classification=Level.PUBLIC), {}, {"iban": 1}, False, Level.PERSONAL, "personal: iban in the answer"),
        (NONE, {"secret": 1}, {}, False, Level.CONFIDENTIAL, "confidential: secret in the prompt"),
        (NONE, {"secret": 1}, {}, True, Level.PERSONAL, "personal: the request names a user"),
        (EXPLICIT, {"email": 1}, {}, True, Level.SPECIAL, "special: the purpose has a legal basis of Article 9"),
        (Purpose(classification=Level.SPECIAL), {}, {}, False, Level.SPECIAL, "special: monitoring.yaml says so"),
    ],
)
def test_the_highest_level_counts_and_each_rule_is_told(
    purpose: Purpose, prompt: dict[str, int], answer: dict[str, int], subject: bool, level: Level, why: str
) -> None:
    found = classification(purpose, PersonalData(prompt, answer), has_subject=subject)
    assert found.level is level
    assert any(reason.startswith(why) for reason in found.reasons), found.reasons
