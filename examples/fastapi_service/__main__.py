"""Starts the service: `python -m examples.fastapi_service`, from the root of the repository."""

import uvicorn

from examples import logs
from examples.fastapi_service.app import app
from examples.settings import FASTAPI_PORT, HOST


def main() -> None:
    logs.set_up()
    uvicorn.run(app, host=HOST, port=FASTAPI_PORT, log_config=None, access_log=False, timeout_graceful_shutdown=3)


if __name__ == "__main__":
    main()
