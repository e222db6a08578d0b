"""Which addresses a user has declared: the loopback targets of `prometheus/targets/*.yml`; and names for others."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ai_monitoring.host_link.address import Address, parse_address

logger = logging.getLogger("ai_monitoring.host_link")

_Version = tuple[int, int, int]


class Declared:
    """What may be asked. `names` are addresses that go by a name of their own, such as `node-exporter:9100`.

    `address in declared` is true to the files as they are now: a file that has changed is read again.

    A file that cannot be read keeps the addresses that it had, as it does in Prometheus.
    """

    def __init__(self, folder: Path, names: Mapping[str, Address] | None = None) -> None:
        self.folder = folder
        self.names = names or {}
        self._files: dict[Path, tuple[_Version, frozenset[Address]]] = {}

    def __contains__(self, address: Address) -> bool:
        self._files = {file: self._current(file) for file in sorted(self.folder.glob("*.yml"))}
        return address in self.names.values() or any(address in addresses for _, addresses in self._files.values())

    def _current(self, file: Path) -> tuple[_Version, frozenset[Address]]:
        version, addresses = self._files.get(file, ((0, 0, 0), frozenset()))
        try:
            status = file.stat()
            now = (status.st_ino, status.st_mtime_ns, status.st_size)
            if now != version:
                version = now  # one complaint about each version of a file
                addresses = frozenset(_addresses(yaml.safe_load(file.read_text(encoding="utf-8"))))
        except (OSError, ValueError, yaml.YAMLError) as error:
            logger.warning("%s cannot be read, so what it declared before still holds: %s", file, error)
        return version, addresses


def _addresses(groups: Any) -> Iterator[Address]:
    """The loopback targets of a file of Prometheus' file_sd. Raises ValueError for what is no such file."""
    for group in _checked(groups or [], list):
        labels = _checked(_checked(group, dict).get("labels") or {}, dict)
        scheme = "https" if labels.get("__scheme__") == "https" else "http"
        for target in _checked(group.get("targets") or [], list):
            address = parse_address(str(target), scheme)
            if address.is_loopback:
                yield address


def _checked(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError("a file of services is a list of entries with targets and labels")
    return value
