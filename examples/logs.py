"""One log format for all services of the demo: time (UTC), level, logger, message, on standard output."""

import logging
import sys
import time
import traceback
from types import TracebackType

SHOWN_FRAMES = -4


class _Formatter(logging.Formatter):
    """Shows the end of a traceback: the frames of this demo, not those of the framework around it."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.converter = time.gmtime

    def formatException(  # noqa: N802 - logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return "".join(traceback.format_exception(ei[1], limit=SHOWN_FRAMES, chain=False)).rstrip()


def set_up() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Each line of these is said by another already, or is none that a reader needs.
    for name in ("httpx2", "httpcore2", "websockets", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("django.request").setLevel(logging.ERROR)
