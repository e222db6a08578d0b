"""docs/cli.md and docs/collect.md tell what there is."""

import argparse
import re
from dataclasses import fields
from pathlib import Path

from ai_monitoring.cli.arguments import parser
from ai_monitoring.collector.request import AIRequest

DOCS = Path(__file__).parents[3] / "docs"


def test_every_verb_is_in_the_table_and_has_what_it_says() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z]+)` \| .* \| ([^|]+) \| .*\|$", text, re.MULTILINE)
    shown = {name: told == "yes" for name, told in rows}
    (verbs,) = (each for each in parser()._actions if isinstance(each, argparse._SubParsersAction))
    assert shown == {name: speaks_json(verb) for name, verb in verbs.choices.items()}


def speaks_json(verb: argparse.ArgumentParser) -> bool:
    """Whether it has the option `--json`, or each of its actions has."""
    actions = [each for each in verb._actions if isinstance(each, argparse._SubParsersAction)]
    below = [action for each in actions for action in each.choices.values()]
    return "--json" in verb._option_string_actions or (bool(below) and all(map(speaks_json, below)))


def test_every_field_of_a_record_is_explained() -> None:
    text = (DOCS / "collect.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([a-z_]+)`", text))
    assert {field.name for field in fields(AIRequest)} <= explained
