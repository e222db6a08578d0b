"""Queries to Prometheus."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from board_sources import BEGIN, END, StandIn, matrix, vector
from starlette.responses import JSONResponse

from ai_monitoring.embedded.viewer.boards import prometheus
from ai_monitoring.embedded.viewer.boards.queries import Query
from ai_monitoring.embedded.viewer.sources import Client, SourceError
from ai_monitoring.embedded.viewer.times import TimeRange

Made = Callable[..., Query]
RANGE, INSTANT, EXEMPLARS = "/api/v1/query_range", "/api/v1/query", "/api/v1/query_exemplars"
TWO = matrix(
    ({"__name__": "up", "service": "a"}, [(BEGIN / 1000, "1"), (BEGIN / 1000 + 30, "NaN")]),
    ({"__name__": "up", "service": "b"}, [(BEGIN / 1000 + 15, "2")]),
)


async def test_series_have_every_step_and_none_where_nothing_is(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = TWO
    found = await prometheus.ask(query(expr="up", range=True, legendFormat="{{service}}!"), client)
    assert [frame.fields[1].title for frame in found.frames] == ["a!", "b!"]
    times, values = (field.values for field in found.frames[1].fields)
    assert len(times) == 241
    assert times[:3] == [BEGIN, BEGIN + 15_000, BEGIN + 30_000]
    assert values[:3] == [None, 2.0, None]
    assert found.frames[0].fields[1].values[2] is None


async def test_variables_and_intervals_are_written_out(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = matrix()
    text = 'rate(x{service=~"$service"}[$interval])'
    text += " [$__rate_interval] [$__interval] ${__interval_ms} $__range_s [$__range]"
    await prometheus.ask(query(expr=text), client)
    (asked,) = source.queries(RANGE)
    assert asked["query"] == 'rate(x{service=~"(django|fastapi)"}[5m]) [1m] [15s] 15000 3600 [3600s]'
    assert asked["step"] == "15.000"


async def test_the_range_begins_on_a_multiple_of_the_step(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = matrix()
    await prometheus.ask(query(expr="up").within(TimeRange(BEGIN + 7_123, END + 8_000)), client)
    (asked,) = source.queries(RANGE)
    assert (asked["start"], asked["end"]) == (f"{BEGIN / 1000:.3f}", f"{END / 1000:.3f}")


def test_days_begin_at_local_midnight() -> None:
    day = 86_400_000
    assert prometheus.aligned(TimeRange(day + 5, 2 * day + 5), day, 7200) == TimeRange(
        day - 7_200_000, 2 * day - 7_200_000
    )


@pytest.mark.parametrize(
    ("target", "step"),
    [
        ({}, 15_000),
        ({"interval": "1m"}, 60_000),
        ({"interval": "$interval"}, 300_000),
        ({"interval": "$__interval"}, 15_000),
        ({"interval": "$__rate_interval"}, 60_000),
        ({"intervalFactor": 2}, 30_000),
    ],
)
def test_the_step_follows_the_query(query: Made, target: dict[str, str], step: int) -> None:
    assert prometheus.step_of(query(**target)) == step


def test_a_wide_range_has_wide_steps(query: Made) -> None:
    month = query().within(TimeRange(END - 30 * 86_400_000, END))
    assert prometheus.step_of(month) == 3_600_000


async def test_an_interval_that_is_none_is_named(query: Made, client: Client) -> None:
    with pytest.raises(SourceError, match="'soon'"):
        await prometheus.ask(query(expr="up", interval="soon"), client)


@pytest.mark.parametrize(
    ("legend", "names"),
    [("", ['up{service="a"}', 'up{service="b"}']), ("__auto", ["a", "b"]), ("$interval {{ no }}", ["5m ", "5m "])],
)
async def test_series_have_names(query: Made, client: Client, source: StandIn, legend: str, names: list[str]) -> None:
    source.answers[RANGE] = TWO
    found = await prometheus.ask(query(expr="up", legendFormat=legend), client)
    assert [frame.fields[1].title for frame in found.frames] == names


async def test_a_series_without_labels_is_called_as_its_query(query: Made, client: Client, source: StandIn) -> None:
    source.answers[INSTANT] = vector(({}, "3"))
    for legend in ("", "__auto"):
        found = await prometheus.ask(query(expr="sum(up)", instant=True, legendFormat=legend), client)
        assert found.frames[0].fields[1].title == "sum(up)"


async def test_a_table_has_a_column_for_each_label(query: Made, client: Client, source: StandIn) -> None:
    source.answers[INSTANT] = vector(({"b": "1"}, "3"), ({"a": "2"}, "4"))
    target = query(expr="up", instant=True, format="table")
    (alone,) = (await prometheus.ask(target, client)).frames
    assert {field.name: field.values for field in alone.fields} == {
        "Time": [END, END],
        "a": ["", "2"],
        "b": ["1", ""],
        "Value": [3.0, 4.0],
    }
    (one_of_several,) = (await prometheus.ask(replace(target, alone=False), client)).frames
    assert one_of_several.fields[-1].name == "Value #A"


async def test_a_scalar_is_a_series(query: Made, client: Client, source: StandIn) -> None:
    source.answers[INSTANT] = {"data": {"resultType": "scalar", "result": [END / 1000, "42"]}}
    found = await prometheus.ask(query(expr="42", instant=True), client)
    assert found.frames[0].fields[1].values == [42.0]


async def test_both_are_asked_where_both_are_wanted(query: Made, client: Client, source: StandIn) -> None:
    source.answers |= {RANGE: TWO, INSTANT: vector(({}, "1"))}
    assert len((await prometheus.ask(query(expr="up", instant=True, range=True), client)).frames) == 3


async def test_exemplars_come_with_their_trace(query: Made, client: Client, source: StandIn) -> None:
    each = {"labels": {"trace_id": "abc"}, "value": "0.5", "timestamp": BEGIN / 1000}
    series = {"seriesLabels": {"__name__": "x_bucket", "le": "1"}, "exemplars": [each]}
    source.answers |= {RANGE: TWO, EXEMPLARS: {"status": "success", "data": [series]}}
    (found,) = (await prometheus.ask(query(expr="x", exemplar=True), client)).exemplars
    assert (found.series, found.time, found.value, found.labels["trace_id"]) == ('x_bucket{le="1"}', BEGIN, 0.5, "abc")


async def test_missing_exemplars_leave_the_series(query: Made, client: Client, source: StandIn) -> None:
    source.answers |= {RANGE: TWO, EXEMPLARS: JSONResponse({"error": "switched off"}, 400)}
    found = await prometheus.ask(query(expr="x", exemplar=True), client)
    assert len(found.frames) == 2
    assert found.errors == [("A", "Its exemplars are missing. Prometheus answered 400: switched off")]


async def test_what_prometheus_says_is_passed_on(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = JSONResponse({"status": "error", "error": "parse error: unexpected )"}, 400)
    with pytest.raises(SourceError, match=r"answered 400: parse error: unexpected \)"):
        await prometheus.ask(query(expr="up)"), client)


async def test_another_programs_answer_is_refused(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = {"hello": "world"}
    with pytest.raises(SourceError, match="not one of Prometheus"):
        await prometheus.ask(query(expr="up"), client)
