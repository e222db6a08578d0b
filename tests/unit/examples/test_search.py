"""The three strategies, over the FAQ itself and the stand-in's embeddings."""

import pytest
from examples.fastapi_service.answering import SURE_ENOUGH
from examples.fastapi_service.faq import FAQ, Entry
from examples.fastapi_service.lexical import LexicalIndex, words
from examples.fastapi_service.strategies import Found, Search, Strategy, choose
from examples.fastapi_service.vectors import VectorIndex
from examples.traffic.requests import OFF_TOPIC, QUESTIONS
from examples.upstream.embeddings import embed


@pytest.fixture(scope="module")
def search() -> Search:
    search = Search(FAQ)
    search.add_vectors([embed(entry.question) for entry in FAQ])
    return search


def find(search: Search, strategy: Strategy, question: str) -> list[Found]:
    if strategy is Strategy.A:
        return search.by_words(question)
    vector = embed(question)
    return search.by_meaning(vector) if strategy is Strategy.B else search.by_both(question, vector)


def test_rare_words_count_more_and_long_texts_less() -> None:
    index = LexicalIndex(["shoe run", "shoe run run and many more words that say nothing about a shoe", "run"])
    assert [number for number, _ in index.search("shoes")] == [0, 1]
    assert index.search("banana") == []
    assert index.coverage("shoes run", 0) == 1
    assert 0 < index.coverage("shoes banana", 0) < 0.5
    assert index.coverage("", 0) == 0


def test_words_that_every_question_has_do_not_count() -> None:
    assert words("How should I choose my shoes?") == ["choose", "shoe"]


def test_the_nearest_direction_comes_first_whatever_its_length() -> None:
    found = VectorIndex([[0, 2], [5, 5], [-1, 0]]).search([0.1, 0])
    assert [number for number, _ in found] == [1, 0, 2]
    assert [round(cosine, 3) for _, cosine in found] == [0.707, 0.0, -1.0]
    assert VectorIndex([[0, 0]]).search([1, 1]) == [(0, 0.0)]


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("entry", FAQ, ids=lambda entry: entry.id)
def test_each_strategy_finds_each_entry_by_its_own_question(search: Search, strategy: Strategy, entry: Entry) -> None:
    found = find(search, strategy, entry.question)[0]
    assert found.entry == entry
    assert found.confidence == pytest.approx(1)


@pytest.mark.parametrize("strategy", Strategy)
def test_the_traffics_questions_are_answered_surely_and_the_others_not(search: Search, strategy: Strategy) -> None:
    sure = [find(search, strategy, question)[0].confidence for question in QUESTIONS]
    assert sum(sure) / len(sure) > 0.7
    assert min(sure) > SURE_ENOUGH
    unsure = [[found.confidence for found in find(search, strategy, question)[:1]] for question in OFF_TOPIC]
    assert all(confidences < [0.5] for confidences in unsure)


def test_what_both_lists_hold_comes_before_what_one_does(search: Search) -> None:
    both = search.by_both("knee pain", embed("knee pain"))
    assert both[0].entry.id == "knee-pain"
    by_words, by_meaning = search.by_words("knee pain"), search.by_meaning(embed("knee pain"))
    (a,) = [found.confidence for found in by_words if found.entry.id == "knee-pain"]
    b = next((found.confidence for found in by_meaning if found.entry.id == "knee-pain"), 0.0)
    assert both[0].confidence == pytest.approx((a + b) / 2)


def test_vectors_are_one_for_each_entry_and_load_two_strategies() -> None:
    search = Search(FAQ[:2])
    assert search.loaded == (Strategy.A,)
    with pytest.raises(ValueError, match="1 vectors for 2 entries"):
        search.add_vectors([[1.0]])
    search.add_vectors([[1.0, 0.0], [0.0, 1.0]])
    assert search.loaded == tuple(Strategy)


@pytest.mark.parametrize(
    ("question", "strategy"),
    [
        ("taper", Strategy.A),
        ("Which shoes?", Strategy.A),
        ("What shall I eat on a long run?", Strategy.C),
        ("I start too fast, then lose strength, cramps come, legs burn, and everybody passes me", Strategy.B),
    ],
)
def test_the_length_of_a_question_chooses(question: str, strategy: Strategy) -> None:
    assert choose(question) is strategy
