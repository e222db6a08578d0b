"""Starts the page: `python -m examples.streamlit_service`, from the root of the repository."""

import os
import sys
from pathlib import Path

from examples.settings import HOST, STREAMLIT_PORT

OPTIONS = {
    "server.address": HOST,
    "server.port": STREAMLIT_PORT,
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "runner.postScriptGC": "false",
    "client.toolbarMode": "viewer",
}


def main() -> None:
    """Become `streamlit run app.py`, which finds the application in the file by itself."""
    root = Path(__file__).parents[2]
    # The page imports the demo as a package, and Streamlit puts the page's own folder first.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    # A browser has this many seconds to come back to its session.
    os.environ.setdefault("STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL", "30")
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    app = str(Path(__file__).with_name("app.py"))
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", app, *options])  # noqa: S606


if __name__ == "__main__":
    main()
