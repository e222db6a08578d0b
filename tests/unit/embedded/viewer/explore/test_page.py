import re
import time
from urllib.parse import quote

import httpx2
import pytest
from stub_watch import HOSTILE, TRACE, Watch, line, text_of


async def seen(client: httpx2.AsyncClient, query: str = "") -> str:
    answer = await client.get(f"/explore?{query}")
    assert answer.status_code == 200
    return answer.text


async def test_lines_with_level_service_and_way_to_their_trace(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.streams = [line("older", "info", 60), line("newer", "error", 5, "fastapi", trace_id=TRACE, http_route="/x")]
    html = await seen(client)
    text = text_of(html)
    assert re.search(r"2 lines .* error fastapi newer .* info django older", text)
    assert f'href="/trace/{TRACE}"' in html
    assert "trace_id%3D%22" + TRACE in html
    assert re.search(r"http_route /x", text)


async def test_oldest_first(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.streams = [line("newer", ago=5), line("older", ago=60)]
    text = text_of(await seen(client, "direction=forward"))
    assert text.index("older") < text.index("newer")
    assert watch.asked[0]["direction"] == "forward"


async def test_labels_that_loki_does_not_keep_apart(client: httpx2.AsyncClient, watch: Watch) -> None:
    labels = {"service_name": "old", "detected_level": "warn", "traceid": TRACE.upper()}
    watch.streams = [{"stream": labels, "values": [[str(int(time.time() * 1e9)), "plain"]]}]
    html = await seen(client)
    assert re.search("warn old plain", text_of(html))
    assert f'href="/trace/{TRACE}"' in html


@pytest.mark.parametrize("trace_id", ["", "x", "../../evil", TRACE[:-1], TRACE + "0"])
async def test_what_is_no_trace_is_no_link(client: httpx2.AsyncClient, watch: Watch, trace_id: str) -> None:
    watch.streams = [line("a", trace_id=trace_id)]
    assert 'href="/trace/' not in await seen(client)


async def test_question_reaches_loki(client: httpx2.AsyncClient, watch: Watch) -> None:
    html = await seen(client, "service=django&level=error&text=time+out&from=now-6h&to=now&limit=500")
    lines, bars = watch.asked
    assert lines["query"] == '{service_name="django"} |= "time out" | detected_level="error"'
    assert (lines["limit"], lines["direction"]) == ("500", "backward")
    assert int(lines["end"]) - int(lines["start"]) == 21_600 * 10**9
    assert bars["query"] == f"sum by (detected_level) (count_over_time({lines['query']} [600s]))"
    assert int(bars["start"]) % (600 * 10**9) == 0
    assert "<option selected>django</option>" in html
    assert 'value="time out"' in html


async def test_raw_query_of_a_link(client: httpx2.AsyncClient, watch: Watch) -> None:
    query = '{service_name="django"} | json | status >= 500'
    html = await seen(client, f"query={quote(query)}&from=1764151200000&to=1764154800000")
    assert watch.asked[0]["query"] == query
    assert (watch.asked[0]["start"], watch.asked[0]["end"]) == ("1764151200000000000", "1764154800000000000")
    assert 'value="1764151200000"' in html
    assert "data-live=" not in html, "a range of the past has no new lines"


async def test_histogram_counts_by_level(client: httpx2.AsyncClient, watch: Watch) -> None:
    last = int(time.time()) // 60 * 60
    watch.counts = [
        {"metric": {"detected_level": "error"}, "values": [[last, "3"], [last - 60, "1"]]},
        {"metric": {"detected_level": "info"}, "values": [[last, "1000"]]},
        {"metric": {}, "values": [[last, "1"]]},
    ]
    html = await seen(client)
    assert re.search(r"error 4 info 1,000 unknown 1 ", text_of(html))
    assert "at most 1004 within 1 min" in html
    assert html.count('<rect class="level-') == 4


async def test_no_line(client: httpx2.AsyncClient) -> None:
    text = text_of(await seen(client))
    assert "0 lines" in text
    assert "Choose a longer range, or fewer filters." in text


async def test_refusal_shows_its_place(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.refusal = "parse error at line 1, col 5: syntax error: unexpected IDENTIFIER"
    html = await seen(client, "query=" + quote('{a="b} <oops>'))
    assert watch.refusal in html
    assert "<code>{a=&#34;<mark>b</mark>} &lt;oops&gt;</code>" in html


async def test_place_beyond_the_query(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.refusal = "parse error at line 1, col 99: unexpected end"
    assert "<code>{a=<mark>⏎</mark></code>" in await seen(client, "query=%7Ba%3D")
    watch.refusal = "parse error at line 7, col 1: elsewhere"
    assert "<mark>" not in await seen(client, "query=%7Ba%3D")


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (
            {"resultType": "matrix", "result": [{"metric": {"a": "b"}, "values": [[1, "2"], [2, "0.5"]]}]},
            "a=b 0.5 0.5 2 2",
        ),
        ({"resultType": "vector", "result": [{"metric": {}, "value": [1, "2"]}]}, "all 2 2 2 1"),
        ({"resultType": "scalar", "result": [1, "2"]}, "all 2 2 2 1"),
        ({"resultType": "matrix", "result": []}, "This query gives no number in this range."),
    ],
)
async def test_numbers(client: httpx2.AsyncClient, watch: Watch, numbers: dict[str, object], text: str) -> None:
    watch.numbers = numbers
    assert text in text_of(await seen(client, "query=rate"))


async def test_wrong_time_is_told(client: httpx2.AsyncClient) -> None:
    html = await seen(client, "from=yesterday")
    assert "“yesterday” is no time." in html
    assert "Shown is the last hour." in html


async def test_hostile_lines_stay_text(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.streams = [line(HOSTILE, HOSTILE, name=HOSTILE, trace_id=HOSTILE)]
    watch.streams[0]["stream"][HOSTILE] = HOSTILE
    html = await seen(client, "text=" + quote(HOSTILE))
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)" in html


async def test_long_line_is_cut(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.streams = [line("x" * 100_000)]
    html = await seen(client)
    assert len(html) < 50_000
    assert "80,000 further characters left out." in html
