"""Links that stay on this machine."""

import json
from urllib.parse import quote

import pytest
from board_sources import view_of
from grafana.boards.links import DOCS

from ai_monitoring.embedded.viewer.boards import links
from ai_monitoring.embedded.viewer.boards.formats import Value
from ai_monitoring.embedded.viewer.boards.frames import Field, Frame
from ai_monitoring.embedded.viewer.boards.links import data_links, local, panel_links, tagged_boards

ALL = Value((".+",), ("All",), several=True, verbatim=True, address=("$__all",))
VIEW = view_of(service=ALL, level=Value(("a&b", "c"), several=True))
PANE = {"datasource": "loki", "queries": [{"expr": '{a="b"}', "refId": "A"}], "range": {"from": "now-1h", "to": "now"}}


def test_the_docs_are_where_the_boards_have_them() -> None:
    assert links.DOCS == DOCS


@pytest.mark.parametrize(
    ("url", "own"),
    [
        (f"{DOCS}/runbooks/llm/LLMSlow.md", "/runbooks/llm/LLMSlow"),
        (f"{DOCS}/runbooks/llm/LLMSlow.md#mitigation", "/runbooks/llm/LLMSlow#mitigation"),
        (f"{DOCS}/runbooks/README.md", "/runbooks"),
        ("/alerting/groups?alertmanager=Alertmanager", "/alerts"),
        ("/d/logs?var-a=b", "/d/logs?var-a=b"),
        ("https://example.org/x", "https://example.org/x"),
        ("javascript:alert(1)", "#"),
        (" JavaScript:alert(1)", "#"),
        ("data:text/html,x", "#"),
        (f"/explore?panes={quote(json.dumps({'x': PANE}))}", "/explore?query=%7Ba%3D%22b%22%7D&from=now-1h&to=now"),
        (f"/explore?left={quote(json.dumps(PANE))}", "/explore?query=%7Ba%3D%22b%22%7D&from=now-1h&to=now"),
        ("/explore?left=%5B%22now-1h%22%5D", "/explore"),
        ("/explore?query=x", "/explore?query=x"),
    ],
)
def test_pages_of_grafana_become_the_viewers(url: str, own: str) -> None:
    assert local(url) == own


def test_a_board_is_opened_with_time_and_variables() -> None:
    link = {"type": "link", "title": "To $level", "url": "/d/logs", "keepTime": True, "includeVars": True}
    assert panel_links([link, {"type": "dashboards", "url": ""}], VIEW) == [
        {
            "title": "To {a&b,c}",
            "url": "/d/logs?from=now-1h&to=now&var-service=%24__all&var-level=a%26b&var-level=c",
            "new_tab": False,
        }
    ]


def test_boards_are_found_by_their_tags() -> None:
    boards = [{"uid": "a", "title": "A", "tags": ["x", "y"]}, {"uid": "b", "title": "B", "tags": ["y"]}]
    (found,) = tagged_boards({"type": "dashboards", "tags": ["x"], "targetBlank": True}, boards, VIEW)
    assert found == {"title": "A", "url": "/d/a", "new_tab": True}


def test_a_series_leads_to_its_lines() -> None:
    url = "/d/logs?var-service=${__field.labels.service}&var-level=error&${__url_time_range}"
    url += "&v=${__value.raw}&s=${__series.name}"
    field = Field(
        "Value", "number", [1.0, None], {"service": "a&b=c"}, "a b", {"links": [{"title": "Lines", "url": url}]}
    )
    (found,) = data_links(Frame("A", [Field("Time", "time", [1, 2]), field]), field, VIEW)
    assert found["title"] == "Lines"
    assert found["url"] == "/d/logs?var-service=a%26b%3Dc&var-level=error&from=now-1h&to=now&v=1&s=a%20b"


def test_a_cell_leads_by_its_row() -> None:
    link = {"url": '/x/${__data.fields.Name}/${__data.fields["Other name"]}/${__value.raw}', "targetBlank": True}
    field = Field("Id", "string", ["p", "q"], config={"links": [link]})
    frame = Frame("A", [field, Field("Name", "string", ["a", "b"]), Field("Other name", "number", [1.0, 2.0])])
    assert data_links(frame, field, VIEW, 1) == [{"title": "Open", "url": "/x/b/2/q", "new_tab": True}]


def test_a_value_cannot_make_a_link_that_runs() -> None:
    field = Field("Id", "string", ["javascript:alert(1)"], config={"links": [{"url": "${__value.raw}"}]})
    assert data_links(Frame("A", [field]), field, VIEW, 0)[0]["url"] == "#"
