"""Names of attributes as Loki makes names of structured metadata of them."""

import re
from functools import lru_cache

from ai_monitoring.embedded.ingest.refusals import Refused

_USUAL_LENGTH = 200
_OTHER = re.compile(r"[^a-zA-Z0-9]+")


def sanitised(name: str) -> str:
    """The name with `_` for whatever else is not a letter or a digit. Raises Refused where nothing of it is left."""
    # Only names of a usual length are remembered: the others could fill the memory.
    return _remembered(name) if len(name) <= _USUAL_LENGTH else _sanitised(name)


def _sanitised(name: str) -> str:
    reserved = len(name) >= 4 and name[:2] == name[-2:] == "__"
    made = f"__{_OTHER.sub('_', name[2:-2])}__" if reserved else _OTHER.sub("_", name)
    if made[:1].isdigit():
        made = f"key_{made}"
    if not made.strip("_"):
        raise Refused(400, f"{name[:100]!r} cannot be the name of an attribute: it has no letter or digit")
    return made


_remembered = lru_cache(8192)(_sanitised)
