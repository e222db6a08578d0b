"""The uv of the project's environment, whose cache makes a second installation one of seconds."""

import os
import subprocess
import sys
from pathlib import Path


def uv(root: Path, *arguments: object) -> int:
    """Run it in the folder `root`. Returns its exit status."""
    command = [Path(sys.executable).with_name("uv"), *arguments, "--quiet"]
    # It trusts whom the machine trusts, as pip does.
    surroundings = {**os.environ, "UV_NATIVE_TLS": "1"}
    return subprocess.run([str(word) for word in command], cwd=root, env=surroundings, check=False).returncode
