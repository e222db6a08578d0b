"""`python -m ai_monitoring.embedded --help` tells the options; start_monitoring.py gives them."""

import asyncio
import logging
import os
import sys

from ai_monitoring.embedded.arguments import arguments
from ai_monitoring.embedded.process import run
from ai_monitoring.embedded.store.database import DatabaseError

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
logging.getLogger("httpx2").setLevel(logging.WARNING)
try:
    asyncio.run(run(arguments()))
except (OSError, DatabaseError) as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    sys.exit(130)
sys.stdout.flush()
# The store is closed. Threads with a query would keep the process until it is done, though nobody waits for the answer.
os._exit(0)
