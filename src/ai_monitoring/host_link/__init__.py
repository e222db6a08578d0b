"""Lets containers on a bridge network watch services that listen on the host's own loopback, and nothing else of it."""
