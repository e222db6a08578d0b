"""Which engine brings the stack up."""

import shutil
import subprocess

from ai_monitoring.stack.errors import StackError

ANSWERS_WITHIN = 10.0
"""Seconds after which a Docker engine counts as absent."""


def choose(option: str) -> str:
    """Settle `--engine OPTION` (auto, docker or local) on the local engine, and tell why it is that one.

    Raises StackError when Docker is asked for: the Compose stack is not part of this version.
    """
    if option == "local":
        return "as asked for"
    reason = "this version has no Compose stack yet" if docker_answers() else "no Docker engine answers"
    if option == "docker":
        raise StackError(
            f"The Docker engine cannot be used: {reason}.",
            "Leave out --engine docker: the local engine needs no Docker.",
        )
    return reason


def docker_answers() -> bool:
    """Whether a Docker engine answers; a client without an engine is not an engine."""
    if shutil.which("docker") is None:
        return False
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=ANSWERS_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0 and bool(result.stdout.strip())
