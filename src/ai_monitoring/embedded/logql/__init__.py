"""LogQL, Loki's query language: its grammar, pipelines over lines, and evaluation over the store."""
