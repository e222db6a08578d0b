"""The supervisor (supervisord.org) that keeps the local stack's parts running after the launcher has ended."""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai_monitoring.stack import environment
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import Settings

MARK = "AI_MONITORING_RUNTIME"
"""Set in every part's environment to its runtime folder, so that what outlives its supervisor can be found."""

_SOCKET_PATH_LIMIT = 100  # bytes; Linux allows 107
_EXITED = re.compile(r"^(?P<time>\S+ [\d:]+),\d+ \w+ exited: (?P<name>\S+) \((?P<why>.*)\)$")
_STARTED = "supervisord started with pid"


@dataclass(frozen=True, slots=True)
class Process:
    """One part as the supervisor sees it. `state` is its word for it: RUNNING, STARTING, BACKOFF, STOPPED, …"""

    name: str
    state: str
    pid: int
    uptime_seconds: float
    problem: str


@dataclass(frozen=True, slots=True)
class Exit:
    """A part's unwanted end, after which it was started again."""

    time: str
    why: str


class Supervision:
    """Starts, watches and stops the supervisor of one runtime folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.runtime / "supervisord.conf"
        self._log = settings.runtime / "logs" / "supervisor.log"
        self._socket = _socket_path(settings.runtime)

    def was_started(self) -> bool:
        """Whether a supervisor was ever started here."""
        return self._file.exists()

    def running(self) -> bool:
        """Whether the supervisor answers."""
        try:
            self._call("getState")
        except (OSError, ImportError, xmlrpc.client.Error):
            return False
        return True

    def _listens(self) -> bool:
        """Whether the supervisor is there at all; while it shuts down it answers every question with a refusal."""
        try:
            self._call("getState")
        except xmlrpc.client.Fault:
            return True
        except OSError:
            return False
        return True

    def write(self, parts: Sequence[Part]) -> None:
        """Write the supervisor's configuration for these parts."""
        folder = self._socket.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            raise StackError(
                f"{folder} belongs to another user.", "Have it deleted, or move the project to a shorter path."
            )
        self._file.write_text(_configuration(self._settings, parts, self._socket, self._log), encoding="utf-8")

    def start(self) -> None:
        """Start the supervisor as a daemon of its own session. Raises StackError when it does not come up."""
        command = [str(environment.python(self._settings.root)), "-m", "supervisor.supervisord", "-c", str(self._file)]
        result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if result.returncode != 0:
            reason = (result.stderr.strip() or result.stdout.strip()).splitlines()[-1:]
            raise StackError(f"The supervisor did not start: {' '.join(reason)}", f"See {self._file}.")
        deadline = time.monotonic() + 15
        while not self.running():
            if time.monotonic() > deadline:
                raise StackError("The supervisor did not answer within 15 s.", f"See {self._log}.")
            time.sleep(0.05)

    def update(self) -> list[str]:
        """Take up a rewritten configuration: start what is new, restart what changed. Returns those parts' names."""
        [[added, changed, removed]] = self._call("reloadConfig")
        for name in (*changed, *removed):
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in (*added, *changed):
            self._call("addProcessGroup", name)
        return [*added, *changed]

    def remove(self, names: Sequence[str]) -> None:
        """Stop these parts and forget them."""
        for name in names:
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)

    def halt(self, name: str) -> None:
        """End one part's process. Raises StackError where it does not run."""
        try:
            self._call("stopProcess", name)
        except xmlrpc.client.Fault as error:
            raise StackError(
                f"{name} cannot be stopped: {error.faultString}.", "See: python3 start_monitoring.py status"
            ) from error

    def resume(self, name: str) -> None:
        """Start a part that was halted, unless somebody else has, or has stopped the whole."""
        with suppress(xmlrpc.client.Fault, OSError):
            self._call("startProcess", name)

    def processes(self) -> dict[str, Process]:
        """The parts under supervision, by name."""
        return {info["name"]: _process(info) for info in self._call("getAllProcessInfo")}

    def reload(self, name: str) -> None:
        """Make a part read its files again."""
        self._call("signalProcess", name, "HUP")

    def exits(self) -> dict[str, list[Exit]]:
        """The unwanted ends of each part since the supervisor started, oldest first."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines() if self._log.exists() else []
        start = max((number for number, line in enumerate(lines) if _STARTED in line), default=0)
        exits: dict[str, list[Exit]] = {}
        for match in filter(None, map(_EXITED.match, lines[start:])):
            exits.setdefault(match["name"], []).append(Exit(match["time"], match["why"].partition(";")[0]))
        return exits

    def stop(self) -> None:
        """Stop every part, then the supervisor; returns when it is gone."""
        self._call("shutdown")
        deadline = time.monotonic() + 60
        while self._listens() and time.monotonic() < deadline:
            time.sleep(0.1)
        if self._socket.parent != self._settings.runtime:
            shutil.rmtree(self._socket.parent, ignore_errors=True)

    def _call(self, method: str, *arguments: object) -> Any:
        # Not at the top: the launcher plans before the environment that holds this package is made.
        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(None, None, serverurl=f"unix://{self._socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


def _process(info: dict[str, Any]) -> Process:
    uptime = info["now"] - info["start"] if info["statename"] == "RUNNING" else 0.0
    return Process(info["name"], info["statename"], info["pid"], max(0.0, uptime), info["spawnerr"])


def _socket_path(runtime: Path) -> Path:
    path = runtime / "supervisor.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT:
        return path
    short = hashlib.sha256(os.fsencode(runtime)).hexdigest()[:12]
    # Not $TMPDIR: cron's and a terminal's may differ, and both must find it.
    return Path("/tmp") / f"ai-monitoring-{os.getuid()}-{short}" / "supervisor.sock"  # noqa: S108  # 0700, see `write`


def _configuration(settings: Settings, parts: Sequence[Part], socket: Path, log: Path) -> str:
    head = f"""\
; Written at each start by the launcher: changes made here are lost.
[supervisord]
logfile = {_escaped(log)}
logfile_maxbytes = 10MB
logfile_backups = 1
pidfile = {_escaped(settings.runtime / "supervisor.pid")}
directory = {_escaped(settings.runtime)}
umask = 077
environment = {_environment({MARK: str(settings.runtime)}, expanded=2)}

[unix_http_server]
file = {_escaped(socket)}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    return head + "".join(_program(settings, part) for part in parts)


def _program(settings: Settings, part: Part) -> str:
    # A part that cannot start is tried again for good, ever more slowly: a full disk or a database may come back.
    return f"""
[program:{part.name}]
command = {_escaped(shlex.join(part.command))}
environment = {_environment(part.environment)}
autorestart = true
startsecs = 1
startretries = 1000000
stopasgroup = true
killasgroup = true
stopwaitsecs = 10
redirect_stderr = true
stdout_logfile = {_escaped(settings.runtime / "logs" / f"{part.name}.log", expanded=2)}
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 2
"""


def _environment(variables: Mapping[str, str], expanded: int = 1) -> str:
    quoted = {name: f"'{value}'" if '"' in value else f'"{value}"' for name, value in variables.items()}
    return ",".join(f"{name}={_escaped(value, expanded)}" for name, value in quoted.items())


def _escaped(text: object, expanded: int = 1) -> str:
    """The text as supervisor's parser gives it back.

    It takes # or ; after a space for a comment, and expands % once in most values, twice in some.
    """
    return re.sub(r"(?<=\s)[#;]", r"%(here).0s\g<0>", str(text).replace("%", "%" * 2**expanded))
