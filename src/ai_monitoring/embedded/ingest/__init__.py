"""How log lines and traces come in: Loki's push API and OTLP. An answer means that they are safe on disk."""
