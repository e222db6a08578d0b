"""The demo: three services under watch, and their traffic."""
