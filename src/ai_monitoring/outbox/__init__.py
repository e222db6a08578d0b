"""Messages that the house itself sends: tests of the channels, digests, escalations. Standard library alone."""
