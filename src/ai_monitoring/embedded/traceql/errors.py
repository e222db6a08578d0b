"""What is wrong with a query, and where."""


class TraceQLError(Exception):
    """A query that is no TraceQL, or not supported; the message names the construct and its place."""

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        place = f"parse error at line {line}, col {column}: " if line else ""
        super().__init__(f"{place}{problem}")
