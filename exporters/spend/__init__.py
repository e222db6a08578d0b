"""The spend exporter: budgets, return on investment and reconciliation, as the ledger knows them."""
