from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_monitoring.compliance.consent import ConsentLedger
from ai_monitoring.compliance.kinds import LegalBasis

ADA = "subject-ada"


@pytest.fixture
def ledger(folder: Path) -> Iterator[ConsentLedger]:
    ledger = ConsentLedger(folder)
    yield ledger
    ledger.close()


def test_what_was_said_last_holds(ledger: ConsentLedger) -> None:
    assert ledger.standing(ADA, "chatbot") is None
    ledger.grant(ADA, "chatbot", "sign-up form", at=1.0)
    ledger.grant(ADA, "billing", "contract 7", LegalBasis.CONTRACT, at=2.0)
    withdrawn = ledger.withdraw(ADA, "chatbot", "e-mail", at=3.0)
    assert ledger.standing(ADA, "chatbot") == withdrawn
    assert (withdrawn.status, withdrawn.basis, withdrawn.source) == ("withdrawn", LegalBasis.CONSENT, "e-mail")
    assert [(line.purpose, line.status, line.at) for line in ledger.history(ADA)] == [
        ("chatbot", "granted", 1.0),
        ("billing", "granted", 2.0),
        ("chatbot", "withdrawn", 3.0),
    ]
    assert [line.at for line in ledger.history(ADA, "billing")] == [2.0]
    assert ledger.standing("subject-bob", "chatbot") is None


def test_it_lasts_and_other_processes_see_it(ledger: ConsentLedger, folder: Path) -> None:
    other = ConsentLedger(folder)
    assert other.standing(ADA, "chatbot") is None
    ledger.grant(ADA, "chatbot", "form")
    found = other.standing(ADA, "chatbot")
    assert found is not None
    assert found.status == "granted"
    other.close()


def test_a_basis_is_one_of_the_six(ledger: ConsentLedger) -> None:
    with pytest.raises(ValueError, match="'whim' is not a valid LegalBasis"):
        ledger.grant(ADA, "chatbot", "form", "whim")  # type: ignore[arg-type]


def test_what_is_forgotten_is_in_no_file(ledger: ConsentLedger, folder: Path) -> None:
    ledger.grant(ADA, "chatbot", "form")
    ledger.grant("subject-bob", "chatbot", "form")
    assert ledger.forget(ADA) == 1
    ledger.forget_copies()
    assert ledger.history(ADA) == []
    assert len(ledger.history("subject-bob")) == 1
    assert not any(ADA.encode() in file.read_bytes() for file in folder.iterdir())
    assert ledger.forget(ADA) == 0
