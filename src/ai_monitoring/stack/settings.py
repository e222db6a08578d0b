"""What a user can set: `.env`, under the environment, under the contract's defaults."""

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from ai_monitoring.stack.errors import StackError

ROOT = Path(__file__).resolve().parents[3]

DEFAULT_PORTS = {
    "DJANGO_PORT": 8002,
    "FASTAPI_PORT": 8000,
    "STREAMLIT_PORT": 8501,
    "LLM_UPSTREAM_PORT": 8090,
    "GRAFANA_PORT": 3000,
    "PROMETHEUS_PORT": 9090,
    "ALERTMANAGER_PORT": 9093,
    "LOKI_PORT": 3100,
    "TEMPO_PORT": 3200,
    "OTLP_GRPC_PORT": 4317,
    "OTLP_HTTP_PORT": 4318,
    "OTEL_COLLECTOR_PORT": 8889,
    "NODE_EXPORTER_PORT": 9100,
    "BLACKBOX_EXPORTER_PORT": 9115,
    "INCIDENTS_PORT": 9095,
    "COLLECT_PORT": 9096,
    "CONTAINERS_PORT": 9401,
    "SPEND_PORT": 9403,
}

_DEFAULT_TEXTS = {
    "PROMETHEUS_RETENTION_TIME": (
        "45d",
        r"(?=.)" + "".join(rf"(\d+{unit})?" for unit in ("y", "w", "d", "h", "m", "s", "ms")),
        "a duration such as 45d",
    ),
    "PROMETHEUS_RETENTION_SIZE": ("10GB", r"\d+(B|[KMGTPE]B)", "a size such as 10GB"),
    "EMBEDDED_RETENTION_TIME": ("7d", r"\d+[dh]", "days or hours such as 7d"),
    "EMBEDDED_RETENTION_SIZE": ("2GB", r"\d+[MG]B", "a size such as 2GB"),
    "DIGEST_TIME": ("08:00", r"([01]\d|2[0-3]):[0-5]\d", "a time of day such as 08:00"),
    "DIGEST_TIME_ZONE": ("UTC", r"[A-Za-z][\w+-]*(/[\w+-]+)*", "a time zone such as Europe/Paris"),
    "DIGEST_WEEKDAY": ("monday", "(mon|tues|wednes|thurs|fri|satur|sun)day", "a weekday such as monday"),
    "ESCALATE_AFTER": ("30m", r"[1-9]\d{0,3}[mh]", "minutes or hours such as 30m"),
    "INCIDENTS_RETENTION_DAYS": ("400", r"[1-9]\d{0,4}", "a number of days such as 400"),
}
LEAVE_OUT = "LEAVE_OUT"
MAY_BE_LEFT_OUT = (
    *("grafana", "loki", "tempo", "otel-collector", "containers", "socket-proxy"),
    *("spend", "collect", "embedded"),
)
"""Parts without which the rest still serves: Prometheus, its rules and Alertmanager stay."""

CHANNELS = (
    "SLACK_WEBHOOK_URL",
    "SLACK_WEBHOOK_URL_CRITICAL",
    "SLACK_WEBHOOK_URL_WARNING",
    "SLACK_WEBHOOK_URL_ML",
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_USER",
    "SMTP_PASSWORD",
    "SMTP_FROM",
    "SMTP_CA_FILE",
    "ALERT_EMAIL_TO",
    "ESCALATION_EMAIL_TO",
    "ESCALATION_SLACK_WEBHOOK_URL",
    "ALERT_EMAIL_TO_ML",
    "HEARTBEAT_URL",
)
"""What `.env` says of the ways to reach people."""

NAMES_OF_CHANNELS = ("SLACK_WEBHOOK_URL", "ALERT_EMAIL_TO")
"""What begins so is meant for a channel, and refused at a start where there is none of that name."""

PASSED_ON = ("OTEL_", "AI_MONITORING_", "OPENAI_", "ANTHROPIC_", "LLM_UPSTREAM_")
"""What the beginnings of settings that are the demo's services' own look like."""

_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class Settings:
    """One start's settings. `ports` and `texts` by the name that `.env` gives them; `warnings` are lines to show a
    user; `leave_out` names parts not to start; `passed_on` is what `.env` says to the demo's services, and `channels`
    is how people are reached. Both of these hold secrets. `places` tells of each channel's setting where it stands.
    """

    root: Path
    ports: Mapping[str, int]
    texts: Mapping[str, str]
    warnings: tuple[str, ...] = ()
    leave_out: frozenset[str] = frozenset()
    passed_on: Mapping[str, str] = field(default_factory=dict, repr=False)
    channels: Mapping[str, str] = field(default_factory=dict, repr=False)
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def runtime(self) -> Path:
        """The folder of everything that a start makes: data, logs, rendered files, downloaded programs."""
        return self.root / ".runtime"

    @property
    def admin_password(self) -> Path:
        """The file that holds the password of Grafana's administrator, who is the embedded viewer's too."""
        return self.runtime / "secrets" / "grafana_admin_password"

    @property
    def login(self) -> str:
        """How a person enters Grafana or the viewer."""
        return f"user admin, password in {self.admin_password.relative_to(self.root)}"


