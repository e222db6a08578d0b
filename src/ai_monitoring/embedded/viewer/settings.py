"""What the viewer is told when it starts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


class StoreSize(NamedTuple):
    """Bytes on disk, and the most that retention leaves there; 0 without a bound."""

    used_bytes: int
    limit_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`password` is the administrator's file, `runbooks` the folder of `<concern>/<AlertName>.md`.

    `boards` gives the dashboards as `GET /api/boards` does, `store_size` what logs and traces take on this machine,
    None where a Loki of its own keeps them.
    """

    password: Path
    runbooks: Path
    boards: Callable[[], Sequence[Mapping[str, Any]]] = tuple
    store_size: Callable[[], StoreSize | None] = lambda: None
