"""Loki's HTTP API for queries, over the store."""
