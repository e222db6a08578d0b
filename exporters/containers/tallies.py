"""What Docker does not count so that `increase()` can be taken of it."""

from collections.abc import Collection, Iterable

from exporters.containers.container import Container


class Restarts:
    """Restarts by name since the first reading.

    Docker's own count is that of one container and starts again at 0 with a start by hand; this one goes on when a
    container is made anew. What was counted before the first reading is no news; a container that comes later counts
    whole.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[str, int]] = {}
        self._totals: dict[str, int] = {}
        self._began = False

    def add(self, containers: Iterable[Container], present: Collection[str]) -> dict[str, int]:
        """The totals after this reading; `present` are the names that exist, read or not. The others are forgotten."""
        for container in containers:
            self._totals[container.name] = self._totals.get(container.name, 0) + self._new(container)
            self._last[container.name] = (container.id, container.restarts)
        for name in self._last.keys() - set(present):
            del self._last[name], self._totals[name]
        self._began = True
        return dict(self._totals)

    def _new(self, container: Container) -> int:
        if container.name not in self._last:
            return container.restarts if self._began else 0
        id_, before = self._last[container.name]
        goes_on = id_ == container.id and container.restarts >= before
        return container.restarts - before if goes_on else container.restarts


class OOMKills:
    """Kills by name since the first reading, one for each `oom` event.

    `State.OOMKilled` is of the last run alone, and tells one kill from several as little as it sees a kill that the
    container survived.
    """

    def __init__(self) -> None:
        self._totals: dict[str, int] = {}

    def add(self, names: Iterable[str], present: Collection[str]) -> dict[str, int]:
        """The totals of the containers that exist, after these kills. Those of others are forgotten."""
        totals = {name: self._totals.get(name, 0) for name in present}
        for name in names:
            if name in totals:
                totals[name] += 1
        self._totals = totals
        return totals
