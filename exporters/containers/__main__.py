"""`python -m exporters.containers PORT`: serve the exporter.

It listens on `AI_MONITORING_HOST`, or on loopback, and reads the engine at `DOCKER_HOST`.
"""

import logging
import os
import sys

import uvicorn

from exporters.containers.app import exporter
from exporters.containers.docker import Docker
from exporters.containers.reader import Reader

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
try:
    docker = Docker(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
except ValueError as error:
    sys.exit(str(error))
host = os.environ.get("AI_MONITORING_HOST", "127.0.0.1")
uvicorn.run(exporter(Reader(docker)), host=host, port=int(sys.argv[1]), log_level="warning", access_log=False)
