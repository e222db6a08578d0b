"""The one error that a user of the launcher sees."""


class StackError(Exception):
    """What went wrong, in one sentence, and what to do about it, in another."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy
