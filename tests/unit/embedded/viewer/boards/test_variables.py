"""A board's variables."""

from dataclasses import replace
from typing import Any

import pytest
from board_sources import BEGIN, END, StandIn, vector, view_of
from starlette.responses import JSONResponse

from ai_monitoring.embedded.viewer.boards.formats import query, queryparam, written
from ai_monitoring.embedded.viewer.boards.variables import Variable, resolved
from ai_monitoring.embedded.viewer.sources import Client
from ai_monitoring.embedded.viewer.times import TimeRange

SERVICE = {
    "name": "service",
    "type": "query",
    "datasource": {"type": "prometheus", "uid": "prometheus"},
    "query": "label_values(up, service)",
    "multi": True,
    "includeAll": True,
    "allValue": ".+",
    "current": {"text": "All", "value": "$__all"},
    "sort": 1,
}
MODEL = {**SERVICE, "name": "model", "query": 'label_values(calls{service=~"$service"}, model)'}
INTERVAL = {"name": "interval", "type": "interval", "query": "1m,5m", "current": {"value": "5m"}}
VALUES = "/api/v1/label/service/values"


async def solved(
    client: Client, *definitions: dict[str, Any], every_option: bool = True, **given: list[str]
) -> dict[str, Variable]:
    found = await resolved(definitions, given, view_of(), client, every_option=every_option)
    return {variable.value.name: variable for variable in found}


async def test_all_is_the_authors_expression(client: Client, source: StandIn) -> None:
    source.answers[VALUES] = {"data": ["django", "api"]}
    service = (await solved(client, SERVICE))["service"]
    assert written(service.value, "", query) == ".+"
    assert service.answer() == {
        "name": "service",
        "label": "service",
        "description": "",
        "kind": "choice",
        "multi": True,
        "all": True,
        "hidden": False,
        "values": ["$__all"],
        "options": [
            {"text": "All", "value": "$__all"},
            {"text": "api", "value": "api"},
            {"text": "django", "value": "django"},
        ],
        "error": "",
    }
    times = {"start": str(BEGIN // 1000), "end": str(END // 1000)}
    assert source.queries(VALUES) == [{**times, "match[]": "up"}]


async def test_all_without_an_expression_is_every_value(client: Client, source: StandIn) -> None:
    source.answers[VALUES] = {"data": ["a.b", "c"]}
    service = (await solved(client, {**SERVICE, "allValue": None}, every_option=False))["service"]
    assert query(service.value) == r"(a\\.b|c)"
    assert queryparam(service.value) == "var-service=%24__all"


async def test_a_panel_asks_for_no_options_that_it_does_not_need(client: Client, source: StandIn) -> None:
    service = (await solved(client, SERVICE, every_option=False, service=["a", "b"]))["service"]
    assert service.value.values == ("a", "b")
    assert source.asked == []


async def test_one_variable_follows_another_whatever_their_order(client: Client, source: StandIn) -> None:
    source.answers |= {VALUES: {"data": ["a"]}, "/api/v1/label/model/values": {"data": ["gpt"]}}
    found = await solved(client, MODEL, SERVICE, service=["a"])
    assert list(found) == ["model", "service"]
    assert source.queries("/api/v1/label/model/values")[0]["match[]"] == 'calls{service=~"a"}'


async def test_variables_that_wait_for_each_other_end(client: Client, source: StandIn) -> None:
    one = {"name": "a", "type": "custom", "query": "$b"}
    other = {"name": "b", "type": "custom", "query": "$a"}
    assert set(await solved(client, one, other)) == {"a", "b"}


async def test_a_default_that_is_gone_gives_way_and_an_address_does_not(client: Client, source: StandIn) -> None:
    source.answers[VALUES] = {"data": ["a", "b"]}
    single = {**SERVICE, "multi": False, "includeAll": False, "current": {"value": "gone"}}
    assert (await solved(client, single))["service"].value.values == ("a",)
    assert (await solved(client, single, service=["typed", "more"]))["service"].value.values == ("typed",)


async def test_a_source_that_fails_is_named(client: Client, source: StandIn) -> None:
    source.answers[VALUES] = JSONResponse({"error": "no"}, 500)
    service = (await solved(client, SERVICE, {**INTERVAL, "type": "adhoc"}))["service"]
    assert service.error == "Prometheus answered 500: no"
    assert service.answer()["values"] == ["$__all"]


async def test_a_type_that_is_not_known_is_named(client: Client) -> None:
    found = await solved(client, {"name": "x", "type": "adhoc"})
    assert found["x"].error == "Variables of the type 'adhoc' are not known here."


@pytest.mark.parametrize(
    ("asked", "path", "answer", "values"),
    [
        ("label_values(service)", VALUES, {"data": ["b"]}, ["b"]),
        ("label_names()", "/api/v1/labels", {"data": ["le", "job"]}, ["job", "le"]),
        ("label_names(j.*)", "/api/v1/labels", {"data": ["le", "job"]}, ["job"]),
        ("metrics(up)", "/api/v1/label/__name__/values", {"data": ["up", "down"]}, ["up"]),
        ("query_result(up)", "/api/v1/query", vector(({"a": "b"}, "2")), [f'{{a="b"}} 2 {END}']),
        ("up", "/api/v1/series", {"data": [{"__name__": "up", "a": "b"}]}, ['up{a="b"}']),
        ({"query": "label_values(service)", "refId": "x"}, VALUES, {"data": ["b"]}, ["b"]),
    ],
)
async def test_prometheus_is_asked(
    client: Client, source: StandIn, asked: Any, path: str, answer: Any, values: list[str]
) -> None:
    source.answers[path] = answer
    found = (await solved(client, {**SERVICE, "includeAll": False, "query": asked}))["service"]
    assert [option.value for option in found.options] == values
    assert found.error == ""


@pytest.mark.parametrize(
    ("asked", "path", "selector"),
    [
        ({"label": "service_name", "stream": "", "type": 1}, "/loki/api/v1/label/service_name/values", None),
        ({"label": "x", "stream": '{a="$interval"}', "type": 1}, "/loki/api/v1/label/x/values", '{a="5m"}'),
        ('label_values({a=~"b"}, x)', "/loki/api/v1/label/x/values", '{a=~"b"}'),
        ("label_names()", "/loki/api/v1/labels", None),
        ({"type": 0}, "/loki/api/v1/labels", None),
    ],
)
async def test_loki_is_asked(client: Client, source: StandIn, asked: Any, path: str, selector: str | None) -> None:
    source.answers[path] = {"status": "success", "data": ["a"]}
    definition = {**SERVICE, "datasource": {"uid": "loki"}, "query": asked}
    found = (await solved(client, INTERVAL, definition))["service"]
    assert [option.value for option in found.options] == ["$__all", "a"]
    assert source.queries(path)[0].get("query") == selector
    assert source.queries(path)[0]["start"] == f"{BEGIN}000000"


async def test_a_value_cannot_be_an_expression_of_its_own(client: Client, source: StandIn) -> None:
    source.answers["/api/v1/labels"] = {"data": ["a+", "aaa"]}
    text = {"name": "text", "type": "textbox"}
    definition = {**SERVICE, "query": "label_names($text)", "regex": "/^$text/", "includeAll": False}
    found = (await solved(client, text, definition, text=["a+"]))["service"]
    assert [option.value for option in found.options] == ["a+"]


async def test_tempo_is_asked(client: Client, source: StandIn) -> None:
    source.answers["/api/v2/search/tag/name/values"] = {"tagValues": [{"type": "string", "value": "GET"}]}
    definition = {**SERVICE, "datasource": {"uid": "tempo"}, "query": {"type": 1, "label": "name"}}
    assert (await solved(client, definition))["service"].options[1].value == "GET"


async def test_an_automatic_interval_is_a_share_of_the_range(client: Client) -> None:
    definition = {**INTERVAL, "auto": True, "auto_count": 30, "current": {"value": "$__auto_interval_interval"}}
    found = (await solved(client, definition))["interval"]
    assert (found.value.values, found.answer()["values"]) == (("2m",), ["$__auto_interval_interval"])
    day = replace(view_of(), range=TimeRange(END - 86_400_000, END))
    (wide,) = await resolved([definition], {}, day, client, every_option=False)
    assert wide.value.values == ("1h",)


async def test_texts_constants_and_sources(client: Client) -> None:
    text = {"name": "search", "type": "textbox", "query": "default"}
    constant = {"name": "job", "type": "constant", "query": "node"}
    source = {"name": "ds", "type": "datasource", "query": "loki"}
    found = await solved(client, text, constant, source)
    assert [variable.value.values for variable in found.values()] == [("default",), ("node",), ("loki",)]
    assert [variable.answer()["kind"] for variable in found.values()] == ["text", "text", "choice"]
    assert found["job"].answer()["hidden"]
    emptied = await solved(client, text, search=[""])
    assert emptied["search"].value.values == ("",)
