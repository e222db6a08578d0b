import pytest

from ai_monitoring.web.django.routes import MAX_LENGTH, template

TEMPLATES = {
    "": "/",
    "users/<int:pk>/": "/users/<int:pk>/",
    "/already/": "/already/",
    r"^articles/(?P<year>[0-9]{4})/$": "/articles/<year>/",
    r"api/^users/(?P<pk>\d+)/\Z": "/api/users/<pk>/",
    r"^robots\.txt$": "/robots.txt",
    r"^(\w+)/(\d+)$": "/<var>/<var>",
    r"^(?:page-(?P<number>\d+)/)?$": "/page-<number>/",
    r"^(?P<path>(?:[\w-]+/)*)(?P<name>(a|b(c)))\.html$": "/<path><name>.html",
    r"^a(?=b)b(?!c)/(?i)$": "/ab/",
    r"^[^/)]+/(?P<x>[)(]+)/end$": "/[^/)]/<x>/end",
    r"^v\d{1,3}/$": r"/v\d/",
    r"^(?P<format>\.(json|xml))$": "/<format>",
}


@pytest.mark.parametrize(("route", "shown"), TEMPLATES.items())
def test_a_route_is_shown_as_a_template(route: str, shown: str) -> None:
    assert template(route) == shown


@pytest.mark.parametrize("route", ["(" * 99, ")" * 99, "[", "\\", "^(?P<", "^[(", "x" * 999, "^" + "(x)" * 999])
def test_any_text_gives_a_bounded_template(route: str) -> None:
    assert len(template(route)) <= MAX_LENGTH + 1
