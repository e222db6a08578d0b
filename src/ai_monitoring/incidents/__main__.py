"""`python -m ai_monitoring.incidents PORT`: serve the receiver on loopback, or where AI_MONITORING_HOST says."""

import logging
import os
import sys

import uvicorn

from ai_monitoring.incidents.receiver import receiver

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
host = os.environ.get("AI_MONITORING_HOST", "127.0.0.1")
uvicorn.run(receiver(), host=host, port=int(sys.argv[1]), log_level="warning", access_log=False)
