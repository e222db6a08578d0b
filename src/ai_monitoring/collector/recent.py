"""Which requests were counted already, whichever way they came: by request id, in bounded memory."""

from collections import OrderedDict
from threading import Lock
from typing import Final

MAX_IDS: Final = 20_000
"""Ids that are remembered, some 4 MB; an older one counts again."""


class Recent:
    """The ids seen last. Safe for several threads."""

    def __init__(self, size: int = MAX_IDS) -> None:
        self._size = size
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def add(self, request_id: str) -> bool:
        """True where the id is new."""
        with self._lock:
            if request_id in self._seen:
                return False
            self._seen[request_id] = None
            if len(self._seen) > self._size:
                self._seen.popitem(last=False)
            return True

    def __contains__(self, request_id: str) -> bool:
        return request_id in self._seen
