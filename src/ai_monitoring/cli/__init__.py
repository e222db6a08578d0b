"""The command `ai-monitoring`."""

from ai_monitoring.cli.arguments import main

__all__ = ["main"]
