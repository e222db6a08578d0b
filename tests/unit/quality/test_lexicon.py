"""How rule files become rules: lists of words, lists of groups, what says that a match is not meant."""

import pytest

from ai_monitoring.quality.lexicon import rule_set, toml

NAMES = ("answer", "attacks", "bias", "toxicity")


@pytest.mark.parametrize("name", NAMES)
def test_every_name_in_a_pattern_stands_for_something(name: str) -> None:
    """A name with a typo would stay as it is, and never match."""
    patterns = [rule.pattern.pattern for rule in rule_set(name).rules]
    patterns += [rule.unless.pattern for rule in rule_set(name).rules if rule.unless]
    assert not [
        pattern for pattern in patterns if "{" in pattern.replace("{0,", "").replace("{1,", "").replace("{2,", "")
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_tried_somewhere(name: str) -> None:
    rules = rule_set(name)
    tried = {number for by in rules.needs.values() for _, numbers in by for number in numbers}
    assert tried == set(range(len(rules.rules)))


@pytest.mark.parametrize("text", [" asshole ", " two assholes . ", " you asshole "])
def test_a_word_is_found_alone_and_with_an_s(text: str) -> None:
    assert rule_set("toxicity").findings(text) == {"insult": 1}


def test_a_word_is_not_found_within_another() -> None:
    assert not rule_set("toxicity").findings(" scunthorpe . therapist . ")


def test_words_side_by_side_are_each_found() -> None:
    assert rule_set("toxicity").findings(" asshole asshole ") == {"insult": 2}


def test_what_an_entry_says_is_not_meant_holds_for_it_alone() -> None:
    """The novel excuses `idiot`, whose entry has the file's `unless`, and not `asshole`, whose entry has its own."""
    assert not rule_set("toxicity").findings(" the novel the idiot . ")
    assert rule_set("toxicity").findings(" the novel of an asshole . ") == {"insult": 1}


@pytest.mark.parametrize("kind", toml("groups")["groups"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_judgement_is_found_on_every_group(kind: str, language: str) -> None:
    judged = {"en": "are all naturally lazy", "fr": "sont tous paresseux"}[language]
    for group in toml("groups")["groups"][kind][language]:
        assert kind in rule_set("bias").findings(f" {group} {judged} . "), group


@pytest.mark.parametrize("kind", toml("groups")["groups"])
def test_a_judgement_is_found_on_people_of_a_group_in_a_role(kind: str) -> None:
    groups = toml("groups")["groups"][kind]
    for group in groups["en_adjectives"]:
        assert kind in rule_set("bias").findings(f" {group} drivers are all naturally lazy . "), group
    for group in groups["fr_adjectives"]:
        assert kind in rule_set("bias").findings(f" les eleves {group} sont tous paresseux . "), group


@pytest.mark.parametrize("language", ["en", "fr"])
def test_hate_is_found_on_every_group(language: str) -> None:
    hated = {"en": "are vermin", "fr": "sont de la vermine"}[language]
    for group in (name for kind in toml("groups")["groups"].values() for name in kind[language]):
        assert rule_set("toxicity").findings(f" {group} {hated} . ").get("hate") == 1, group
