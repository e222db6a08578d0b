"""Incidents rehearsed in the demo: real conditions, and what the watch made of them. See docs/simulate.md."""
