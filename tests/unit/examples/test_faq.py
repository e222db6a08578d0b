from pathlib import Path

import pytest
from examples.fastapi_service.faq import FAQ, load
from examples.traffic.requests import TOPICS

TWICE = """
[[entry]]
id = "same"
topic = "shoes"
question = "One?"
answer = "Yes."

[[entry]]
id = "same"
topic = "shoes"
question = "Two?"
answer = "No."
"""


def test_the_faq_has_67_entries_that_differ() -> None:
    assert len(FAQ) == 67
    for part in ("id", "question", "answer"):
        assert len({getattr(entry, part) for entry in FAQ}) == 67
    assert all(entry.question.endswith("?") or "?" in entry.question for entry in FAQ)
    # A prompt holds one answer: the demo's tokens a minute depend on its length.
    assert all(80 < len(entry.answer) < 300 for entry in FAQ)
    assert not [entry.id for entry in FAQ if "  " in entry.answer or "\n" in entry.answer]


def test_every_topic_of_the_traffic_has_a_tip() -> None:
    assert {entry.topic for entry in FAQ} >= set(TOPICS)


def test_an_id_stands_for_one_entry(tmp_path: Path) -> None:
    (tmp_path / "faq.toml").write_text(TWICE)
    with pytest.raises(ValueError, match="each id stands for one entry"):
        load(tmp_path / "faq.toml")
