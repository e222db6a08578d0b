"""The recorded answers are a real Loki's: LOKI_URL names one that is empty, or LOKI_BIN its program."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from backends import Loki
from logql_corpus import DELETIONS, ask, full_hour, push, questions, recorded

from ai_monitoring.compliance.logs import PATH

pytestmark = pytest.mark.skipif("LOKI_URL" not in os.environ and "LOKI_BIN" not in os.environ, reason="no Loki")


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    if url := os.environ.get("LOKI_URL"):
        async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
            yield client
        return
    real = Loki(tmp_path)
    with real.up():
        async with httpx2.AsyncClient(base_url=real.address, timeout=60) as client:
            yield client


async def test_a_real_loki_answers_as_recorded(client: httpx2.AsyncClient) -> None:
    hour = full_hour()
    await push(client, hour)
    expected = recorded()
    answers = {question.label: await ask(client, question, hour) for question in questions()}
    assert {label: answer for label, answer in answers.items() if answer != expected.get(label)} == {}


async def test_a_real_loki_takes_requests_to_delete_as_recorded(client: httpx2.AsyncClient) -> None:
    for case in DELETIONS:
        answer = await client.post(PATH, params={"query": '{service_name="none"}', **case["ask"]})
        assert (answer.status_code, answer.text.strip()) == (case["status"], case["says"]), case
