"""The alerts that fire, those that did, and the way to their runbooks."""
