"""`python -m ai_monitoring.incidents PORT DATABASE [SETTINGS]`: serves on loopback, or where AI_MONITORING_HOST says.

SETTINGS is what stack/incident_settings.py writes; without it Alertmanager is not asked what it keeps quiet, no digest
is sent, nothing is passed on, and nothing is deleted.
"""

import logging
import os
import sqlite3
import sys
from pathlib import Path

import uvicorn
from prometheus_client import REGISTRY

from ai_monitoring import telemetry
from ai_monitoring.deployments.log import DeploymentLog
from ai_monitoring.deployments.metrics import DeploymentMetrics
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.digests import Digests
from ai_monitoring.incidents.escalation import Escalation
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import receiver
from ai_monitoring.incidents.retention import Retention
from ai_monitoring.steady_clock import SteadyClock


def main(port: str, database: str, settings: str = "") -> None:
    telemetry.set_up("incidents")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        log = IncidentLog(Path(database))
        deployments = DeploymentLog(Path(database).with_name("deployments.db"))
        DeploymentMetrics(deployments, REGISTRY)
        desk = Desk(log, IncidentMetrics())
        digests = Digests(log, Path(database), Path(settings)) if settings else None
    except (OSError, sqlite3.Error) as error:
        sys.exit(
            f"The incident log {database} cannot be used: {error}. Set its rights, or move it away: a new one is made."
        )
    file = Path(settings) if settings else None
    clock = SteadyClock(Path(database).with_name("clock.json"), "incidents")
    duties = (digests, Escalation(desk, file), Retention(log, file, clock)) if digests and file else ()
    uvicorn.run(
        receiver(desk, duties=duties, digests=digests, deployments=deployments, settings=file),
        host=os.environ.get("AI_MONITORING_HOST", "127.0.0.1"),
        port=int(port),
        log_config=None,
        access_log=False,
    )


main(*sys.argv[1:])
