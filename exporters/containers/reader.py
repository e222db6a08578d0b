"""One reading of all containers, in parallel and within a bounded time."""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from exporters.containers.container import Container, name_of, read
from exporters.containers.docker import Docker, DockerError, NotFoundError
from exporters.containers.tallies import OOMKills, Restarts

SECONDS = 8.0
"""Prometheus waits ten."""
MAX_CONTAINERS = 500
_OOM = quote(json.dumps({"type": ["container"], "event": ["oom"]}))

logger = logging.getLogger("exporters.containers")


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read now; `complete` where that is everything."""

    complete: bool = False
    containers: list[Container] = field(default_factory=list)
    restarts: dict[str, int] = field(default_factory=dict)
    oom_kills: dict[str, int] = field(default_factory=dict)


class Reader:
    """Reads an engine again and again, one reading at a time."""

    def __init__(self, docker: Docker, seconds: float = SECONDS, max_containers: int = MAX_CONTAINERS) -> None:
        self._docker = docker
        self._seconds = seconds
        self._max_containers = max_containers
        self._restarts = Restarts()
        self._oom_kills = OOMKills()
        self._events_since: int | None = None
        self._problem = ""

    async def read(self) -> Reading:
        """The state now. What cannot be read is missing, and logged once."""
        problems: list[str] = []
        reading = Reading()
        try:
            async with asyncio.timeout(self._seconds):
                reading = await self._read(problems)
        except TimeoutError:
            problems.append(f"{self._docker.address} does not tell of all containers within {self._seconds:g} seconds")
        except (DockerError, KeyError, TypeError, AttributeError) as error:
            problems.append(_words(error))
        self._log(problems)
        return reading

    async def _read(self, problems: list[str]) -> Reading:
        answer = await self._docker.get("/containers/json?all=true")
        listed = sorted(answer.json(), key=lambda one: one["Created"])
        if len(listed) > self._max_containers:
            problems.append(f"only the {self._max_containers} oldest of {len(listed)} containers are read")
            listed = listed[: self._max_containers]
        kills, containers = await asyncio.gather(
            self._kills(answer.time, problems), asyncio.gather(*(self._container(one, problems) for one in listed))
        )
        present = {name_of(one) for one in listed}
        found = [container for container in containers if container is not None]
        return Reading(
            complete=not problems,
            containers=found,
            restarts=self._restarts.add(found, present),
            oom_kills={} if kills is None else self._oom_kills.add(kills, present),
        )

    async def _container(self, listed: dict[str, Any], problems: list[str]) -> Container | None:
        path = f"/containers/{listed['Id']}"
        try:
            inspected = (await self._docker.get(f"{path}/json")).json()
            stats = None
            if inspected["State"]["Status"] == "running":
                stats = (await self._docker.get(f"{path}/stats?stream=false&one-shot=true")).json()
            return read(listed, inspected, stats)
        except NotFoundError:
            return None  # removed since it was listed
        except (DockerError, KeyError, TypeError, AttributeError) as error:
            problems.append(_words(error))
            return None

    async def _kills(self, now: int, problems: list[str]) -> list[str] | None:
        """The names of the containers that ran out of memory since the last reading, by the engine's clock."""
        since = self._events_since
        try:
            # Both ends are whole seconds that lie in the past, so that the answer ends.
            answer = await self._docker.get(f"/events?since={since or now}&until={now}&filters={_OOM}")
            names = [event["Actor"]["Attributes"]["name"] for event in answer.json_lines()]
        except (DockerError, KeyError, TypeError, AttributeError) as error:
            problems.append(_words(error))
            return None
        self._events_since = now
        return names if since is not None else []

    def _log(self, problems: list[str]) -> None:
        problem = problems[0] if problems else ""
        if problem and problem != self._problem:
            logger.warning("The containers cannot be read in full: %s", problem)
        self._problem = problem


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, DockerError) else f"the engine's answer is not as documented: {error!r}"
