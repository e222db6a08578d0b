"""Whom calls are accounted to: a team and a project, for a call, a context or the whole service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from ai_monitoring.llm.names import group_name

NONE: Final = "none"
"""The label's value where nobody was named."""


@dataclass(frozen=True, slots=True)
class Attribution:
    team: str | None = None
    project: str | None = None


_context: ContextVar[Attribution | None] = ContextVar("ai_monitoring_llm_attribution", default=None)
_service = Attribution()


@contextmanager
def attribution(*, team: str | None = None, project: str | None = None) -> Iterator[None]:
    """Account the calls of a block, or of a decorated function, to this team and project.

    What is not named stays as it is around the block. Holds for the tasks and coroutines that the block starts, too.
    """
    around = _context.get() or Attribution()
    token = _context.set(Attribution(team or around.team, project or around.project))
    try:
        yield
    finally:
        _context.reset(token)


def set_service_attribution(team: str | None, project: str | None) -> None:
    """What the service's calls are accounted to where no call and no context names anybody."""
    global _service
    _service = Attribution(team, project)


def labels(team: str | None = None, project: str | None = None) -> tuple[str, str]:
    """The labels `team` and `project`: of the call, else its context, else the service, else the environment's
    AI_MONITORING_TEAM and AI_MONITORING_PROJECT, else `none`.
    """
    context = _context.get() or Attribution()
    team = team or context.team or _service.team or os.environ.get("AI_MONITORING_TEAM")
    project = project or context.project or _service.project or os.environ.get("AI_MONITORING_PROJECT")
    return group_name(team or NONE), group_name(project or NONE)
