"""Names of attributes as Loki makes names of structured metadata of them."""

import re
from functools import lru_cache

from ai_monitoring.embedded.ingest.refusals import Refused

_OTHER = re.compile(r"[^a-zA-Z0-9]+")


@lru_cache(8192)
def sanitised(name: str) -> str:
    """The name with `_` for whatever else is not a letter or a digit. Raises Refused where nothing of it is left."""
    reserved = len(name) >= 4 and name[:2] == name[-2:] == "__"
    made = f"__{_OTHER.sub('_', name[2:-2])}__" if reserved else _OTHER.sub("_", name)
    if made[:1].isdigit():
        made = f"key_{made}"
    if not made.strip("_"):
        raise Refused(400, f"{name[:100]!r} cannot be the name of an attribute: it has no letter or digit")
    return made
