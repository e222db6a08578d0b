import logging
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from ai_monitoring.collector.request import AIRequest
from ai_monitoring.compliance import Compliance, ComplianceReading
from ai_monitoring.compliance.kinds import Category, LegalBasis
from ai_monitoring.compliance.meter import TYPES
from ai_monitoring.compliance.pseudonym import FILE_VARIABLE, VARIABLE
from ai_monitoring.compliance.settings import ComplianceSettings, Model, Purpose
from ai_monitoring.compliance.stores import Stores
from ai_monitoring.compliance.verification import verify
from ai_monitoring.configuration import Configuration, ConfigurationError
from ai_monitoring.metrics.exposition import expose
from ai_monitoring.quality import personal_data

TODAY = datetime.now(UTC).date()
MODELS = {
    "gpt-4*": Model(True),
    "gpt-4-old": Model(False),
    "claude": Model(True, review=TODAY),
    "mistral": Model(True, review=TODAY + timedelta(days=1)),
}


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def compliance(folder: Path, registry: CollectorRegistry) -> Iterator[Compliance]:
    settings = ComplianceSettings(folder=folder, models=MODELS, purposes={"chatbot": Purpose(LegalBasis.CONSENT)})
    compliance = Compliance(Configuration(compliance=settings), registry)
    yield compliance
    compliance.close()


def request(**given: Any) -> AIRequest:
    return AIRequest(**{"request_id": "req-1", "provider": "openai", "model": "gpt-4", **given})


def test_one_request_has_every_reading(compliance: Compliance, registry: CollectorRegistry) -> None:
    found = {"prompt.email": 2, "prompt.iban": 1, "response.email": 1}
    reading = compliance.assess(request(user="ada", purpose="chatbot", consent=True), found)
    assert reading.personal_data.prompt == {"email": 2, "iban": 1}
    assert reading.personal_data.answer == {"email": 1}
    assert (reading.consent.state, reading.consent.purpose) == ("given", "chatbot")
    assert reading.legal_basis == "consent"
    assert reading.classification.level == "personal"
    assert reading.model_approval == "approved"
    assert (reading.ai_act.category, reading.ai_act.reference[:10]) == ("limited", "Art. 50(1)")
    assert reading.audit_entry
    value = registry.get_sample_value
    assert value("ai_pii_detected_total", {"type": "email", "direction": "prompt"}) == 2
    assert value("ai_pii_detected_total", {"type": "email", "direction": "answer"}) == 1
    assert value("ai_requests_without_consent_total", {"purpose": "chatbot"}) == 0
    assert value("ai_act_requests_total", {"category": "limited"}) == 1
    assert value("ai_audit_events_total", {"action": "assessed"}) == 1


def test_counters_that_rules_read_start_at_0(compliance: Compliance, registry: CollectorRegistry) -> None:
    assert TYPES == personal_data.TYPES
    for kind in TYPES:
        for direction in ("prompt", "answer"):
            assert registry.get_sample_value("ai_pii_detected_total", {"type": kind, "direction": direction}) == 0
    for category in Category:
        assert registry.get_sample_value("ai_act_requests_total", {"category": category}) == 0
    assert registry.get_sample_value("ai_requests_without_consent_total", {"purpose": "chatbot"}) == 0


def test_the_audit_entry_holds_the_reading_and_no_text(compliance: Compliance, folder: Path) -> None:
    given = request(user="ada", purpose="chatbot", consent=True, prompt="my secret prompt", response="an answer")
    reading = compliance.assess(given, {"prompt.email": 2})
    assert compliance.flush()
    stores = Stores.open(folder)
    (entry,) = stores.log.entries(compliance.pseudonyms.of("ada"))
    record = stores.log.record(entry)
    assert record is not None
    assert entry.id == reading.audit_entry
    assert (record["request_id"], record["model"], record["consent"]["state"]) == ("req-1", "gpt-4", "given")
    assert record["personal_data"] == {"prompt": {"email": 2}, "answer": {}}
    assert record["subject"] == compliance.pseudonyms.of("ada")
    assert not {"my secret prompt", "an answer", "ada"} & set(str(record).split("'"))
    assert verify(stores.log).intact
    stores.close()


def test_no_user_and_no_pseudonym_is_in_a_label(compliance: Compliance, registry: CollectorRegistry) -> None:
    pseudonym = compliance.pseudonyms.of("ada@example.org")
    for user in ("ada@example.org", pseudonym):
        compliance.assess(request(user=user, purpose="chatbot", team="a", project="b"), {"prompt.email": 1})
        compliance.assess(request(user=user, purpose=user, model=user, consent=False), {f"prompt.{user}": 1})
    page = expose(registry=registry)[0].decode()
    assert pseudonym not in page
    assert "ada" not in page.replace("data", "").replace("readable", "")


