"""TraceQL, Grafana Tempo's query language: its grammar, and the search for traces that a query means."""
