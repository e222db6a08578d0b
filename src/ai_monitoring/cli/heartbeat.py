"""One beat to the service elsewhere that waits for them, as Alertmanager would send it."""

from ai_monitoring.cli import webhook
from ai_monitoring.stack.errors import StackError


def post(address: str) -> str:
    """Send it. Returns what to tell of it. Raises StackError saying what is wrong, without the address."""
    host, status, said = webhook.post(address, {"status": "firing", "alerts": []})
    if 200 <= status < 300:
        return f"{host} took it"
    raise StackError(
        f"{host} does not take the heartbeat: {status} {said or '(it says no more)'}.",
        "Copy HEARTBEAT_URL again into .env: the address to ping, as that service shows it.",
    )
