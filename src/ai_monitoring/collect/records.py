"""AI requests as a service in any language sends them: one JSON object, or a list of them."""

import difflib
from dataclasses import MISSING, fields
from typing import Any, Final

from ai_monitoring.collector.door import check
from ai_monitoring.collector.request import AIRequest

MOST: Final = 1000
"""Records of one body."""
NAMES: Final = tuple(field.name for field in fields(AIRequest))
NEEDED: Final = tuple(field.name for field in fields(AIRequest) if field.default is field.default_factory is MISSING)


def requests(content: Any) -> list[AIRequest]:
    """All of a body. Raises ValueError that says which record and which field is wrong: nothing is taken then."""
    records = content if isinstance(content, list) else [content]
    if not 1 <= len(records) <= MOST:
        raise ValueError(f"the body holds {len(records)} records: send 1 to {MOST}")
    several = isinstance(content, list)
    return [_request(record, f"record {number}: " if several else "") for number, record in enumerate(records, 1)]


def _request(record: Any, place: str) -> AIRequest:
    if not isinstance(record, dict):
        raise ValueError(f"{place}it is no JSON object, such as {{{', '.join(f'{name!r}: …' for name in NEEDED)}}}")
    for name in record:
        if name not in NAMES:
            raise ValueError(f"{place}{name[:100]} is unknown; {_meant(name)}")
    for name in NEEDED:
        if name not in record:
            raise ValueError(f"{place}{name} is missing")
    try:
        return check(AIRequest(**record))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place}{error}") from error


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name, NAMES, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(NAMES)}"
