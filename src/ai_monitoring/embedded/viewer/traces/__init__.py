"""The pages of traces: a search, and the waterfall of one."""
