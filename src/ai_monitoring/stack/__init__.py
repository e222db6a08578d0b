"""The launcher: what `python3 start_monitoring.py` does once Python is ready.

Everything that plans, checks and reports is standard library alone, so that `--dry-run` works before anything is made.
"""
