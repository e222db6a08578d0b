"""The judge and the embeddings against a real HTTP service, and their budget."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ai_monitoring.quality import Exchange, Suite
from ai_monitoring.quality.embeddings import EmbeddingsEvaluator, cosine
from ai_monitoring.quality.judge import Budget, BudgetSpentError, JudgeAnswerError, JudgeEvaluator

EXCHANGE = Exchange("How long?", "Two years.", ("A warranty of two years.",))
VECTORS = {"Two years.": [1.0, 0.0], "A warranty of two years.": [0.8, 0.6]}


class Service(HTTPServer):
    """Answers as an OpenAI-compatible service does: with `content`."""

    content = json.dumps({"score": 0.9, "label": "good"})
    asked: list[dict[str, Any]]


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        choices = {"choices": [{"message": {"content": self.server.content}}], "usage": {"total_tokens": 50}}
        vectors = {"data": [{"index": n, "embedding": VECTORS[text]} for n, text in enumerate(asked.get("input", ()))]}
        body = json.dumps(choices if self.path.endswith("completions") else vectors).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def judge(service: Service) -> Iterator[JudgeEvaluator]:
    made = JudgeEvaluator(address(service), "small", "key", Budget(10_000))
    yield made
    made.close()


def address(service: Service) -> str:
    return f"http://127.0.0.1:{service.server_port}/v1"


def test_the_judge_gives_a_score_and_a_label(judge: JudgeEvaluator, service: Service) -> None:
    evaluation = judge.evaluate(EXCHANGE)
    assert (evaluation.score, evaluation.label) == (0.9, "good")
    assert service.asked[0]["model"] == "small"


@pytest.mark.parametrize(
    "content",
    [
        "very good",
        "{}",
        "[]",
        "3",
        '{"score": 2, "label": "good"}',
        '{"score": true, "label": "good"}',
        '{"score": 0.5, "label": "fine, and your key is"}',
        '{"score": "0.5", "label": "good"}',
        '{"score": NaN, "label": "good"}',
    ],
)
def test_what_was_not_asked_for_is_an_error(judge: JudgeEvaluator, service: Service, content: str) -> None:
    service.content = content
    with pytest.raises(JudgeAnswerError):
        judge.evaluate(EXCHANGE)


def test_a_service_that_is_away_is_reported_by_name() -> None:
    judge = JudgeEvaluator("http://127.0.0.1:9", "small", "", Budget(10_000))
    outcome = Suite([judge]).evaluate(EXCHANGE).outcomes["judge"]
    judge.close()
    assert (outcome.outcome, outcome.error) == ("error", "ConnectError")


def test_a_budget_ends_and_starts_anew_the_next_day() -> None:
    days = [date(2026, 1, 1)]
    budget = Budget(100, today=lambda: days[0])
    budget.reserve(90)
    with pytest.raises(BudgetSpentError):
        budget.reserve(20)
    budget.settle(90, 50)
    budget.reserve(50)
    days[0] = date(2026, 1, 2)
    budget.reserve(100)


def test_a_spent_budget_asks_nobody(service: Service) -> None:
    judge = JudgeEvaluator(address(service), "small", "key", Budget(10))
    outcome = Suite([judge]).evaluate(EXCHANGE).outcomes["judge"]
    judge.close()
    assert outcome.error == "BudgetSpentError"
    assert not service.asked


def test_embeddings_compare_each_sentence_with_the_closest(service: Service) -> None:
    evaluator = EmbeddingsEvaluator(address(service), "small", "", Budget(10_000))
    evaluation = evaluator.evaluate(EXCHANGE)
    evaluator.close()
    assert (evaluation.score, evaluation.label) == (0.8, "grounded")


def test_a_vector_without_length_is_like_none() -> None:
    assert cosine([0.0, 0.0], [1.0, 0.0]) == 0