def port_setting(part: str) -> str:
    """The name in `.env` of a part's port: `node-exporter` has NODE_EXPORTER_PORT."""
    return f"{part.upper().replace('-', '_')}_PORT"


def part_name(setting: str) -> str:
    """The part whose port that name in `.env` gives: the inverse of `port_setting`."""
    return setting.removesuffix("_PORT").lower().replace("_", "-")


def load(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force. Raises StackError naming file and line of what is wrong."""
    file = root / ".env"
    lines = read_env(file) if file.exists() else {}
    known = [*DEFAULT_PORTS, *_DEFAULT_TEXTS, *CHANNELS, LEAVE_OUT]
    warnings = tuple(
        f".env line {line}: {name} is not a setting of the launcher; did you mean {close[0]}?"
        for name, (_, line) in lines.items()
        if name not in known and (close := difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85))
    )
    source = _Source(lines, environment)
    ports = {name: source.port(name, default) for name, default in DEFAULT_PORTS.items()}
    _refuse_shared_ports(ports, source)
    texts = {name: source.text(name, *rule) for name, rule in _DEFAULT_TEXTS.items()}
    _refuse_unknown_zone(texts["DIGEST_TIME_ZONE"], source)
    named = [*CHANNELS, *(name for name in lines if name.startswith(NAMES_OF_CHANNELS) and name not in CHANNELS)]
    channels = {name: value for name in named if (value := source.value(name))}
    if "SMTP_CA_FILE" in channels:
        channels["SMTP_CA_FILE"] = str(root / channels["SMTP_CA_FILE"])
    return Settings(
        root,
        ports,
        texts,
        warnings,
        _left_out(source),
        passed_on={
            name: environment.get(name) or value
            for name, (value, _) in lines.items()
            if name.startswith(PASSED_ON) and name not in DEFAULT_PORTS
        },
        channels=channels,
        places={name: source.where(name) for name in channels},
    )


def read_env(file: Path) -> dict[str, tuple[str, int]]:
    """The values of an `.env` file with the line that each stands on: `NAME=value`, quotes and comments allowed."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(
            f"{file.name} cannot be read: {error}.", "Make it a readable UTF-8 text file, see .env.example."
        ) from error
    values: dict[str, tuple[str, int]] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise StackError(f"{file.name} line {number} is not NAME=value.", "Correct the line, or put a # before it.")
        values[match["name"]] = (_unquoted(match["value"], file.name, number), number)
    return values


def _unquoted(text: str, file: str, number: int) -> str:
    value = text.strip()
    if value[:1] in {'"', "'"}:
        end = value.find(value[0], 1)
        rest = value[end + 1 :].strip()
        if end < 0 or (rest and not rest.startswith("#")):
            raise StackError(
                f"{file} line {number}: the quote {value[0]} is not closed at the value's end.",
                "Close it, or leave both quotes out.",
            )
        return value[1:end]
    return re.split(r"\s+#", text, maxsplit=1)[0].strip()


def _left_out(source: "_Source") -> frozenset[str]:
    names = frozenset(re.split(r"[,\s]+", source.value(LEAVE_OUT).strip())) - {""}
    wrong = sorted(names - set(MAY_BE_LEFT_OUT))
    if wrong:
        raise StackError(
            f"{source.where(LEAVE_OUT)}: {', '.join(wrong)} is nothing that can be left out.",
            f"There are: {', '.join(MAY_BE_LEFT_OUT)}.",
        )
    return names


def _refuse_unknown_zone(zone: str, source: "_Source") -> None:
    try:
        if zone != "UTC":  # which a machine without a database of zones knows as well
            ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        raise StackError(
            f"{source.where('DIGEST_TIME_ZONE')}: {zone!r} is no time zone that this machine knows.",
            "Use a name such as Europe/Paris, from https://en.wikipedia.org/wiki/List_of_tz_database_time_zones.",
        ) from None


class _Source:
    """Looks a name up in the environment, then in `.env`, and says where a wrong value stands."""

    def __init__(self, lines: Mapping[str, tuple[str, int]], environment: Mapping[str, str]) -> None:
        self._lines = lines
        self._environment = environment

    def port(self, name: str, default: int) -> int:
        text = self.value(name) or str(default)
        if text.isdecimal() and 1 <= int(text) <= 65535:
            return int(text)
        raise StackError(f"{self.where(name)}: {text!r} is not a port.", "Use a whole number from 1 to 65535.")

    def text(self, name: str, default: str, pattern: str, example: str) -> str:
        text = self.value(name) or default
        if re.fullmatch(pattern, text):
            return text
        raise StackError(
            f"{self.where(name)}: {text!r} is not {example}.", "Correct it, or remove the line for the default."
        )

    def where(self, name: str) -> str:
        if self._environment.get(name):
            return f"The environment variable {name}"
        return f".env line {self._lines[name][1]}, {name}" if name in self._lines else name

    def value(self, name: str) -> str:
        return self._environment.get(name) or self._lines.get(name, ("", 0))[0]


def _refuse_shared_ports(ports: Mapping[str, int], source: _Source) -> None:
    seen: dict[int, str] = {}
    for name, port in ports.items():
        if port in seen:
            raise StackError(
                f"{source.where(name)} and {source.where(seen[port])} are both port {port}.",
                "Give each its own port in .env.",
            )
        seen[port] = name
