"""What a request asks: its texts, its tools and its schema, whichever of the three shapes it comes in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_TAGGED = re.compile(r"<(context|passage)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prompt:
    """`instructions` are what the caller set before the conversation, `question` the user's last words."""

    instructions: str
    question: str
    characters: int
    tools: tuple[dict[str, Any], ...] = ()
    schema: dict[str, Any] | None = None

    def passages(self) -> str:
        """The texts to answer from: those in <context> or <passage>, else the instructions."""
        tagged = [passage for _, passage in _TAGGED.findall(f"{self.instructions}\n{self.question}")]
        return "\n".join(tagged) or self.instructions

    def asked(self) -> str:
        return _TAGGED.sub("", self.question).strip()


def read_prompt(body: dict[str, Any]) -> Prompt:
    """Of a chat completion, a response or a message. What is not of the known shape counts as empty."""
    given = body.get("messages", body.get("input"))
    turns = [{"role": "user", "content": given}] if isinstance(given, str) else _mappings(given)
    own = [body.get("system"), body.get("instructions")]
    system = [turn.get("content") for turn in turns if turn.get("role") in ("system", "developer")]
    asked = [turn.get("content") for turn in turns if turn.get("role") == "user"]
    question = text_of(asked[-1]) if asked else ""
    return Prompt(
        instructions="\n".join(text for text in map(text_of, own + system) if text),
        question=question,
        characters=sum(len(text_of(part)) for part in (*own, *(turn.get("content") for turn in turns))),
        tools=() if _answers_a_tool(turns) else _offered(body),
        schema=_schema(body),
    )


def text_of(content: Any) -> str:
    """The text of a message's content: a string, or a list of parts of which some hold text."""
    return content if isinstance(content, str) else "\n".join(_texts(content))


def _texts(content: Any) -> Iterator[str]:
    for part in _mappings(content):
        text = part.get("text", part.get("content"))
        if text:
            yield text_of(text)


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _answers_a_tool(turns: list[dict[str, Any]]) -> bool:
    """Whether the conversation ends with a tool's result, as each of the three protocols writes it."""
    if not turns:
        return False
    last = turns[-1]
    parts = [part.get("type") for part in _mappings(last.get("content"))]
    return last.get("role") == "tool" or last.get("type") == "function_call_output" or "tool_result" in parts


def _offered(body: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Tools as {"name", "schema"}, the one that the caller insists on alone."""
    choice = body.get("tool_choice")
    if choice == "none" or (isinstance(choice, dict) and choice.get("type") == "none"):
        return ()
    tools = [_tool(tool.get("function", tool)) for tool in _mappings(body.get("tools"))]
    wanted = choice.get("function", choice).get("name") if isinstance(choice, dict) else None
    return tuple(tool for tool in tools if tool["name"] and wanted in (None, tool["name"]))


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    return {"name": tool.get("name"), "schema": tool.get("parameters") or tool.get("input_schema") or {}}


def _schema(body: dict[str, Any]) -> dict[str, Any] | None:
    """The JSON schema that the answer must follow, wherever the protocol puts it."""
    text = body.get("text")
    config = body.get("output_config")
    places = (
        body.get("response_format"),
        text.get("format") if isinstance(text, dict) else None,
        config.get("format") if isinstance(config, dict) else None,
        body.get("output_format"),
    )
    for place in places:
        if isinstance(place, dict) and place.get("type") == "json_schema":
            schema = place.get("json_schema", place).get("schema")
            return schema if isinstance(schema, dict) else {}
    return None
