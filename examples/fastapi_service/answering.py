"""Answering a question from the FAQ: validation, strategy, embedding, search, generation, formatting."""

import asyncio
import logging
from time import perf_counter

from pydantic import BaseModel

from ai_monitoring import MetricsCollector, MonitoringContext
from ai_monitoring.llm import rag
from examples.fastapi_service.clients import CHAT_MODEL, EMBEDDING_MODEL, openai_client
from examples.fastapi_service.faq import FAQ, Entry
from examples.fastapi_service.strategies import Found, Search, Strategy, choose
from examples.fastapi_service.trouble import Trouble

logger = logging.getLogger("examples.faq")

SURE_ENOUGH = 0.3
OTHERWISE = "I have no good answer to that. Ask me about training, food, sleep, shoes, an injury or your race."
INSTRUCTIONS = "Answer in two sentences, from this alone: <context>{}</context>"

WORTH = 0.02
"""What an answer is worth, in the currency of monitoring.yaml: what it would cost to have somebody give it, roughly."""

collector = MetricsCollector()
search = Search(FAQ)
_embedding = asyncio.Lock()


class Answer(BaseModel):
    """`entry` is the id of the FAQ's entry that it rests on, None where no entry came near. `seconds` is its time."""

    text: str
    entry: str | None
    strategy: Strategy
    confidence: float
    seconds: float


async def answer(question: str, wanted: Strategy | None, trouble: Trouble) -> Answer:
    """Raises ValueError for a question without words, and openai.APIError where the model fails."""
    start = perf_counter()
    with rag.query() as query:
        with query.stage("validation"):
            text = _validated(question)
        query.question(text)
        with query.stage("strategy"):
            strategy = wanted or choose(text)
        query.choose(strategy)
        found = await _find(text, strategy, query)
        query.documents([one.entry.id for one in found])
        confidence = found[0].confidence if found else 0.0
        query.confidence(confidence)
        entry = found[0].entry if confidence >= SURE_ENOUGH else None
        with query.stage("generation"):
            reply = await _recorded(text, entry, confidence, trouble) if entry else OTHERWISE
        with query.stage("formatting"):
            return _formatted(reply, entry, strategy, confidence, perf_counter() - start)


async def load_vectors() -> None:
    """Embed the FAQ's questions, unless that is done. Raises openai.APIError where the model fails."""
    async with _embedding:
        if Strategy.B not in search.loaded:
            search.add_vectors(await _embed([entry.question for entry in FAQ]))


async def _find(text: str, strategy: Strategy, query: rag.Query) -> list[Found]:
    if strategy is Strategy.A:
        with query.stage("search"):
            return search.by_words(text)
    with query.stage("embedding"):
        await load_vectors()
        (vector,) = await _embed([text])
    with query.stage("search"):
        return search.by_meaning(vector) if strategy is Strategy.B else search.by_both(text, vector)


async def _embed(texts: list[str]) -> list[list[float]]:
    created = await openai_client.embeddings.create(model=EMBEDDING_MODEL, input=texts)
    return [one.embedding for one in created.data]


async def _recorded(question: str, entry: Entry, confidence: float, trouble: Trouble) -> str:
    """The model's answer, whose worth is watched as well; that is done by a thread, so that nobody waits for it."""
    async with MonitoringContext(
        collector,
        provider="openai",
        model=CHAT_MODEL,
        submit=True,
        context=[entry.answer],
        documents=[entry.id],
        confidence=confidence,
        user="a-runner",
        consent=True,
        purpose="coaching",
        business_value=WORTH,
    ) as record:
        record.set_prompt(question)
        reply = await _generate(question, entry, trouble)
        record.set_response(reply)
        return reply


async def _generate(question: str, entry: Entry, trouble: Trouble) -> str:
    client = openai_client.with_options(**trouble.patience)
    completion = await client.chat.completions.create(
        model=trouble.model(CHAT_MODEL),
        messages=[
            {"role": "system", "content": INSTRUCTIONS.format(entry.answer)},
            {"role": "user", "content": question},
        ],
        extra_headers=trouble.orders,
    )
    return completion.choices[0].message.content or ""


def _validated(question: str) -> str:
    text = " ".join(question.split())
    if not any(letter.isalpha() for letter in text):
        raise ValueError("A question has words")
    return text


def _formatted(text: str, entry: Entry | None, strategy: Strategy, confidence: float, seconds: float) -> Answer:
    name = entry.id if entry else None
    facts = {"faq_entry": name or "none", "strategy": strategy.value}
    logger.info("FAQ entry used: %s, found by strategy %s", facts["faq_entry"], strategy.value, extra=facts)
    return Answer(
        text=text.strip(), entry=name, strategy=strategy, confidence=round(confidence, 3), seconds=round(seconds, 3)
    )
