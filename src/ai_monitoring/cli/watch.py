"""What the command line asks of a watch that runs: the incident log, and Alertmanager."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from ai_monitoring.stack import http
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings

_FINGERPRINT_LENGTH = 16


class Watch:
    """The watch on this machine, at the ports of `.env`. Methods raise StackError where it is silent or refuses."""

    def __init__(self, settings: Settings) -> None:
        self._log = f"http://{HOST}:{settings.ports['INCIDENTS_PORT']}/api"
        self._incidents = f"{self._log}/incidents"
        self._deployments = f"{self._log}/deployments"
        self._alertmanager = f"http://{HOST}:{settings.ports['ALERTMANAGER_PORT']}/api/v2"

    def incidents(self, query: Mapping[str, str | Sequence[str]]) -> list[dict[str, Any]]:
        """Those of the incident log that match, latest first; as its API tells them."""
        answer = self._ask("GET", f"{self._incidents}?{urlencode(query, doseq=True)}", "The incident log")
        found: list[dict[str, Any]] = answer["incidents"]
        return found

    def incident(self, name: str) -> dict[str, Any]:
        """One incident by its number, or the latest of an alert by Alertmanager's fingerprint."""
        if len(name) == _FINGERPRINT_LENGTH:
            found = self.incidents({"fingerprint": name, "limit": "1"})
            if found:
                return found[0]
        elif name.isascii() and name.isdecimal():
            one: dict[str, Any] = self._ask("GET", f"{self._incidents}/{name}", "The incident log")
            return one
        raise StackError(f"There is no incident {name}.", "`ai-monitoring alerts` lists them with their numbers.")

    def acknowledge(self, number: int, by: str, note: str) -> dict[str, Any]:
        return self._change(f"{number}/acknowledge", {"by": by, "note": note})

    def note(self, number: int, by: str, text: str) -> dict[str, Any]:
        return self._change(f"{number}/notes", {"by": by, "text": text})

    def deployed(self, version: str, service: str, status: str) -> dict[str, Any]:
        """Tell of a deployment just now; of all services where `service` is empty."""
        content = {"version": version, "service": service, "status": status}
        told: dict[str, Any] = self._ask("POST", self._deployments, "The incident log", content)
        return told

    def deployments(self, since: datetime, limit: int = 100) -> list[dict[str, Any]]:
        """The deployments since then, latest first."""
        query = urlencode({"since": since.isoformat(), "limit": limit})
        answer = self._ask("GET", f"{self._deployments}?{query}", "The incident log")
        found: list[dict[str, Any]] = answer["deployments"]
        return found

    def digest(self, period: str) -> dict[str, Any]:
        """The daily or weekly digest as it would be sent now."""
        made: dict[str, Any] = self._ask("GET", f"{self._log}/digests/{period}", "The incident log")
        return made

    def alerts(self) -> list[dict[str, Any]]:
        """What fires now, as Alertmanager has it; with what silences or inhibits it."""
        found: list[dict[str, Any]] = self._ask("GET", f"{self._alertmanager}/alerts", "Alertmanager")
        return found

    def silences(self) -> list[dict[str, Any]]:
        """The silences in force, or to come."""
        found = self._ask("GET", f"{self._alertmanager}/silences", "Alertmanager")
        return [silence for silence in found if silence["status"]["state"] != "expired"]

    def silence(self, labels: Mapping[str, str], lasting: timedelta, by: str, comment: str) -> str:
        """Silence all alerts with these labels from now on. Returns the silence's id."""
        now = datetime.now(UTC)
        matchers = [{"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in labels.items()]
        content = {
            "matchers": matchers,
            "startsAt": now.isoformat(),
            "endsAt": (now + lasting).isoformat(),
            "createdBy": by,
            "comment": comment,
        }
        answer = self._ask("POST", f"{self._alertmanager}/silences", "Alertmanager", content)
        return str(answer["silenceID"])

    def unsilence(self, name: str) -> None:
        """End a silence."""
        self._ask("DELETE", f"{self._alertmanager}/silence/{quote(name, safe='')}", "Alertmanager")

    def _change(self, path: str, content: Mapping[str, str]) -> dict[str, Any]:
        changed: dict[str, Any] = self._ask("POST", f"{self._incidents}/{path}", "The incident log", content)
        return changed

    def _ask(self, method: str, url: str, who: str, content: Any = None) -> Any:
        try:
            return http.send_json(method, url, content)
        except http.RefusedError as error:
            raise StackError(f"{who} refuses: {error.reason or error.status}.", _remedy(error)) from None
        except (OSError, ValueError):
            raise StackError(
                f"{who} does not answer.",
                "Look what runs: python3 start_monitoring.py status. Start it: python3 start_monitoring.py",
            ) from None


def _remedy(error: http.RefusedError) -> str:
    if error.status == 404:
        return "`ai-monitoring alerts` lists incidents, `ai-monitoring alerts silences` the silences."
    return "Correct the command: add --help to it."
