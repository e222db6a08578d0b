"""A FastAPI service that meets personal data everywhere, and logs what it meets, as careless services do.

Started by `python tests/personal_data_service.py UPSTREAM`; says on standard output where it listens.
"""

import logging
import sys
from typing import Annotated

import uvicorn
from fastapi import Body, FastAPI, HTTPException, Request
from openai import OpenAI, OpenAIError

from ai_monitoring import llm, telemetry
from ai_monitoring.llm import rag
from ai_monitoring.web.asgi import AuthFailureMiddleware, PrometheusMiddleware, metrics_endpoint

Text = Annotated[str, Body(embed=True)]

logger = logging.getLogger("clinic")
client = OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="sk-proj-of-the-service-itself", max_retries=0)

app = FastAPI()
app.add_middleware(AuthFailureMiddleware)
app.add_middleware(PrometheusMiddleware)
app.get("/metrics")(metrics_endpoint)


@app.post("/ask")
def ask(text: Text) -> str:
    with rag.query("lexical") as query:
        query.question(text)
        with query.stage("generation"):
            answer = generated(text, {})
        query.documents(1)
        query.confidence(0.2)
    logger.info("Model said: %s", answer, extra={"prompt": text, "messages": [{"role": "user", "content": text}]})
    return answer


@app.post("/refused")
def refused(text: Text) -> None:
    """The upstream's refusal quotes the header that it could not read."""
    try:
        with rag.query("lexical"):
            generated(text, {"x-demo-latency": text})
    except OpenAIError as error:
        logger.exception("Model refused")
        raise RuntimeError(f"no answer to {text}") from error


@app.get("/people/{who}")
def person(who: str, request: Request) -> None:
    headers = dict(request.headers)
    logger.info("Asked for %s at %s", who, request.url, extra={"headers": headers, "query": request.url.query})
    raise LookupError(f"nobody is {who}, of {request.url}")


@app.get("/private")
def private(request: Request) -> None:
    logger.info("Headers: %s", request.headers.raw)
    raise HTTPException(401)


def generated(text: str, headers: dict[str, str]) -> str:
    """The upstream answers with the question, since nothing else was given to it."""
    completion = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": text}], extra_headers=headers
    )
    return completion.choices[0].message.content or ""


if __name__ == "__main__":
    telemetry.set_up("clinic")
    llm.instrument()
    # Its access log tells paths and queries.
    uvicorn.run(app, port=0, log_config=None)
