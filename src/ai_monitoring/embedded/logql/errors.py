"""What may be wrong with a query. Each message is for the person who typed it."""


class LogQLError(Exception):
    """A query cannot be answered."""


class SyntaxProblemError(LogQLError):
    """The query is not LogQL, or uses what this backend does not support. `line` and `column` count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"parse error at line {line}, col {column}: {message}")
        self.line = line
        self.column = column


class PipelineError(LogQLError):
    """A line of a metric query could not be parsed or converted."""


class LimitError(LogQLError):
    """The query asks for more than it may; the message names the limit."""
