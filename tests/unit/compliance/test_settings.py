from datetime import date
from pathlib import Path

import pytest

from ai_monitoring.compliance.kinds import Category, LegalBasis, Level, SpecialBasis
from ai_monitoring.compliance.settings import ComplianceSettings, Model, Purpose
from ai_monitoring.configuration import ConfigurationError, load_config

WHOLE = """
compliance:
  folder: .runtime/compliance
  anchor: /mnt/elsewhere/audit.head
  retention_days: 400
  trace_days: 3
  backup_days: 30
  models:
    gpt-4o: {approved: true, category: limited, owner: ml@example.org, review: 2027-03-31}
    gpt-3*: {approved: false}
  purposes:
    chatbot: {legal_basis: consent}
    health: {legal_basis: contract, special_basis: explicit_consent, classification: special}
ai_act:
  default: limited
  purposes: {grading_homework: high}
  models: {face-1: high}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "monitoring.yaml"


def test_both_sections_are_read(file: Path) -> None:
    file.write_text(WHOLE)
    assert load_config(file).compliance == ComplianceSettings(
        models={
            "gpt-4o": Model(True, Category.LIMITED, "ml@example.org", date(2027, 3, 31)),
            "gpt-3*": Model(False),
        },
        purposes={
            "chatbot": Purpose(LegalBasis.CONSENT),
            "health": Purpose(LegalBasis.CONTRACT, SpecialBasis.EXPLICIT_CONSENT, Level.SPECIAL),
        },
        retention_days=400,
        folder=file.parent / ".runtime" / "compliance",
        anchor=Path("/mnt/elsewhere/audit.head"),
        trace_days=3,
        backup_days=30,
        ai_act_purposes={"grading_homework": Category.HIGH},
        ai_act_models={"face-1": Category.HIGH},
        ai_act_default=Category.LIMITED,
    )


def test_without_them_nothing_is_kept(file: Path) -> None:
    file.write_text("currency: USD\n")
    assert load_config(file).compliance == ComplianceSettings()
    file.write_text("compliance:\nai_act:\n")
    assert load_config(file).compliance == ComplianceSettings()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("complianse: {}", "complianse is unknown; did you mean compliance?"),
        ("compliance: {retention_day: 3}", "compliance.retention_day is unknown; did you mean retention_days?"),
        ("compliance: {retention_days: soon}", "compliance.retention_days 'soon' is no number of days, such as 365"),
        ("compliance: {retention_days: 0}", "compliance.retention_days 0 is no number of days"),
        ("compliance: {retention_days: true}", "compliance.retention_days True is no number of days"),
        ("compliance: 5", "compliance holds 5, not keys of its own"),
        ("compliance: {folder: 5}", "compliance.folder 5 is no path, such as .runtime/compliance"),
        ("compliance: {models: {m: {}}}", "compliance.models.m.approved None is neither true nor false"),
        ("compliance: {models: {m: {approved: yess}}}", "compliance.models.m.approved 'yess' is neither"),
        (
            "compliance: {models: {m: {aproved: true}}}",
            "compliance.models.m.aproved is unknown; did you mean approved?",
        ),
        (
            "compliance: {models: {m: {approved: true, category: hihg}}}",
            "compliance.models.m.category 'hihg' is unknown; did you mean high?",
        ),
        (
            "compliance: {models: {m: {approved: true, review: next year}}}",
            "compliance.models.m.review 'next year' is no day such as 2027-03-31",
        ),
        (
            "compliance: {purposes: {chat: {legal_basis: concent}}}",
            "compliance.purposes.chat.legal_basis 'concent' is unknown; did you mean consent?",
        ),
        (
            f"compliance: {{purposes: {{{'x' * 65}: {{}}}}}}",
            "is no purpose that a request can name: 1 to 64 printable characters",
        ),
        (f"ai_act: {{purposes: {{{'x' * 65}: limited}}}}", "is no purpose that a request can name"),
        ("compliance: {purposes: {chat: {special_basis: zzz}}}", "special_basis 'zzz' is unknown; there are explicit"),
        (
            "compliance: {purposes: {chat: {classification: secret}}}",
            "classification 'secret' is unknown; there are pub",
        ),
        ("compliance: {purposes: {chat: [consent]}}", "compliance.purposes.chat holds ['consent'], not keys"),
        ("ai_act: {purpose: {}}", "ai_act.purpose is unknown; did you mean purposes?"),
        ("ai_act: {purposes: {chat: lmited}}", "ai_act.purposes.chat 'lmited' is unknown; did you mean limited?"),
        ("ai_act: {models: {m: }}", "ai_act.models.m is empty; there are prohibited, high, limited, minimal"),
        ("ai_act: {default: [high]}", "ai_act.default ['high'] is unknown"),
    ],
)
def test_an_error_names_the_file_the_key_and_what_was_meant(file: Path, content: str, message: str) -> None:
    file.write_text(content)
    with pytest.raises(ConfigurationError) as raised:
        load_config(file)
    assert str(raised.value).startswith("monitoring.yaml: ")
    assert message in str(raised.value)
