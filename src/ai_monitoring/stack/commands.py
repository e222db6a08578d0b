"""The launcher's command line: `start` (the default), `status`, `logs`, `stop`."""

import argparse
import json
import os
import shlex
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Sequence

from ai_monitoring import __version__
from ai_monitoring.stack import archive, engine, environment, preflight, programs, report, settings, status
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.local import LocalEngine
from ai_monitoring.stack.log_lines import readable
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.terminal import Terminal

NOT_RUNNING = 3
"""Exit status of `status` when nothing runs, as the Linux Standard Base has it; 1 is for a part that is not healthy."""


INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


Choice = tuple[engine.Engine, str]


class Options(argparse.Namespace):
    """The command line, understood."""

    verb: str | None
    demo: bool
    engine: str
    dry_run: bool
    yes: bool
    json: bool
    name: str
    follow: bool
    lines: int
    purge: bool
    choice: Choice | None = None

    @property
    def makes_environment(self) -> bool:
        """Whether Python's packages must be there before this can be done."""
        return self.verb is None and not self.dry_run


def arguments(argv: Sequence[str]) -> Options:
    """Parse the command line; prints help or what is wrong with it, and exits, as argparse does."""
    parser = argparse.ArgumentParser(
        prog="start_monitoring.py",
        description="Bring up the whole watch over your AI services, and wait until it is healthy.",
    )
    parser.add_argument("--version", action="version", version=f"ai-monitoring {__version__}")
    parser.add_argument("--demo", action="store_true", help="start three example services and their traffic as well")
    parser.add_argument("--engine", choices=("auto", "docker", "local"), default="auto", help="default: auto")
    parser.add_argument("--dry-run", action="store_true", help="print the plan, and change nothing")
    parser.add_argument("--yes", action="store_true", help="answer every question with yes")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs, for a stack that runs")
    of_status = verbs.add_parser(
        "status",
        help="parts, declared services and alerts; exit status 0, 1 (something is not well) or 3 (not running)",
    )
    of_status.add_argument("--json", action="store_true", help="for programs")
    of_logs = verbs.add_parser("logs", help="what a part has written")
    of_logs.add_argument("name", metavar="NAME", help="a part's name, as status shows it, or supervisor")
    of_logs.add_argument("-f", "--follow", action="store_true", help="go on as more is written")
    of_logs.add_argument("-n", "--lines", type=_count, default=100, help="how many of the last lines; default: 100")
    of_stop = verbs.add_parser("stop", help="stop everything; data and logs are kept")
    of_stop.add_argument(
        "--purge", action="store_true", help="delete data, logs, secrets and downloaded programs as well"
    )
    of_stop.add_argument("--yes", action="store_true", default=argparse.SUPPRESS, help="do not ask before deleting")
    return parser.parse_args(argv, namespace=Options())


def main(argv: Sequence[str], chosen: Choice | None = None) -> int:
    """Do what the command line says, a start on the engine that was `chosen` for it. Returns the exit status."""
    options, terminal = arguments(argv), Terminal()
    options.choice = chosen
    verbs: dict[str | None, Callable[[Options, Settings, Terminal], int]] = {
        None: _start,
        "status": _status,
        "logs": _logs,
        "stop": _stop,
    }
    try:
        return verbs[options.verb](options, settings.load(), terminal)
    except StackError as error:
        return _failed(error.problem, error.remedy)
    except KeyboardInterrupt:
        begun = "; what this start had begun is stopped again" if options.verb is None else ""
        return _failed(f"Interrupted{begun}.", "Look with: python3 start_monitoring.py status", INTERRUPTED)
    except BrokenPipeError:
        # Who reads has seen enough, as in `logs NAME | head`: nothing more is written, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except ModuleNotFoundError as error:
        return _failed(
            f"The Python environment .venv is missing, or was made in another place: there is no {error.name}.",
            "Make it again by a start: python3 start_monitoring.py",
        )
    except xmlrpc.client.Error as error:
        return _failed(f"The supervisor refuses: {error}.", "Another start or stop may be under way: try again.")
    except FileNotFoundError as error:
        return _failed(f"{error.filename} is missing.", "Restore it, for example with git, then try again.")
    except OSError as error:
        what = f"{error.filename}: {error.strerror}." if error.filename else f"{error}."
        return _failed(what, "Set the rights or make room, then try again.")


def _failed(problem: str, remedy: str, status: int = 1) -> int:
    errors = Terminal(sys.stderr)
    errors.line(f"\n{errors.bad(problem)}\n{remedy}")
    return status


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of lines")
    return int(text)


_REASON = "AI_MONITORING_LOCAL_BECAUSE"
"""Why the local engine was chosen, from the front door to the launcher inside .venv, so that Docker is asked once."""


