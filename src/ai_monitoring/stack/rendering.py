"""What becomes of a native file before its program reads it.

The files in the repository are the Compose stack's: a part is found under its service's name. On one machine without
containers every part is on loopback, at the port that `.env` gives it.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import DEFAULT_PORTS, part_name

HOST = "127.0.0.1"

_DOCKER_ONLY = re.compile(r"^ *# Docker only\b.*?^ *# End of Docker only\.\n", re.MULTILINE | re.DOTALL)


def read(root: Path, file: Path) -> str:
    """The text of a native file. Raises StackError, naming the file, where it is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        name = file.relative_to(root)
        raise StackError(f"{name} is not UTF-8 text: {error}.", "Save it as UTF-8; nothing was changed.") from error


def on_loopback(text: str, ports: Mapping[str, int]) -> str:
    """The text of a native file with each part on loopback at its port in `ports`, and without what only Docker needs.

    `ports` go by their names in `.env`. Addresses of nobody's part stay as they are.
    """
    moved = {str(port): str(ports[name]) for name, port in DEFAULT_PORTS.items()}
    names = "|".join(re.escape(part_name(name)) for name in DEFAULT_PORTS)
    # In one pass, so that two ports may be exchanged.
    address = rf"(?<![\w.-])(?:{re.escape(HOST)}|{names}):(\d+)\b"

    def replace(match: re.Match[str]) -> str:
        return f"{HOST}:{moved[match[1]]}" if match[1] in moved else match[0]

    return re.sub(address, replace, _DOCKER_ONLY.sub("", text))
