"""Assesses AI requests: one in, one reading out, counted and written to the audit log."""

import logging
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.collector.request import AIRequest
from ai_monitoring.compliance.ai_act import ai_act
from ai_monitoring.compliance.consent import Standing
from ai_monitoring.compliance.grounds import classification, grounds
from ai_monitoring.compliance.meter import ASSESSED, ComplianceMeter, model_label, purpose_name, type_name
from ai_monitoring.compliance.names import named
from ai_monitoring.compliance.opening import open_pseudonyms, open_stores
from ai_monitoring.compliance.reading import AIAct, Approval, ComplianceReading, Consent, PersonalData
from ai_monitoring.compliance.settings import Purpose
from ai_monitoring.configuration import Configuration

if TYPE_CHECKING:
    from ai_monitoring.compliance.upkeep import Upkeep
    from ai_monitoring.compliance.writer import AuditWriter

_UNSETTLED = Purpose()
_CACHED = 1_000

logger = logging.getLogger("ai_monitoring.compliance")


class Compliance:
    """Assesses requests by `configuration`, counts in `registry`, keeps an audit log where `compliance.folder` says.

    Raises ConfigurationError where that folder or the pseudonym key cannot be used, or `cryptography` is missing. Any
    thread may assess.
    """

    def __init__(self, configuration: Configuration, registry: CollectorRegistry = REGISTRY) -> None:
        self._settings = configuration.compliance
        self._meter = ComplianceMeter(self._settings, registry)
        self._stores = open_stores(self._settings)
        self.pseudonyms = self._stores.pseudonyms if self._stores else open_pseudonyms()
        self._writer, self._upkeep = self._threads(registry)
        self._acts: dict[tuple[str | None, str], AIAct] = {}
        self._failing = False

    def assess(
        self, request: AIRequest, personal_data: Mapping[str, int] | None = None, *, new: bool = True
    ) -> ComplianceReading:
        """What compliance says of the request. `personal_data` are findings such as `prompt.email`; never raises. One
        that is not `new` is neither counted nor entered.

        `request.user` may be the user's name or the pseudonym of it. The entry in the audit log is on the disk half a
        second later.
        """
        subject = self.pseudonyms.of(str(request.user)) if request.user else ""
        reading = self._read(request, subject, personal_data or {})
        if not new:
            return reading
        self._meter.count(reading, model_label(request.model, request.user))
        return reading if self._writer is None else self._entered(self._writer, request, subject, reading)

    def flush(self) -> bool:
        """Write what waits for the audit log, now; whether all of it could be."""
        return self._writer is None or self._writer.flush()

    def close(self) -> None:
        """Write what waits for the audit log, and end its threads."""
        if self._upkeep:
            self._upkeep.close()
        if self._writer:
            self._writer.close()
        if self._stores:
            self._stores.close()

    def _threads(self, registry: CollectorRegistry) -> "tuple[AuditWriter | None, Upkeep | None]":
        if self._stores is None:
            return None, None
        from ai_monitoring.compliance.upkeep import Upkeep
        from ai_monitoring.compliance.writer import AuditWriter

        upkeep = Upkeep(self._stores, self._settings.retention_days, registry)
        upkeep.start()
        return AuditWriter(self._stores.log, self._meter.lost), upkeep

    def _read(self, request: AIRequest, subject: str, findings: Mapping[str, int]) -> ComplianceReading:
        name = purpose_name(request.purpose, request.user)
        purpose = self._settings.purposes.get(name, _UNSETTLED)
        ground = grounds(request, purpose, self._standing(subject, name))
        personal = PersonalData(_of_side(findings, "prompt."), _of_side(findings, "response."))
        return ComplianceReading(
            personal_data=personal,
            consent=Consent(ground.consent, name),
            legal_basis=ground.basis,
            special_basis=ground.special,
            classification=classification(purpose, personal, has_subject=bool(subject)),
            model_approval=self._approval(str(request.model)),
            ai_act=self._act(name if request.purpose else None, str(request.model)),
            remarks=(ground.remark,) if ground.remark else (),
        )

    def _standing(self, subject: str, purpose: str) -> Standing | None:
        if self._stores is None or not subject:
            return None
        try:
            standing = self._stores.consent.standing(subject, purpose)
        except (sqlite3.Error, OSError) as error:
            if not self._failing:
                logger.error("The ledger of consents cannot be read, and says nothing until it can: %s", error)
            self._failing = True
            return None
        self._failing = False
        return standing

    def _approval(self, model: str) -> Approval:
        if not self._settings.models:
            return Approval.UNKNOWN
        known = named(self._settings.models, model)
        if known is None or not known.approved:
            return Approval.NOT_APPROVED
        overdue = known.review is not None and known.review <= datetime.now(UTC).date()
        return Approval.REVIEW_DUE if overdue else Approval.APPROVED

    def _act(self, purpose: str | None, model: str) -> AIAct:
        known = self._acts.get((purpose, model))
        if known is None:
            known = ai_act(self._settings, purpose, model)
            if len(self._acts) < _CACHED:
                self._acts[purpose, model] = known
        return known

    def _entered(
        self, writer: "AuditWriter", request: AIRequest, subject: str, reading: ComplianceReading
    ) -> ComplianceReading:
        if self._upkeep:
            self._upkeep.start()  # not yet where this process was forked
        facts = _facts(request, subject)
        entry = writer.put(ASSESSED, subject, lambda: facts | reading.as_json())
        if entry is None:
            return reading
        self._meter.event(ASSESSED)
        return reading.in_log(entry)


def _of_side(findings: Mapping[str, int], side: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, count in findings.items():
        if key.startswith(side) and count > 0:
            kind = type_name(key[len(side) :])
            found[kind] = found.get(kind, 0) + int(count)
    return found


def _facts(request: AIRequest, subject: str) -> dict[str, Any]:
    """What the audit log says of the request itself: neither prompt nor answer, nor the user's own name."""
    return {
        "request_id": str(request.request_id)[:200],
        "subject": subject,
        "provider": str(request.provider)[:200],
        "model": str(request.model)[:200],
        "operation": str(request.operation)[:200],
        "team": None if request.team is None else str(request.team)[:200],
        "project": None if request.project is None else str(request.project)[:200],
    }
