"""`python -m exporters.spend PORT`: serve the exporter.

It listens on `AI_MONITORING_HOST`, or on loopback. Budgets are those of monitoring.yaml, the ledger is where
`AI_MONITORING_LEDGER` or that file says. A request is remembered for `AI_MONITORING_LEDGER_DAYS`, or 90 days.
"""

import logging
import os
import sys

import uvicorn

from ai_monitoring.configuration import ConfigurationError, load_config
from ai_monitoring.finops.database import address
from exporters.spend.app import exporter
from exporters.spend.reader import Reader

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
try:
    configuration = load_config()
    days = float(os.environ.get("AI_MONITORING_LEDGER_DAYS") or "90")
except ConfigurationError as error:
    sys.exit(str(error))
except ValueError:
    sys.exit("AI_MONITORING_LEDGER_DAYS is not a number of days such as 90")
host = os.environ.get("AI_MONITORING_HOST", "127.0.0.1")
reader = Reader(configuration, address(configuration), days)
uvicorn.run(exporter(reader), host=host, port=int(sys.argv[1]), log_level="warning", access_log=False)
