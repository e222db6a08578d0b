"""Tempo's HTTP API on port 3200: a trace by its identifier, searches, and the names and values of attributes."""
