"""`ai-monitoring reconcile`: a provider's bill beside the ledger."""

import argparse
import json
import os
import time
from pathlib import Path

from ai_monitoring.configuration import ConfigurationError, load_config
from ai_monitoring.finops.database import VARIABLE, LedgerError
from ai_monitoring.finops.export_file import ExportError, read_export
from ai_monitoring.finops.gaps import keep
from ai_monitoring.finops.ledger import Ledger
from ai_monitoring.finops.reconciliation import Comparison, reconcile
from ai_monitoring.stack import settings
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.parts import ledger_address
from ai_monitoring.stack.terminal import Terminal, table

APART = 3
"""Exit status where the gap is at least the tolerance."""


def run(options: argparse.Namespace) -> int:
    """Compare, keep the gap for the metric, and print it. Raises StackError."""
    try:
        compared = _compare(options.file)
    except ExportError as error:
        raise StackError(f"{error}.", "Export it again, or correct that place.") from error
    except ConfigurationError as error:
        raise StackError(f"{error}.", "Correct monitoring.yaml.") from error
    except LedgerError as error:
        raise StackError(f"{error}.", f"Name the ledger in {VARIABLE}; docs/finops.md tells where it lies.") from error
    if options.json:
        print(json.dumps(_json(compared), indent=2))
    else:
        _print(compared, Terminal())
    return APART if abs(compared.whole.ratio) >= options.tolerance else 0


def _compare(file: Path) -> Comparison:
    export = read_export(file)
    now = settings.load()
    here = now.root / "monitoring.yaml"
    configuration = load_config(here if here.exists() and not os.environ.get("AI_MONITORING_CONFIG") else None)
    with Ledger(os.environ.get(VARIABLE) or ledger_address(now)) as ledger:
        compared = reconcile(export, ledger, configuration, time.time())
        keep(ledger, compared.whole)
    return compared


def _print(compared: Comparison, terminal: Terminal) -> None:
    whole = compared.whole
    rows = [
        (str(row.day), row.model, f"{row.booked:.4f}", f"{row.billed:.4f}", f"{row.gap:+.4f}") for row in compared.rows
    ]
    for line in table([("day", "model", "booked", "billed", "gap"), *rows]):
        terminal.line(line)
    terminal.line(
        f"\n{whole.provider}: {whole.booked:.4f} {whole.currency} booked, {whole.billed:.4f} billed, "
        f"{whole.billed - whole.booked:+.4f} apart ({whole.ratio:+.1%} of the bill)"
    )
    if compared.unpriced:
        terminal.line(terminal.warning(f"Without a price, and so counted as 0: {', '.join(compared.unpriced)}"))


def _json(compared: Comparison) -> dict[str, object]:
    """Amounts as texts, exact."""
    whole = compared.whole
    return {
        "provider": whole.provider,
        "currency": whole.currency,
        "booked": str(whole.booked),
        "billed": str(whole.billed),
        "gap": str(whole.billed - whole.booked),
        "gap_ratio": whole.ratio,
        "unpriced": list(compared.unpriced),
        "rows": [
            {
                "day": str(row.day),
                "model": row.model,
                "booked": str(row.booked),
                "billed": str(row.billed),
                "gap": str(row.gap),
            }
            for row in compared.rows
        ],
    }
