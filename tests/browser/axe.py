"""axe-core, the checker of accessibility rules, in a page that a browser shows."""

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).parent
CACHE = Path(__file__).parents[2] / ".cache" / "axe"
_BIN = Path(sys.executable).parent
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def serious_findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page, as `rule: element: what is wrong`."""
    page.evaluate(_source())  # evaluated by the debugger, which a content policy does not bind
    options = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {node['html'][:200]}: {node.get('failureSummary', '')}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def _source() -> str:
    """axe-core as locked, fetched once: of pytest-xdist's workers, one fetches and the others wait."""
    CACHE.mkdir(parents=True, exist_ok=True)
    lock_file = "package-lock.json"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = CACHE / "node_modules" / lock_file
        if not (installed.exists() and installed.read_bytes() == (SOURCE / lock_file).read_bytes()):
            for name in ("package.json", lock_file):
                shutil.copy(SOURCE / name, CACHE)
            command = [str(_BIN / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=CACHE, capture_output=True, text=True, check=True)
            shutil.copy(SOURCE / lock_file, installed)
    return (CACHE / "node_modules" / "axe-core" / "axe.min.js").read_text()
