"""`python -m ai_monitoring.cli`: the command where no environment holds it."""

import sys

from ai_monitoring.cli.arguments import main

sys.exit(main())
