"""The runbooks of docs/runbooks, as pages."""
