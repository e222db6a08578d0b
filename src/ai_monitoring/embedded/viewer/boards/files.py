"""Dashboards as files: Grafana's own JSON in a folder, read again when a file changes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 10_000_000


class BoardFileError(ValueError):
    """A file that is no dashboard; the message says why."""


@dataclass(frozen=True)
class Board:
    """A dashboard; `content` is what its file holds. One that could not be read has an `error` and nothing else."""

    uid: str
    title: str
    folder: str
    content: dict[str, Any]
    error: str = ""

    @property
    def description(self) -> str:
        return str(self.content.get("description") or "")

    @property
    def summary(self) -> str:
        """What the description says first: where it has more, that is for whoever edits the board."""
        return self.description.partition("\n\n")[0]

    @property
    def tags(self) -> list[str]:
        return list(self.content.get("tags") or [])

    @property
    def panels(self) -> Iterator[dict[str, Any]]:
        """In their order; those of a collapsed row after it."""
        for panel in self.content.get("panels") or []:
            yield panel
            yield from panel.get("panels") or []

    @property
    def variables(self) -> list[dict[str, Any]]:
        return list((self.content.get("templating") or {}).get("list") or [])


class Boards:
    """The dashboards of a folder and of the folders in it, whose names they carry."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[tuple[int, int], Board]] = {}

    def all(self) -> list[Board]:
        """By folder and title, broken ones last."""
        files = sorted(self._folder.rglob("*.json"))
        self._read = {file: known for file in files if (known := self._known(file)) is not None}
        boards: dict[str, Board] = {}
        broken = []
        for _, board in self._read.values():
            if board.error:
                broken.append(board)
            elif board.uid in boards:
                broken.append(_broken(board.title, board.folder, f"Another dashboard has its uid, {board.uid!r}, too."))
            else:
                boards[board.uid] = board
        return sorted(boards.values(), key=lambda board: (board.folder, board.title)) + broken

    def get(self, uid: str) -> Board | None:
        return next((board for board in self.all() if board.uid == uid and not board.error), None)

    def _known(self, file: Path) -> tuple[tuple[int, int], Board] | None:
        try:
            status = file.stat()
        except OSError:
            return None  # gone since the folder was listed
        state = (status.st_mtime_ns, status.st_size)
        known = self._read.get(file)
        return known if known is not None and known[0] == state else (state, self._board(file))

    def _board(self, file: Path) -> Board:
        folder = file.parent.name if file.parent != self._folder else "General"
        try:
            content = _content(file)
        except (OSError, BoardFileError) as error:
            return _broken(file.name, folder, f"{file.name} is no dashboard that can be shown: {error}")
        return Board(str(content.get("uid") or file.stem), str(content.get("title") or file.stem), folder, content)


def _broken(title: str, folder: str, error: str) -> Board:
    return Board("", title, folder, {}, error)


def _content(file: Path) -> dict[str, Any]:
    if file.stat().st_size > MAX_BYTES:
        raise BoardFileError(f"it is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        content = json.loads(file.read_text(encoding="utf-8"), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise BoardFileError(f"its JSON cannot be read, {error}.") from error
    if isinstance(content, dict) and isinstance(content.get("dashboard"), dict):
        content = content["dashboard"]
    if isinstance(content, dict) and "elements" in content:
        raise BoardFileError("it is in Grafana's second schema; export it as classic JSON.")
    if not isinstance(content, dict) or not _are_panels(content.get("panels")):
        raise BoardFileError("it has no list of panels.")
    return content


def _are_panels(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(panel, dict) for panel in found)


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
