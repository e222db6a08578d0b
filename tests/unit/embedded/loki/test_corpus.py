"""The corpus, asked of the embedded backend: it answers what a real Loki answered when the answers were recorded."""

import json

import httpx2
from logql_corpus import ask, full_hour, push, questions, recorded, unrecorded


async def test_every_answer_is_lokis(client: httpx2.AsyncClient) -> None:
    hour = full_hour()
    await push(client, hour)
    expected = recorded()
    different = {}
    for question in questions():
        answer = json.loads(json.dumps(await ask(client, question, hour)))
        if question.label not in expected and question.parameters["query"] in unrecorded():
            continue
        if answer != expected.get(question.label):
            different[question.label] = answer
    assert different == {}


def test_what_is_recorded_is_not_called_unrecorded() -> None:
    known = {question.parameters["query"] for question in questions() if question.label not in recorded()}
    assert unrecorded() == known
