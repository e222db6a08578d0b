"""Starts the upstream: `python -m examples.upstream`, from the root of the repository."""

import uvicorn

from ai_monitoring import telemetry
from examples.settings import HOST, LLM_UPSTREAM_PORT
from examples.upstream.app import app


def main() -> None:
    telemetry.set_up("llm-upstream")
    uvicorn.run(app, host=HOST, port=LLM_UPSTREAM_PORT, log_config=None, access_log=False, timeout_graceful_shutdown=3)


if __name__ == "__main__":
    main()
