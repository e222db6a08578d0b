"""Chat messages, counted once each although every rerun of a page shows the whole conversation again.

Streamlit does not know messages, only elements; a message is told by its role and its first text, and one that was
there before is not counted again: neither after a rerun, nor when a page hides and shows a conversation, nor when it
shows the last few messages only. Two messages with the same text count twice where one run shows both.
"""

from collections import Counter, OrderedDict
from threading import Lock
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.metrics.declaration import OTHER
from ai_monitoring.metrics.instrument import instrument

# st.chat_message takes any name, that of a person included; only what roles are called becomes a label.
_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "ai": "assistant", "system": "system"}
_MAX_SESSIONS = 5_000
_MAX_MESSAGES = 2_000

Path = tuple[int, ...]


class ShownMessages:
    """The chat messages that one script run shows, from what it sends to the browser."""

    def __init__(self) -> None:
        self._roles: dict[Path, str] = {}
        self._texts: dict[Path, dict[Path, int]] = {}

    def see(self, message: Any) -> None:
        """Take notice of a `ForwardMsg`, if it opens a chat message or writes into one."""
        if not message.HasField("delta"):
            return
        delta = message.delta
        if delta.HasField("add_block"):
            if delta.add_block.HasField("chat_message"):
                self._open(tuple(message.metadata.delta_path), delta.add_block.chat_message.name)
        elif self._roles and delta.HasField("new_element") and delta.new_element.HasField("markdown"):
            self._write(tuple(message.metadata.delta_path), delta.new_element.markdown.body)

    def _open(self, path: Path, name: str) -> None:
        self._roles[path] = _ROLES.get(name.lower(), OTHER)
        self._texts[path] = {}

    def _write(self, path: Path, text: str) -> None:
        for length in range(len(path) - 1, 0, -1):
            if path[:length] in self._texts:
                # A text that is streamed is written many times to the same place: the last one stands.
                self._texts[path[:length]][path] = hash(text)
                return

    def count(self) -> Counter[tuple[str, int]]:
        """How often each (role, hash of the first text) is there."""
        return Counter((role, self._first_text(path)) for path, role in self._roles.items())

    def _first_text(self, path: Path) -> int:
        texts = self._texts[path]
        return texts[min(texts)] if texts else 0


class ChatMeter:
    """Counts under `streamlit_chat_messages_total` the messages that a session has not shown before."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._messages = instrument("streamlit_chat_messages_total", registry)
        self._sessions: OrderedDict[str, Counter[tuple[str, int]]] = OrderedDict()
        self._lock = Lock()

    def shown(self, session: str, messages: ShownMessages) -> None:
        shown = messages.count()
        if not shown:
            return
        with self._lock:
            known = self._known(session)
            for message, times in shown.items():
                self._messages[message[0]].inc(max(0, times - known[message]))
                if message in known or len(known) < _MAX_MESSAGES:
                    known[message] = max(times, known[message])

    def _known(self, session: str) -> Counter[tuple[str, int]]:
        known = self._sessions.setdefault(session, Counter())
        self._sessions.move_to_end(session)
        if len(self._sessions) > _MAX_SESSIONS:
            self._sessions.popitem(last=False)
        return known
