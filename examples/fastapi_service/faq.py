"""What the coach knows: the entries of faq.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with its answer. `id` names it in log lines and answers."""

    id: str
    topic: str
    question: str
    answer: str

    @property
    def text(self) -> str:
        """All of it, to search in; what is asked says more of what it is about than the answer does."""
        return f"{self.topic} {self.question} {self.question} {self.answer}"


def load(file: Path) -> tuple[Entry, ...]:
    """Raises ValueError where two entries have one id."""
    entries = tuple(Entry(**entry) for entry in tomllib.loads(file.read_text(encoding="utf-8"))["entry"])
    if len({entry.id for entry in entries}) < len(entries):
        raise ValueError(f"{file}: each id stands for one entry")
    return entries


FAQ = load(Path(__file__).with_name("faq.toml"))
