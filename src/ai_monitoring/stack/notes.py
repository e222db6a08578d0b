"""What the launcher leaves for its next run, as JSON files."""

import json
from pathlib import Path
from typing import Any


def read_notes(file: Path) -> dict[str, Any]:
    """What an earlier run left there; nothing where it left none, or was cut off while it wrote."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
