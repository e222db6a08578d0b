"""What the environment says of logs: OpenTelemetry's own names where there are such, else AI_MONITORING_….

https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

DEFAULT_FOLDER = Path("logs")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """How a process logs. `endpoint` is the address that takes OTLP logs, or empty: then nothing is sent. `timeout` in
    seconds; `folder` holds rotating files, `spool` what waits to be sent; both None when not asked for.
    """

    service: str
    level: int = logging.INFO
    folder: Path | None = None
    spool: Path | None = None
    endpoint: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 10.0
    certificate: str | None = None
    resource: Mapping[str, str] = field(default_factory=dict)


def read_settings(
    service: str | None = None,
    *,
    level: int | str | None = None,
    files: bool | Path | str | None = None,
    spool: Path | str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> LogSettings:
    """The arguments, else the environment, else the defaults. Raises ValueError that names what is wrong."""
    resource = _pairs(environ, "OTEL_RESOURCE_ATTRIBUTES")
    name = service or environ.get("OTEL_SERVICE_NAME") or resource.get("service.name")
    if not name:
        raise ValueError('Logs need the name of their service: set_up("shop"), or OTEL_SERVICE_NAME=shop')
    folder = files if files is not None else environ.get("AI_MONITORING_LOG_DIR") or None
    spool_folder = spool or environ.get("AI_MONITORING_SPOOL_DIR")
    return LogSettings(
        service=name,
        level=_level(level if level is not None else environ.get("AI_MONITORING_LOG_LEVEL") or "INFO"),
        folder=_folder(folder),
        spool=Path(spool_folder) if spool_folder else None,
        endpoint=_endpoint(environ),
        headers={**_pairs(environ, "OTEL_EXPORTER_OTLP_HEADERS"), **_pairs(environ, "OTEL_EXPORTER_OTLP_LOGS_HEADERS")},
        timeout=_seconds(environ),
        certificate=_for_logs(environ, "CERTIFICATE") or None,
        resource={**resource, "service.name": name},
    )


def _for_logs(environ: Mapping[str, str], name: str) -> str:
    return environ.get(f"OTEL_EXPORTER_OTLP_LOGS_{name}") or environ.get(f"OTEL_EXPORTER_OTLP_{name}") or ""


def _level(level: int | str) -> int:
    number = level if isinstance(level, int) else logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"AI_MONITORING_LOG_LEVEL: {level!r} is not one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return number


def _folder(files: bool | Path | str | None) -> Path | None:
    if files is True:
        return DEFAULT_FOLDER
    return Path(files) if files else None


def _endpoint(environ: Mapping[str, str]) -> str:
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_LOGS_EXPORTER") == "none":
        return ""
    address = environ.get("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT")
    name = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT" if address else "OTEL_EXPORTER_OTLP_ENDPOINT"
    if not address and (base := environ.get(name)):
        address = f"{base.rstrip('/')}/v1/logs"
    if not address:
        return ""
    if _for_logs(environ, "PROTOCOL") not in ("", "http/protobuf"):
        raise ValueError("OTEL_EXPORTER_OTLP_PROTOCOL: logs are sent as http/protobuf alone, to port 4318")
    _check_address(name, address)
    return address


def _check_address(name: str, address: str) -> None:
    try:
        parts = urlsplit(address)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"{name}: {address!r} is no address such as http://127.0.0.1:4318")


def _pairs(environ: Mapping[str, str], name: str) -> dict[str, str]:
    """`key=value,key=value`, percent-encoded, as W3C's baggage writes it."""
    pairs = {}
    for pair in filter(None, (part.strip() for part in environ.get(name, "").split(","))):
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            # Its text may hold a key.
            raise ValueError(f"{name}: a part of it is not key=value; write it such as tenant=shop,region=eu")
        pairs[unquote(key.strip())] = unquote(value.strip())
    return pairs


def _seconds(environ: Mapping[str, str]) -> float:
    """The standard's unit is the millisecond, with 10 seconds by default."""
    text = _for_logs(environ, "TIMEOUT") or "10000"
    try:
        milliseconds = float(text)
    except ValueError:
        milliseconds = 0.0
    if not 0 < milliseconds < float("inf"):
        raise ValueError(f"OTEL_EXPORTER_OTLP_TIMEOUT: {text!r} is not a number of milliseconds, such as 10000")
    return milliseconds / 1000
