"""Processes that expose what no application can."""
