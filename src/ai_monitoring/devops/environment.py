"""What the environment says of a process: its version, its workers, the GPUs that it may use."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from ai_monitoring.devops.reading import Deployment

_LONGEST = 100


def deployment(environment: Mapping[str, str]) -> Deployment:
    """`service.version` of OTEL_RESOURCE_ATTRIBUTES. A version that runs was deployed with success, unless
    AI_MONITORING_DEPLOYMENT_STATUS says otherwise.
    """
    version = _attributes(environment.get("OTEL_RESOURCE_ATTRIBUTES", "")).get("service.version", "")[:_LONGEST]
    said = environment.get("AI_MONITORING_DEPLOYMENT_STATUS", "")[:_LONGEST]
    return Deployment(version, said or ("succeeded" if version else "unknown"))


def replicas(environment: Mapping[str, str]) -> int | None:
    """WEB_CONCURRENCY, by which gunicorn and uvicorn start worker processes."""
    text = environment.get("WEB_CONCURRENCY", "")
    return int(text) if re.fullmatch(r"[1-9]\d{0,4}", text) else None


def gpus(environment: Mapping[str, str]) -> int | None:
    """How many CUDA_VISIBLE_DEVICES names: None where it is not set, since then all may be used.

    CUDA takes none after the first that it cannot know, such as -1.
    """
    text = environment.get("CUDA_VISIBLE_DEVICES")
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    known = [re.fullmatch(r"\d+|(GPU|MIG)-[\w/-]+", name) is not None for name in names]
    return known.index(False) if False in known else len(known)


def _attributes(text: str) -> dict[str, str]:
    """`a=b,c=d`, percent-encoded, as OpenTelemetry writes them."""
    pairs = (pair.partition("=") for pair in text.split(","))
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs if value}
