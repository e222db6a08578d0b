"""The first page: what is healthy, at a glance."""
