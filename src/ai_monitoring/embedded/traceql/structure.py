"""The operators between spansets: both, either, and how spans hang together."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.traceql.trace import Trace

_Related = Callable[[Sequence[Span], Trace], set[str]]


def join(sign: str, left: Sequence[Span], right: Sequence[Span], trace: Trace) -> list[Span]:
    """The spans that `left sign right` finds.

    A structural operator finds spans of the right side; with `!` before it those without, with `&` the left side's too.
    """
    if sign in {"&&", "||"}:
        return _unique([*left, *right]) if sign == "||" or (left and right) else []
    related, mirrored = _RELATIONS[sign.lstrip("!&")]
    near = related(left, trace)
    if sign.startswith("!"):
        return [span for span in right if span.span_id not in near]
    found = [span for span in right if span.span_id in near]
    if sign.startswith("&"):
        near = mirrored(right, trace)
        return _unique([*(span for span in left if span.span_id in near), *found])
    return found


def _children(spans: Sequence[Span], trace: Trace) -> set[str]:
    return {child.span_id for span in spans for child in trace.children.get(span.span_id, ())}


def _parents(spans: Sequence[Span], _: Trace) -> set[str]:
    return {span.parent_id for span in spans}


def _descendants(spans: Sequence[Span], trace: Trace) -> set[str]:
    return _reached(spans, lambda span: trace.children.get(span.span_id, ()))


def _ancestors(spans: Sequence[Span], trace: Trace) -> set[str]:
    return _reached(spans, lambda span: [trace.by_id[span.parent_id]] if span.parent_id in trace.by_id else [])


def _reached(spans: Sequence[Span], step: Callable[[Span], Iterable[Span]]) -> set[str]:
    """What a walk from the spans comes to; each span is visited once, whatever circles broken data has."""
    seen: set[str] = set()
    waiting = list(spans)
    while waiting:
        new = [span for span in step(waiting.pop()) if span.span_id not in seen]
        seen.update(span.span_id for span in new)
        waiting.extend(new)
    return seen


def _siblings(spans: Sequence[Span], trace: Trace) -> set[str]:
    """A root has none; a span is no sibling of itself."""
    parents = Counter(span.parent_id for span in spans if span.parent_id)
    themselves = {span.span_id for span in spans}
    near = [child for parent in parents for child in trace.children.get(parent, ())]
    return {span.span_id for span in near if parents[span.parent_id] > (span.span_id in themselves)}


_RELATIONS: dict[str, tuple[_Related, _Related]] = {
    ">": (_children, _parents),
    "<": (_parents, _children),
    ">>": (_descendants, _ancestors),
    "<<": (_ancestors, _descendants),
    "~": (_siblings, _siblings),
}
"""What each operator relates to the left side's spans, and what to the right side's, seen from there."""


def _unique(spans: Sequence[Span]) -> list[Span]:
    return list({span.span_id: span for span in spans}.values())
