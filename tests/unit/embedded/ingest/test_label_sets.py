import pytest

from ai_monitoring.embedded.ingest.label_sets import parse, write
from ai_monitoring.embedded.ingest.refusals import Refused


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('{app="shop"}', {"app": "shop"}),
        (' { b = "2" , a="1", } ', {"a": "1", "b": "2"}),
        ("{}", {}),
        ('{a=""}', {}),
        ('{a="} , = {"}', {"a": "} , = {"}),
        (r'{a="\"\\\n\t\x41\u00e9\U0001f600\101"}', {"a": '"\\\n\tAé😀A'}),
        (r"{a=`\n`, b='\''}", {"a": r"\n", "b": "'"}),
    ],
)
def test_labels_are_read(text: str, labels: dict[str, str]) -> None:
    assert dict(parse(text)) == labels
    assert list(parse(text)) == sorted(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        'a="b"',
        "{a}",
        "{a=}",
        "{a=b}",
        '{a="b" c="d"}',
        '{1a="b"}',
        '{a="b',
        r'{a="\q"}',
        '{,a="b"}',
    ],
)
def test_what_is_no_label_set_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="couldn't parse labels") as refusal:
        parse(text)
    assert refusal.value.status == 400


def test_labels_that_no_stream_may_have_are_not_read() -> None:
    with pytest.raises(Refused, match="more than 65536 characters"):
        parse("{" + ",".join(f'a{number}="x"' for number in range(10_000)) + "}")


def test_written_labels_are_read_again() -> None:
    labels = (("a", 'x "y" \\ \n é'), ("b", "2"))
    assert parse(write(labels)) == labels
