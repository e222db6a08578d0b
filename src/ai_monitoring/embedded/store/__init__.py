"""Where log lines and spans are kept: one SQLite file. Imports nothing of ingest, query or viewer."""
