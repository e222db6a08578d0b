"""Why the store does not take what it is given. The messages are for whoever sent it."""


class WriteError(Exception):
    """Nothing of this write was kept; the sender may try again later."""


class StoreFullError(WriteError):
    """There is no room on the disk. The next write that fits is taken."""


class OverloadedError(WriteError):
    """More waits to be written than may wait."""
