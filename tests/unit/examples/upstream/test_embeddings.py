import base64
from array import array
from typing import Any

import pytest
from examples.upstream.embeddings import DIMENSIONS, embed, whole
from examples.upstream.orders import Orders


def similarity(first: str, second: str) -> float:
    return sum(one * other for one, other in zip(embed(first), embed(second), strict=True))


def test_texts_that_share_words_are_near_each_other() -> None:
    assert similarity("running shoes", "shoes for running") > 0.7
    assert similarity("how do I book a session", "booking sessions") > 0.3
    assert abs(similarity("running shoes", "bank account")) < 0.2


def test_a_vector_has_length_one_and_its_dimensions() -> None:
    assert similarity("running shoes", "running shoes") == pytest.approx(1)
    assert (len(embed("shoes")), len(embed("shoes", 64))) == (DIMENSIONS, 64)
    assert set(embed("?!")) == {0.0}


def test_base64_holds_the_same_numbers() -> None:
    def vector(**more: Any) -> Any:
        return whole("small", {"input": "running shoes", **more}, Orders())["data"][0]["embedding"]

    packed = array("f", base64.b64decode(vector(encoding_format="base64")))
    assert list(packed) == pytest.approx(vector())


@pytest.mark.parametrize(("given", "vectors"), [("one", 1), (["one", "two"], 2), ([1, 2, 3], 1), ([[1], [2]], 2)])
def test_one_or_many_texts_or_tokens(given: Any, vectors: int) -> None:
    assert len(whole("small", {"input": given}, Orders())["data"]) == vectors


@pytest.mark.parametrize("body", [{}, {"input": ""}, {"input": []}, {"input": ["one", ""]}, {"input": [{}]}])
def test_an_input_that_is_none(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="input"):
        whole("small", body, Orders())


@pytest.mark.parametrize("dimensions", [0, 5000, "many", None])
def test_dimensions_that_are_none(dimensions: Any) -> None:
    with pytest.raises(ValueError, match="dimensions"):
        whole("small", {"input": "one", "dimensions": dimensions}, Orders())
