"""`python -m ai_monitoring.stack`: where start_monitoring.py hands over to."""

import sys

from ai_monitoring.stack.commands import main

sys.exit(main(sys.argv[1:]))
