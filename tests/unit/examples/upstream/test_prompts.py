from typing import Any

import pytest
from examples.upstream.answers import fill
from examples.upstream.prompts import read_prompt


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "system", "content": "Rules"}, {"role": "user", "content": "Why?"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Why?"}]}], "system": "Rules"},
        {"messages": [{"role": "user", "content": "Why?"}], "system": [{"type": "text", "text": "Rules"}]},
        {"input": "Why?", "instructions": "Rules"},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Why?"}]}], "instructions": "Rules"},
    ],
)
def test_the_three_protocols_say_the_same(body: dict[str, Any]) -> None:
    prompt = read_prompt(body)
    assert (prompt.instructions, prompt.question, prompt.characters) == ("Rules", "Why?", 9)


@pytest.mark.parametrize("messages", [None, 7, "text", [7], [{"role": "user", "content": {"odd": 1}}], []])
def test_odd_messages_are_no_error(messages: Any) -> None:
    assert read_prompt({"messages": messages, "tools": 7, "response_format": 7}).tools == ()


def test_a_schema_is_filled() -> None:
    schema = {
        "type": "object",
        "$defs": {"Week": {"type": "object", "properties": {"hours": {"type": "number", "minimum": 2}}}},
        "properties": {
            "title": {"type": "string"},
            "kind": {"enum": ["easy", "hard"]},
            "weeks": {"type": "array", "items": {"$ref": "#/$defs/Week"}, "minItems": 2},
            "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "rest": {"type": "boolean"},
        },
    }
    assert fill(schema, "Text") == {
        "title": "Text",
        "kind": "easy",
        "weeks": [{"hours": 2}, {"hours": 2}],
        "note": None,
        "rest": True,
    }


def test_a_schema_that_holds_itself_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    assert fill({**node, "$defs": {"Node": node}}, "Text")["next"]["next"]
