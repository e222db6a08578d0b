"""Where the demo's services are, and the secrets they share. All of it comes from the environment.

DJANGO_PORT, FASTAPI_PORT and STREAMLIT_PORT move a service; DJANGO_URL, FASTAPI_URL and STREAMLIT_URL say where the
others find it, if not on this machine. LLM_UPSTREAM_PORT and LLM_UPSTREAM_URL do so for the stand-in of the language
models; OPENAI_BASE_URL and ANTHROPIC_BASE_URL name a real provider in its place. FASTAPI_WORKERS is how many processes
the FastAPI service has. AI_MONITORING_DATA is the folder for the database and the secrets.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

VERSION = "1.0.0"
HOST = os.environ.get("DEMO_HOST", "127.0.0.1")
DATA = Path(os.environ.get("AI_MONITORING_DATA", ".runtime/demo")).resolve()

DJANGO_PORT = int(os.environ.get("DJANGO_PORT", "8002"))
FASTAPI_PORT = int(os.environ.get("FASTAPI_PORT", "8000"))
STREAMLIT_PORT = int(os.environ.get("STREAMLIT_PORT", "8501"))
LLM_UPSTREAM_PORT = int(os.environ.get("LLM_UPSTREAM_PORT", "8090"))
DJANGO_URL = os.environ.get("DJANGO_URL", f"http://127.0.0.1:{DJANGO_PORT}")
FASTAPI_URL = os.environ.get("FASTAPI_URL", f"http://127.0.0.1:{FASTAPI_PORT}")
STREAMLIT_URL = os.environ.get("STREAMLIT_URL", f"http://127.0.0.1:{STREAMLIT_PORT}")
LLM_UPSTREAM_URL = os.environ.get("LLM_UPSTREAM_URL", f"http://127.0.0.1:{LLM_UPSTREAM_PORT}")
FASTAPI_WORKERS = int(os.environ.get("FASTAPI_WORKERS", "1"))

USERS = ("ada", "grace", "alan")


@dataclass(frozen=True)
class Secrets:
    """Made at the first start, and kept in a file that its owner alone can read."""

    django_key: str
    token_key: str
    passwords: dict[str, str]


def load_secrets(folder: Path = DATA) -> Secrets:
    """The demo's secrets, made where they are missing. Whichever service starts first makes them for all.

    Raises OSError where the folder cannot be written, and ValueError for a file that holds something else.
    """
    file = folder / "secrets.json"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(file, _new_secrets())
    try:
        return Secrets(**json.loads(file.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{file} does not hold the demo's secrets; delete it, and new ones are made") from error


def _new_secrets() -> Secrets:
    return Secrets(
        django_key=secrets.token_urlsafe(48),
        token_key=secrets.token_urlsafe(48),
        passwords={user: secrets.token_urlsafe(16) for user in USERS},
    )


def _write_once(file: Path, content: Secrets) -> None:
    """Write `file` whole, unless another process was faster."""
    draft = file.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(json.dumps(asdict(content)), encoding="utf-8")
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
