"""The local engine: the stack as ordinary processes of the user, without Docker and without root."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ai_monitoring.stack import http, log_lines, parts, preflight, programs, runtime
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.notes import read_notes
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.status import PartStatus
from ai_monitoring.stack.supervision import MARK, Exit, Process, Supervision
from ai_monitoring.stack.terminal import Terminal

if TYPE_CHECKING:
    import psutil

HEALTHY_WITHIN = 60.0
"""Seconds that a part has from its start to its first healthy answer."""

_CRASHES_SHOWN_AFTER = 6.0


class LocalEngine:
    """Starts, changes and stops the local stack of one project folder."""

    name = "local"

    def __init__(self, settings: Settings, terminal: Terminal) -> None:
        self.settings = settings
        self.supervision = Supervision(settings)
        self._terminal = terminal
        self._programs = settings.runtime / "programs"
        self._started_file = settings.runtime / "started.json"
        self._surroundings_file = settings.runtime / "surroundings.json"
        self._digests_file = settings.runtime / "digests.json"

    def running(self) -> bool:
        """Whether the supervisor runs."""
        return self.supervision.running()

    def plan(self, *, demo: bool) -> list[Part]:
        """The parts of a start, with programs that are not here yet named where they will be."""
        if self.supervision.running():
            self._recall_path()
        here = programs.found(self._programs)
        unpacked = self._programs / "usr" / "bin"
        return self._parts(
            {key: here.get(key, unpacked / program.names[-1]) for key, program in programs.PROGRAMS.items()}, demo=demo
        )

    def start(self, *, demo: bool) -> list[Part]:
        """Bring everything up, or up to date, and wait until it is healthy. Returns the parts.

        Raises StackError when that fails; what this call had started is stopped again.
        """
        preflight.check_disk(self.settings)
        runtime.prepare(self.settings)
        with self._lock():
            running = self.supervision.running()
            if running:
                self._refuse_moved()
                self._recall_path()
            here = self._fetch_programs()
            names = set(self.supervision.processes()) if running else set()
            # A start without --demo leaves a running demo alone.
            wanted = self._parts(here, demo=demo or "traffic" in names)
            if not running:
                self.sweep()
            ports = self.started()
            held = [part for part in wanted if part.name in names and ports.get(part.name, part.port) == part.port]
            preflight.check_ports([part for part in wanted if part not in held])
            self._check_files(here, demo=demo)
            self._bring_up(wanted, running=running)
        return wanted

    def started(self) -> dict[str, int]:
        """The parts of the last start that succeeded, each with its port, or 0."""
        return read_notes(self._started_file)

    def stop(self, *, purge: bool = False) -> list[str]:
        """Stop everything, and with `purge` delete the runtime folder. Returns the names of the parts that ran."""
        if not self.settings.runtime.exists():
            return []
        with self._lock():
            names = self._stop()
        if purge:
            runtime.purge(self.settings)
        return names

    def halt(self, name: str) -> None:
        """End one part, and leave it so until `resume`. Raises StackError where it does not run."""
        self.supervision.halt(name)

    def resume(self, name: str) -> None:
        """Start a part that was halted."""
        self.supervision.resume(name)

    def parts(self) -> list[PartStatus]:
        """How each part of the last start is now, and whatever else the supervisor has."""
        processes, exits = self.supervision.processes(), self.supervision.exits()
        # A part that a later start had to give up is one that does not run, not one that never was.
        plan = [part for part in self.plan(demo=True) if part.name in {*processes, *self.started()}]
        gone = {part.name: Process(part.name, "STOPPED", 0, 0.0, "") for part in plan}
        return [_status(part, (gone | processes)[part.name], exits.get(part.name, [])) for part in plan]

    def problems(self) -> list[str]:
        """What is wrong with the engine itself: processes that outlived their supervisor."""
        names = "" if self.running() else ", ".join(self.leftovers())
        return [f"The supervisor has ended, but these still run: {names}. Start again, or stop."] if names else []

    def _stop(self) -> list[str]:
        names: list[str] = []
        if self.supervision.running():
            names = sorted(self.supervision.processes())
            self.supervision.stop()
        runtime.demo_targets(self.settings).unlink(missing_ok=True)
        return names + [name for name in self.sweep() if name not in names]

    def sweep(self) -> list[str]:
        """End the processes of this runtime folder that outlived their supervisor. Returns their names."""
        left = self._leftovers()
        if not left:
            return []
        import psutil

        for process in left:
            with suppress(psutil.Error):
                process.terminate()
        for process in psutil.wait_procs(left, timeout=10)[1]:
            with suppress(psutil.Error):
                process.kill()
        return sorted({process.info["name"] for process in left})

    def leftovers(self) -> list[str]:
        """The names of processes that outlived their supervisor."""
        return sorted({process.info["name"] for process in self._leftovers()}) if self.settings.runtime.exists() else []

    def _leftovers(self) -> "list[psutil.Process]":
        try:
            # Not at the top: see preflight.
            import psutil
        except ModuleNotFoundError:
            # Where containers alone ran, there is no environment to hold it, and nothing to find.
            if not self.supervision.was_started():
                return []
            raise

        mark = str(self.settings.runtime)
        return [
            process
            for process in psutil.process_iter(["name", "environ", "status"])
            if (process.info["environ"] or {}).get(MARK) == mark and process.info["status"] != psutil.STATUS_ZOMBIE
        ]

    def _parts(self, here: dict[str, Path], *, demo: bool) -> list[Part]:
        every = [*parts.watch(self.settings, here), *(parts.demo(self.settings) if demo else [])]
        return [part for part in every if part.name not in self.settings.leave_out]

    def _fetch_programs(self) -> dict[str, Path]:
        with self._terminal.step("Programs") as step:
            here = dict(programs.fetch_missing(self._programs))
            shown = [key for key in here if not key.endswith("tool")]
            step.detail = ", ".join(f"{programs.PROGRAMS[key].title} {programs.version(here[key])}" for key in shown)
        return here

    def _check_files(self, here: dict[str, Path], *, demo: bool) -> None:
        with self._terminal.step("Configuration") as step:
            staged = runtime.stage(self.settings)
            preflight.check_files(self.settings, here, staged)
            runtime.put_in_place(self.settings, staged, demo=demo)
            step.detail = preflight.valid_files(self.settings)

    def _bring_up(self, wanted: Sequence[Part], *, running: bool) -> None:
        started: list[str] = []
        try:
            self.supervision.write(wanted)
            if running:
                started = self.supervision.update()
                self._reload_changed(exclude=started)
            else:
                self.supervision.start()
            for part in wanted:
                with self._terminal.step(part.title) as step:
                    self._wait(part)
                    step.detail = part.address or "running"
        except BaseException:
            # Ctrl-C included: what this start began does not stay half-started.
            if running:
                self.supervision.remove(started)
                if "traffic" in started:
                    runtime.demo_targets(self.settings).unlink(missing_ok=True)
            else:
                self._stop()
            raise
        self._digests_file.write_text(json.dumps(runtime.digests(self.settings)), encoding="utf-8")
        ports = {part.name: part.port for part in wanted}
        self._started_file.write_text(json.dumps(ports), encoding="utf-8")
        surroundings = {"path": os.environ.get("PATH", os.defpath), "root": str(self.settings.root)}
        self._surroundings_file.write_text(json.dumps(surroundings), encoding="utf-8")

    def _recall_path(self) -> None:
        """Look for programs where the start of what runs found them: cron's PATH is not a terminal's."""
        os.environ["PATH"] = read_notes(self._surroundings_file).get("path") or os.environ.get("PATH", os.defpath)

    def _refuse_moved(self) -> None:
        root = read_notes(self._surroundings_file).get("root", str(self.settings.root))
        if root != str(self.settings.root):
            raise StackError(
                f"This folder was moved from {root} while its stack ran.",
                "Stop it, then start again: python3 start_monitoring.py stop",
            )

    def _reload_changed(self, exclude: Sequence[str]) -> None:
        before = read_notes(self._digests_file)
        for name, digest in runtime.digests(self.settings).items():
            if before.get(name) != digest and name not in exclude:
                self.supervision.reload(name)
                self._terminal.line(f"        {name}: its files have changed, it reads them again")

    def _wait(self, part: Part) -> None:
        start = time.monotonic()
        while not healthy(part, process := self.supervision.processes()[part.name]):
            waited = time.monotonic() - start
            if waited > HEALTHY_WITHIN or (process.state == "BACKOFF" and waited > _CRASHES_SHOWN_AFTER):
                what = "keeps ending" if process.state == "BACKOFF" else f"is not healthy after {waited:.0f} s"
                raise StackError(
                    f"{part.title} {what}. Its last words:\n{self._last_words(part)}", "Mend that, then start again."
                )
            time.sleep(0.1)

    def log(self, name: str, count: int, *, follow: bool) -> Iterator[str]:
        """A part's last lines, and with `follow` each further one. Raises StackError for a name that is none."""
        names = sorted(path.stem for path in self.log_file("*").parent.glob("*.log"))
        if name not in names:
            there = (
                f"There are: {', '.join(names)}." if names else "Nothing was started yet: python3 start_monitoring.py"
            )
            raise StackError(f"There is no log of {name!r}.", there)
        return log_lines.tail(self.log_file(name), count, follow=follow)

    def log_file(self, name: str) -> Path:
        """Where a part's output goes."""
        return self.settings.runtime / "logs" / f"{name}.log"

    def _last_words(self, part: Part) -> str:
        file = self.log_file(part.name)
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[-6:] if file.exists() else []
        return "\n".join(f"  {line}" for line in lines) or "  (it wrote nothing)"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.settings.runtime / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StackError(
                    "A start or stop of this stack is under way.", "Wait for it to end, then look with `status`."
                ) from error
            yield


def healthy(part: Part, process: Process) -> bool:
    """Whether the part's process runs and says that it is ready."""
    return process.state == "RUNNING" and (not part.port or http.answers(f"{part.address}{part.ready}"))


def _status(part: Part, process: Process, exits: Sequence[Exit]) -> PartStatus:
    return PartStatus(
        name=part.name,
        title=part.title,
        state=process.state.lower(),
        healthy=healthy(part, process),
        address=part.address,
        pid=process.pid,
        uptime_seconds=process.uptime_seconds,
        restarts=len(exits),
        last_exit=f"{exits[-1].time}, {exits[-1].why}" if exits else "",
    )
