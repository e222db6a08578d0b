"""Logs, traces and dashboards on a machine without Docker: one process in the place of Loki, Tempo and Grafana."""
