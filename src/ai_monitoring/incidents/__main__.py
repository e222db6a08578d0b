"""`python -m ai_monitoring.incidents PORT`: serve the receiver on loopback."""

import logging
import sys

import uvicorn

from ai_monitoring.incidents.receiver import receiver

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
uvicorn.run(receiver(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
