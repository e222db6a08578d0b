"""Logs and traces: one set-up call, redaction, shipping over OTLP.

ai_monitoring.telemetry.set_up("shop")
"""

from ai_monitoring.telemetry.setup import set_up as set_up
from ai_monitoring.telemetry.setup import shut_down as shut_down
