"""Logs and traces: one set-up call, redaction, shipping over OTLP."""
