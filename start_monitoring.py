#!/usr/bin/env python3
"""Bring up the whole watch: `python3 start_monitoring.py`; `--help` tells the rest.

The front door. It uses Python's standard library alone: it makes .venv with what the launcher needs, then hands over
to `python -m ai_monitoring.stack`, where everything else is.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # this line must be readable by the Pythons it turns away
    sys.exit(
        "ai-monitoring needs Python 3.11 or newer; this is Python {}.{}.\n"
        "Debian 12, Ubuntu 24.04 and later carry one. Run it by name: python3.11 start_monitoring.py".format(
            *sys.version_info
        )
    )

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "src"))

from ai_monitoring.stack import environment  # noqa: E402  # found through the path just set
from ai_monitoring.stack.commands import arguments, choice, main  # noqa: E402


def run() -> int:
    """Do what the command line says, inside .venv as soon as there is one. Returns the exit status."""
    options = arguments(sys.argv[1:])
    python, inside = environment.python(ROOT), environment.inside(ROOT)
    chosen = choice(options) if options.makes_environment else None
    if chosen and chosen[0].name == "docker":
        # Containers bring their own packages.
        return main(sys.argv[1:], chosen)
    if chosen and not environment.prepare(ROOT, "demo" if options.demo else "stack"):
        return 1
    # One that was made elsewhere, before the folder was moved, still serves to look and to stop.
    if python.exists() and not inside:
        os.execv(python, [str(python), "-P", str(ROOT / "start_monitoring.py"), *sys.argv[1:]])  # noqa: S606  # no shell
    return main(sys.argv[1:], chosen)


if __name__ == "__main__":
    try:
        sys.exit(run())
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        sys.exit(130)
