"""The questions about labels, series and volumes."""

from collections import defaultdict

from ai_monitoring.embedded.logql.errors import LogQLError
from ai_monitoring.embedded.logql.expressions import LogQuery
from ai_monitoring.embedded.logql.lines import found_lines
from ai_monitoring.embedded.logql.parser import parse
from ai_monitoring.embedded.loki import answers, streams
from ai_monitoring.embedded.loki.answers import Answer, listing
from ai_monitoring.embedded.loki.fields import Fields
from ai_monitoring.embedded.loki.parameters import Parameters
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.store.records import Labels

_SIX_HOURS = 6 * 3600 * 1_000_000_000
_MAX_SAMPLED_LINES = 1_000


class Catalogue:
    """Each method answers one of Loki's addresses. Raises ValueError, LogQLError and QueryTimeoutError."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def names(self, parameters: Parameters) -> Answer:
        return listing(sorted(self._values(parameters)))

    def values(self, name: str, parameters: Parameters) -> Answer:
        return listing(sorted(self._values(parameters).get(name, ())))

    def series(self, selectors: list[str], parameters: Parameters) -> Answer:
        begin, end = self._bounds(parameters, _SIX_HOURS)
        found: dict[int, dict[str, str]] = {}
        with self._queries.reader() as reader:
            for selector in selectors or [""]:
                found |= streams.present(reader, streams.matchers(selector), begin, end)
        return {"status": "success", "data": [found[number] for number in sorted(found)]}

    def stats(self, parameters: Parameters) -> Answer:
        begin, end = self._bounds(parameters)
        wanted = streams.matchers(parameters.text("query"))
        with self._queries.reader() as reader:
            sizes = [streams.size(reader, number, begin, end) for number in streams.present(reader, wanted, begin, end)]
        total = {"bytes": sum(octets for _, octets in sizes), "entries": sum(lines for lines, _ in sizes)}
        return {"streams": len(sizes), "chunks": len(sizes), **total}

    def volume(self, parameters: Parameters) -> Answer:
        begin, end = self._bounds(parameters)
        found = self._volumes(parameters, begin, end)
        samples = sorted(found.items(), key=lambda item: (-item[1], item[0]))[: parameters.limit()]
        return answers.vector(samples, end)

    def volume_range(self, parameters: Parameters) -> Answer:
        begin, end = self._bounds(parameters)
        step = parameters.step(begin, end)
        self._queries.limits.check_points(end - begin, step)
        moments = range(begin, end, step)
        table: dict[Labels, list[float | None]] = defaultdict(lambda: [None] * len(moments))
        for place, moment in enumerate(moments):
            for labels, octets in self._volumes(parameters, moment, min(moment + step, end)).items():
                table[labels][place] = octets
        return answers.matrix(table, moments)

    def detected_labels(self, parameters: Parameters) -> Answer:
        found = self._values(parameters)
        return {
            "detectedLabels": [{"label": name, "cardinality": len(values)} for name, values in sorted(found.items())]
        }

    def detected_fields(self, parameters: Parameters) -> Answer:
        begin, end = self._bounds(parameters)
        query = parse(parameters.text("query"))
        if not isinstance(query, LogQuery):
            raise LogQLError("detected_fields needs a log query, such as {service_name=~`.+`}")
        fields, size = Fields(), 0
        with self._queries.reader() as reader:
            for entry in found_lines(reader, query, begin, end, _MAX_SAMPLED_LINES):
                fields.add(entry)
                size += len(entry.line)
                if size > answers.MAX_CHARACTERS:
                    break
        limit = parameters.limit(default=1_000)
        return {"fields": fields.found()[:limit], "limit": limit}

    def _bounds(self, parameters: Parameters, since: int | None = None) -> tuple[int, int]:
        begin, end = parameters.bounds() if since is None else parameters.bounds(since)
        self._queries.limits.check_length(end - begin)
        return begin, end

    def _values(self, parameters: Parameters) -> dict[str, set[str]]:
        begin, end = self._bounds(parameters, _SIX_HOURS)
        wanted = streams.matchers(parameters.text("query"))
        with self._queries.reader() as reader:
            return streams.values_by_name(streams.present(reader, wanted, begin, end).values())

    def _volumes(self, parameters: Parameters, begin: int, end: int) -> dict[Labels, int]:
        wanted = streams.matchers(parameters.text("query"))
        targets = [name for name in parameters.text("targetLabels").split(",") if name]
        with self._queries.reader() as reader:
            return streams.volumes(reader, wanted, begin, end, targets, parameters.text("aggregateBy"))
