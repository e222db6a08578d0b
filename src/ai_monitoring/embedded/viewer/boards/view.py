"""What a user looks at: a time range and the chosen values of the variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import quote, urlencode

from ai_monitoring.embedded.viewer.boards.formats import Format, Value, glob, queryparam
from ai_monitoring.embedded.viewer.boards.interpolation import interpolated
from ai_monitoring.embedded.viewer.times import TimeRange

USER = "viewer"


@dataclass(frozen=True)
class View:
    """`address` is the range as the page's address has it, such as `("now-1h", "now")`."""

    range: TimeRange
    zone: tzinfo
    chosen: Mapping[str, Value]
    address: tuple[str, str]
    title: str = ""
    now: datetime | None = None

    def lookup(self, name: str, path: str = "") -> Value | None:
        """The value of a variable of the board, or of one that every board has."""
        return self.chosen.get(name) or self._own(name, path)

    def filled(self, text: str, default: Format = glob) -> str:
        """The text with its variables written out."""
        return interpolated(text, self.lookup, default)

    def variables_in_address(self) -> str:
        """As `var-service=a&var-service=b`."""
        return "&".join(part for value in self.chosen.values() if (part := queryparam(value)))

    def times_in_address(self) -> str:
        return urlencode([("from", self.address[0]), ("to", self.address[1])], quote_via=quote)

    @property
    def offset_seconds(self) -> int:
        """How far the range's clocks are ahead of UTC."""
        offset = datetime.fromtimestamp(self.range.end / 1000, self.zone).utcoffset()
        return int(offset.total_seconds()) if offset else 0

    def _own(self, name: str, path: str) -> Value | None:
        seconds = -(-self.range.length // 1000)
        known = {
            "__range": f"{seconds}s",
            "__range_s": str(seconds),
            "__range_ms": str(self.range.length),
            "__from": str(self.range.begin),
            "__to": str(self.range.end),
            "__timezone": str(self.zone),
            "timezone": str(self.zone),
            "__dashboard": self.title,
            "__user": USER if path == "login" else "0",
            "__org": "1",
            "__url_time_range": self.times_in_address(),
            "__all_variables": self.variables_in_address(),
        }
        return Value((known[name],), name=name) if name in known else None