def test_a_user_and_the_pseudonym_are_one_subject(compliance: Compliance, folder: Path) -> None:
    compliance.assess(request(user="ada"))
    compliance.assess(request(user=compliance.pseudonyms.of("ada")))
    compliance.flush()
    stores = Stores.open(folder)
    assert len(list(stores.log.entries(compliance.pseudonyms.of("ada")))) == 2
    stores.close()


def test_a_withdrawal_in_another_process_holds_at_once(
    compliance: Compliance, folder: Path, registry: CollectorRegistry
) -> None:
    stores = Stores.open(folder)
    stores.grant(compliance.pseudonyms.of("ada"), "chatbot", "form")
    assert compliance.assess(request(user="ada", purpose="chatbot")).consent.state == "given"
    stores.withdraw(compliance.pseudonyms.of("ada"), "chatbot", "e-mail")
    assert compliance.assess(request(user="ada", purpose="chatbot", consent=True)).consent.state == "withdrawn"
    assert compliance.assess(request(user="bob", purpose="chatbot")).consent.state == "missing"
    assert registry.get_sample_value("ai_requests_without_consent_total", {"purpose": "chatbot"}) == 2
    compliance.flush()
    actions = [entry.action for entry in stores.log.entries(compliance.pseudonyms.of("ada"))]
    assert actions == ["consent_granted", "consent_withdrawn", "assessed", "assessed"]
    stores.close()


@pytest.mark.parametrize(
    ("model", "approval", "counted"),
    [
        ("gpt-4", "approved", None),
        ("gpt-4o-mini", "approved", None),
        ("gpt-4-old", "not_approved", 1),
        ("llama", "not_approved", 1),
        ("claude", "review_due", None),
        ("mistral", "approved", None),
    ],
)
def test_the_register_says_which_models_are_approved(
    compliance: Compliance, registry: CollectorRegistry, model: str, approval: str, counted: int | None
) -> None:
    assert compliance.assess(request(model=model)).model_approval == approval
    assert registry.get_sample_value("ai_unapproved_model_requests_total", {"model": model}) == counted


def test_without_a_register_and_a_folder_nothing_is_claimed_and_nothing_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry
) -> None:
    monkeypatch.chdir(tmp_path)
    compliance = Compliance(Configuration(), registry)
    reading = compliance.assess(request(user="ada"))
    assert (reading.model_approval, reading.consent.state, reading.audit_entry) == ("unknown", "unknown", None)
    assert reading.consent.purpose == "unstated"
    assert compliance.flush()
    compliance.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    configuration = Configuration(compliance=ComplianceSettings(folder=tmp_path / "file"))
    with pytest.raises(ConfigurationError, match=r"compliance\.folder .*file cannot be used: .*has to be a folder"):
        Compliance(configuration, CollectorRegistry())


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        (VARIABLE, "short", "a pseudonym key has at least 16 bytes"),
        (FILE_VARIABLE, "/proc/no/pseudonym.key", "/proc/no"),
    ],
)
def test_a_pseudonym_key_that_cannot_be_used_is_told_at_the_start(
    variable: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=f"{VARIABLE} or {FILE_VARIABLE} cannot be used: .*{message}"):
        Compliance(Configuration(), CollectorRegistry())


def test_without_cryptography_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("ai_monitoring.compliance.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    from ai_monitoring.compliance.opening import open_stores

    with pytest.raises(ValueError, match=r"pip install 'ai-monitoring\[compliance\]'"):
        open_stores(ComplianceSettings(folder=folder))


def test_a_ledger_that_cannot_be_read_says_nothing_and_is_told_once(
    compliance: Compliance, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    connection = sqlite3.connect(folder / "consent.sqlite")
    connection.execute("ALTER TABLE consent RENAME TO elsewhere")
    connection.close()
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert compliance.assess(request(user="ada", purpose="chatbot")).consent.state == "missing"
    assert len([line for line in caplog.messages if "ledger of consents cannot be read" in line]) == 1


TEXTS = st.none() | st.text(max_size=60)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS, TEXTS, st.text(max_size=30), st.booleans() | st.none(), st.dictionaries(st.text(), st.integers()))
def test_whatever_a_request_holds_it_has_a_reading(
    compliance: Compliance,
    registry: CollectorRegistry,
    user: str | None,
    purpose: str | None,
    basis: str | None,
    model: str,
    consent: bool | None,
    findings: dict[str, int],
) -> None:
    reading = compliance.assess(
        request(user=user, purpose=purpose, legal_basis=basis, model=model, consent=consent), findings
    )
    assert isinstance(reading, ComplianceReading)
    assert reading.audit_entry
    assert compliance.flush()
    expose(registry=registry)
