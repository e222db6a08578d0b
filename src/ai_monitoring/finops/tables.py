"""The ledger's two tables, alike in every database.

Amounts are whole billionths of the currency: a token of the cheapest models costs less than a millionth, sums of whole
numbers are exact in every database, and 64 bits hold nine billions. Each entry is rounded once, by at most half a
billionth. The totals are those of quarter hours, which the days of every time zone are made of, so that a month's sum
reads thousands of rows and not millions, and entries can be forgotten. Both are written in one transaction.
"""

from sqlalchemy import BigInteger, Column, MetaData, String, Table

QUARTER = 900
"""Seconds."""

METADATA = MetaData()
_WHOSE = ("provider", "model", "team", "project", "currency")
SUMS = ("calls", "unpriced", "cost", "saved", "value", "input_tokens", "output_tokens")
GROUP = ("quarter", *_WHOSE)

ENTRIES = Table(
    "ai_ledger_entries",
    METADATA,
    Column("request", String(32), primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    *(Column(name, String(128), nullable=False) for name in _WHOSE),
    *(Column(name, BigInteger, nullable=False) for name in SUMS[1:]),
)
TOTALS = Table(
    "ai_ledger_totals",
    METADATA,
    Column("quarter", BigInteger, primary_key=True, autoincrement=False),
    *(Column(name, String(128), primary_key=True) for name in _WHOSE),
    *(Column(name, BigInteger, nullable=False) for name in SUMS),
)
GAPS = Table(
    "ai_ledger_gaps",
    METADATA,
    Column("provider", String(128), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("currency", String(128), nullable=False),
    Column("booked", BigInteger, nullable=False),
    Column("billed", BigInteger, nullable=False),
)
"""Of each provider the last reconciliation with its bill."""
