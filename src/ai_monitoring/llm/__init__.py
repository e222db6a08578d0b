"""Calls to language models and retrieval, under watch."""