def choice(options: Options) -> Choice:
    """The engine of this start, and why it is that one, before anything is made for it.

    Raises SystemExit, having said what speaks against the start.
    """
    try:
        chosen, terminal = settings.load(), Terminal()
        if _REASON in os.environ and options.engine != "docker":
            return LocalEngine(chosen, terminal), os.environ[_REASON]
        on, reason = engine.choose(options.engine, chosen, terminal)
        if isinstance(on, LocalEngine):
            os.environ[_REASON] = reason
            preflight.check_disk(chosen)
            # Without an environment nothing of this folder runs, so whoever holds a port is a stranger.
            if not environment.python(chosen.root).exists():
                preflight.check_ports(on.plan(demo=options.demo))
    except StackError as error:
        sys.exit(_failed(error.problem, error.remedy))
    return on, reason


def _start(options: Options, chosen: Settings, terminal: Terminal) -> int:
    begin = time.monotonic()
    on, reason = options.choice or engine.choose(options.engine, chosen, terminal)
    terminal.line(f"{terminal.bold(f'ai-monitoring {__version__}')}, {on.name} engine ({reason})")
    for warning in (*chosen.warnings, *on.problems()):
        terminal.line(terminal.warning(warning))
    if options.dry_run:
        return _show_plan(options, on, terminal)
    parts = on.start(demo=options.demo)
    terminal.line(f"\n{terminal.good('Everything is healthy')} after {time.monotonic() - begin:.1f} s.\n")
    report.addresses(parts, chosen, terminal)
    return 0


def _show_plan(options: Options, on: engine.Engine, terminal: Terminal) -> int:
    terminal.line(f"Files:     {on.settings.runtime}")
    if isinstance(on, LocalEngine):
        _show_downloads(on.settings, terminal)
    terminal.line("Start:")
    for part in on.plan(demo=options.demo):
        terminal.line(
            f"  {part.title}{f', port {part.port}' if part.port else ''}\n    {part.image or shlex.join(part.command)}"
        )
    return 0


def _show_downloads(chosen: Settings, terminal: Terminal) -> None:
    here = programs.found(chosen.runtime / "programs")
    packages = sorted({program.package for key, program in programs.PROGRAMS.items() if key not in here})
    ready = environment.made(chosen.root)
    terminal.line(f"Python:    {'.venv is there' if ready else '.venv, with packages from the Python Package Index'}")
    if not packages:
        terminal.line("Download:  nothing")
    elif archive.available():
        terminal.line(f"Download:  {', '.join(packages)} from the system's package archive")
    else:
        terminal.line(f"Missing:   {', '.join(packages)}, and this system has no apt archive. {programs.advice()}")


def _status(options: Options, chosen: Settings, terminal: Terminal) -> int:
    now = status.read(engine.running(chosen, terminal) or LocalEngine(chosen, terminal))
    if options.json:
        terminal.line(json.dumps(now.as_json(), indent=2))
    else:
        report.status(now, terminal)
    if not now.running:
        return NOT_RUNNING
    return 0 if now.healthy else 1


def _logs(options: Options, chosen: Settings, terminal: Terminal) -> int:
    on = engine.running(chosen, terminal) or LocalEngine(chosen, terminal)
    for line in on.log(options.name, options.lines, follow=options.follow):
        # JSON lines are for programs, so a pipe gets them as they are.
        terminal.line(readable(line) if terminal.is_alive else line)
    return 0


def _stop(options: Options, chosen: Settings, terminal: Terminal) -> int:
    docker = engine.with_docker(chosen, terminal)
    purge = options.purge and bool(docker or chosen.runtime.exists())
    volumes = " and the containers' volumes and images" if docker else ""
    if purge:
        _confirm_purge(options, f"{chosen.runtime}{volumes}", terminal)
    local = LocalEngine(chosen, terminal)
    engines: list[engine.Engine] = [docker, local] if docker else [local]
    stopped = [name for each in engines for name in each.stop(purge=purge)]
    terminal.line(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
    if purge:
        terminal.line(f"Deleted: {chosen.runtime}{volumes}.")
        terminal.line("The Python environment .venv stays; delete the folder if you want it gone too.")
    return 0


def _confirm_purge(options: Options, what: str, terminal: Terminal) -> None:
    question = f"Delete {what}: all metrics, logs, secrets and downloaded programs?"
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise StackError(f"{question} There is no terminal to ask on.", "Add --yes if you mean it.")
    try:
        answer = input(f"{question} [y/N] ").strip().lower()
    except EOFError:
        answer = ""
    if answer not in {"y", "yes"}:
        raise StackError("Nothing was stopped or deleted.", "Plain `stop` keeps the data.")
