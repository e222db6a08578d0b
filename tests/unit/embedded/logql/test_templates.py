import re

import pytest

from ai_monitoring.embedded.logql.templates import Context, Template

CONTEXT = Context(
    {"msg": "Straße  ok", "n": "7", "path": "/api/users", "took": "1.5s"}, "the line", 1_700_000_000_5 * 10**8
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("{{.msg}}!", "Straße  ok!"),
        ("{{ .nothing }}", ""),
        ("{{__line__}}", "the line"),
        ("{{__timestamp__}}", "2023-11-14 22:13:20.5 +0000 UTC"),
        ("{{.n | ToUpper | ToLower}}", "7"),
        ("a {{- .n -}} b", "a7b"),
        ("a{{/* said */}}b", "ab"),
        ('{{Replace .path "/" "-" 1}}', "-api/users"),
        ('{{.path | replace "/" "-"}}', "-api-users"),
        ('{{ .path | trimPrefix "/api" | ToUpper }}', "/USERS"),
        ('{{TrimPrefix .path "/api"}}', "/users"),
        ('{{Trim .path "/s"}}', "api/user"),
        ("{{ .msg | trunc 3 }}|{{ .msg | trunc -2 }}", "Str|ok"),
        ("{{ .msg | substr 0 3 }}", "Str"),
        ("{{alignLeft 3 .n}}|{{alignRight 3 .n}}|{{alignRight 2 .msg}}", "7  |  7|ok"),
        ('{{ default "none" .nothing }}', "none"),
        ('{{ contains "api" .path }} {{ hasPrefix "x" .path }}', "true false"),
        ('{{ count "s" .path }}', "2"),
        ("{{ len .msg }}", "11"),
        ("{{ .took | duration }}", "1.5"),
        ('{{ .path | urlencode }} {{ "a%20b" | urldecode }}', "%2Fapi%2Fusers a b"),
        ("{{ `raw` | title }}", "Raw"),
    ],
)
def test_what_a_template_writes(template: str, text: str) -> None:
    assert Template(template).render(CONTEXT) == text


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{.a", "unclosed action"),
        ("{{}}", "missing value"),
        ("{{.a | }}", "missing value"),
        ("{{if .a}}x{{end}}", "'if' in a template is not supported here"),
        ("{{fromJson .a}}", "function 'fromJson' is not supported here: there are"),
        ("{{ToUpper}}", "wrong number of args for ToUpper: want 1 got 0"),
        ("{{.a .b}}", "can't give argument to non-function"),
        ("{{.a.b}}", "a label has no fields"),
        ("{{(.a)}}", "unexpected '('"),
    ],
)
def test_what_is_refused(template: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        Template(template)


@pytest.mark.parametrize(
    "template", ["{{duration .msg}}", '{{ alignLeft 100000 "x" }}', "{{ToUpper 1}}", '{{count "(" .n}}']
)
def test_what_cannot_be_written(template: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Template(template).render(CONTEXT)


@pytest.mark.parametrize(
    "template",
    ["{{__line__}}" * 3, '{{ replace "x" "xx" __line__ }}', '{{ Replace __line__ "" "yy" -1 }}'],
    ids=["repeated", "replaced", "replaced everywhere"],
)
def test_text_that_grows_without_bound_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="more than 262144 characters"):
        Template(template).render(Context({}, "x" * 140_000, 0))
