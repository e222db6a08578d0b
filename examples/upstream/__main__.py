"""Starts the upstream: `python -m examples.upstream`, from the root of the repository."""

import uvicorn

from examples import logs
from examples.settings import HOST, LLM_UPSTREAM_PORT
from examples.upstream.app import app


def main() -> None:
    logs.set_up()
    uvicorn.run(app, host=HOST, port=LLM_UPSTREAM_PORT, log_config=None, access_log=False, timeout_graceful_shutdown=3)


if __name__ == "__main__":
    main()
