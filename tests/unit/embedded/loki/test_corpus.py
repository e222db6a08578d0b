"""The corpus, asked of the embedded backend: it answers what a real Loki answered when the answers were recorded."""

import json

import httpx2
from logql_corpus import ask, full_hour, push, questions, recorded


async def test_every_answer_is_lokis(client: httpx2.AsyncClient) -> None:
    hour = full_hour()
    await push(client, hour)
    expected = recorded()
    different = {}
    for question in questions():
        answer = json.loads(json.dumps(await ask(client, question, hour)))
        if answer != expected.get(question.label):
            different[question.label] = answer
    assert different == {}
