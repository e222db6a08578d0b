"""Personal data in all that a service handles, looked for in all that comes out of it."""

import gzip
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote, unquote_plus

import httpx2
import pytest
from llm_upstream import upstream
from otlp_receiver import Receiver, receiving

SERVICE = Path(__file__).parents[1] / "personal_data_service.py"

PLANTED = {
    "mail": "grace.hopper@example.org",
    "phone": "06 98 76 54 32",
    "card": "5555 5555 5555 4444",
    "iban": "FR14 2004 1010 0505 0001 3M02 606",
    "nir": "2 55 08 14 168 025 38",
    "key": "sk-proj-Zyxwvutsrqponmlkjihgfe98765",
    "bearer": "mF9.B5f-4.1JqM-tok3n",
    "password": "correct-horse-staple",
    "cookie": "c00k1e5e55ion",
}
SAID = {
    **PLANTED,
    "bearer": f"Bearer {PLANTED['bearer']}",
    "password": f"password={PLANTED['password']}",
    "cookie": f"Cookie: sid={PLANTED['cookie']}",
}
PLACEHOLDERS = ("[email]", "[phone]", "[card]", "[iban]", "[nir]", "[secret]")

LINES = (
    "Question received",
    "Strategy chosen: lexical",
    "Model said: I was given nothing to answer this from: ",
    "Answered in ",
    "Low confidence: 0.20",
    "LLM error: openai gpt-4o, invalid request",
    "Model refused",
    "BadRequestError",
    "RuntimeError",
    "no answer to ",
    "Asked for ",
    "LookupError",
    "nobody is ",
    "GET /people/",
    "Slow request",
    "Headers: ",
    "Authentication failure: ",
)
"""What the logs hold, wherever they go: a test of silence would find no personal data either."""


def leaks(text: str) -> dict[str, str]:
    """Each kind of planted data that is in it, in clear or as in an address, with or without spaces, and where."""
    found = {}
    for reading in (text, unquote_plus(text)):
        bare = re.sub(r"\s", "", reading)
        for kind, value in PLANTED.items():
            place = bare.find(value.replace(" ", ""))
            if place >= 0:
                found[kind] = bare[max(0, place - 80) : place + 80]
    return found


@contextmanager
def service(folder: Path, receiver: Receiver) -> Iterator[str]:
    """The service's address; when the block ends, the service has shut down."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "AI_MONITORING_"))
    }
    environment |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.address,
        "AI_MONITORING_LOG_DIR": str(folder / "logs"),
        "AI_MONITORING_SPOOL_DIR": str(folder / "spool"),
        "AI_MONITORING_LOG_PROMPTS": "redacted",
        "AI_MONITORING_SLOW_REQUEST_SECONDS": "0.000001",
    }
    with (
        upstream() as model,
        (folder / "stdout").open("w") as stdout,
        (folder / "stderr").open("w") as stderr,
        subprocess.Popen([sys.executable, SERVICE, model], env=environment, stdout=stdout, stderr=stderr) as process,
    ):
        try:
            yield address(folder, process)
            process.send_signal(signal.SIGINT)
            process.wait(20)
        finally:
            process.kill()


def address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = monotonic() + 30
    while not (told := re.search(r"running on (http://[\d.:]+)", (folder / "stdout").read_text())):
        assert process.poll() is None, (folder / "stderr").read_text()
        assert monotonic() < deadline
        sleep(0.02)
    return told[1]


def visit(client: httpx2.Client, kind: str) -> None:
    """Personal data of one kind, planted in all that a request has."""
    value, said = PLANTED[kind], SAID[kind]
    headers = {
        "authorization": f"Bearer {value}",
        "cookie": f"theme=dark; sid={value}",
        "x-api-key": value,
        "x-about": said,
        "user-agent": f"browser of {said}",
        "referer": f"https://clinic.example/?about={quote(said)}",
    }
    question = f"What do you know of me? {said}"
    answer = client.post("/ask", json={"text": question}, headers=headers)
    assert value in answer.json(), "the application itself gets what the model said"
    assert client.post("/refused", json={"text": said}, headers=headers).status_code == 500
    for query in (f"about={quote(said)}", f"about={said.replace(' ', '+')}", f"token={quote(value)}"):
        assert client.get(f"/people/{quote(said, safe='')}?{query}", headers=headers).status_code == 500
    assert client.get(f"/nowhere/{quote(said, safe='')}", headers=headers).status_code == 404
    assert client.get(f"/private?{query}", headers=headers).status_code == 401


@pytest.mark.parametrize("mode", ["ok", 503])
def test_personal_data_is_in_no_output(tmp_path: Path, mode: int | str) -> None:
    with receiving(mode="ok" if mode == "ok" else 503) as receiver:
        # uvicorn closes a connection that an exception came on, whatever it had said.
        alone = httpx2.Limits(max_keepalive_connections=0)
        with service(tmp_path, receiver) as base, httpx2.Client(base_url=base, timeout=20, limits=alone) as client:
            for kind in PLANTED:
                visit(client, kind)
            metrics = client.get("/metrics").text
        sent = [body.decode(errors="replace") for _, body in receiver.requests]
        spans = {span.name for span in receiver.spans()}
    kept = "".join(
        gzip.decompress(file.read_bytes()).decode(errors="replace") for file in (tmp_path / "spool").rglob("*.gz")
    )
    stdout, stderr = (tmp_path / "stdout").read_text(), (tmp_path / "stderr").read_text()
    files = "".join(file.read_text() for file in (tmp_path / "logs").iterdir())
    outputs = {"stdout": stdout, "stderr": stderr, "files": files, "spool": kept, "sent": "".join(sent)}
    outputs["metrics"] = metrics

    assert {name: found for name, text in outputs.items() if (found := leaks(text))} == {}
    for name in ("stdout", "files", "sent" if mode == "ok" else "spool"):
        assert [line for line in (*LINES, *PLACEHOLDERS) if line not in outputs[name]] == [], name
    assert 'llm_requests_total{model="gpt-4o",operation="chat",provider="openai",status="ok"} 9.0' in metrics
    assert 'endpoint="/people/{who}"' in metrics
    if mode == "ok":
        assert {"POST /ask", "GET /people/{who}", "strategy lexical", "generation", "chat gpt-4o"} <= spans
