"""The launcher's command line: `start` (the default), `status`, `logs`, `stop`."""

import argparse
import json
import os
import shlex
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Sequence
from pathlib import Path

from ai_monitoring import __version__
from ai_monitoring.stack import archive, engine, environment, preflight, programs, report, runtime, settings, status
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.local import LocalEngine
from ai_monitoring.stack.log_lines import readable
from ai_monitoring.stack.terminal import Terminal

NOT_RUNNING = 3
"""Exit status of `status` when nothing runs, as the Linux Standard Base has it; 1 is for a part that is not healthy."""


INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


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


def main(argv: Sequence[str]) -> int:
    """Do what the command line says. Returns the exit status."""
    options, terminal = arguments(argv), Terminal()
    verbs: dict[str | None, Callable[[Options, LocalEngine, Terminal], int]] = {
        None: _start,
        "status": _status,
        "logs": _logs,
        "stop": _stop,
    }
    try:
        return verbs[options.verb](options, LocalEngine(settings.load(), terminal), terminal)
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


def refusal(options: Options) -> int:
    """What speaks against a start before anything is made for it: 0, or the exit status after having said it."""
    try:
        if options.engine == "docker":
            engine.choose(options.engine)
        chosen = settings.load()
        preflight.check_disk(chosen)
        # Without an environment nothing of this folder runs, so whoever holds a port is a stranger.
        if not environment.python(chosen.root).exists():
            preflight.check_ports(LocalEngine(chosen, Terminal()).plan(demo=options.demo))
    except StackError as error:
        return _failed(error.problem, error.remedy)
    return 0


def _start(options: Options, local: LocalEngine, terminal: Terminal) -> int:
    begin = time.monotonic()
    reason = engine.choose(options.engine)
    terminal.line(f"{terminal.bold(f'ai-monitoring {__version__}')}, local engine ({reason})")
    for warning in local.settings.warnings:
        terminal.line(terminal.warning(warning))
    if options.dry_run:
        return _show_plan(options, local, terminal)
    parts = local.start(demo=options.demo)
    terminal.line(f"\n{terminal.good('Everything is healthy')} after {time.monotonic() - begin:.1f} s.\n")
    report.addresses(parts, local.settings, terminal)
    return 0


def _show_plan(options: Options, local: LocalEngine, terminal: Terminal) -> int:
    here = programs.found(local.settings.runtime / "programs")
    packages = sorted({program.package for key, program in programs.PROGRAMS.items() if key not in here})
    terminal.line(f"Files:     {local.settings.runtime}")
    ready = environment.made(local.settings.root)
    terminal.line(f"Python:    {'.venv is there' if ready else '.venv, with packages from the Python Package Index'}")
    if not packages:
        terminal.line("Download:  nothing")
    elif archive.available():
        terminal.line(f"Download:  {', '.join(packages)} from the system's package archive")
    else:
        terminal.line(f"Missing:   {', '.join(packages)}, and this system has no apt archive. {programs.advice()}")
    terminal.line("Start:")
    for part in local.plan(demo=options.demo):
        terminal.line(f"  {part.title}{f', port {part.port}' if part.port else ''}\n    {shlex.join(part.command)}")
    return 0


def _status(options: Options, local: LocalEngine, terminal: Terminal) -> int:
    now = status.read(local)
    if options.json:
        terminal.line(json.dumps(now.as_json(), indent=2))
    else:
        report.status(now, terminal)
    if not now.running:
        return NOT_RUNNING
    return 0 if now.healthy else 1


def _logs(options: Options, local: LocalEngine, terminal: Terminal) -> int:
    names = sorted(path.stem for path in local.log_file("*").parent.glob("*.log"))
    if options.name not in names:
        remedy = f"There are: {', '.join(names)}." if names else "Nothing was started yet: python3 start_monitoring.py"
        raise StackError(f"There is no log of {options.name!r}.", remedy)
    file = local.log_file(options.name)
    position = _print_last_lines(file, options.lines, terminal)
    while options.follow:
        time.sleep(0.3)
        position = _print_new(file, position, terminal)
    return 0


def _print_last_lines(file: Path, count: int, terminal: Terminal) -> int:
    content = file.read_bytes()
    for line in (
        content.decode("utf-8", errors="replace").removesuffix("\n").split("\n")[-count:]
        if content and count > 0
        else []
    ):
        _print_line(line, terminal)
    return len(content)


def _print_new(file: Path, position: int, terminal: Terminal) -> int:
    """Print the lines completed since `position`. Returns the position behind them."""
    if not file.exists() or file.stat().st_size < position:
        # It was rotated away, or will be back in a moment.
        return 0
    with file.open("rb") as stream:
        stream.seek(position)
        content = stream.read()
    whole = content[: content.rfind(b"\n") + 1]
    for line in whole.decode("utf-8", errors="replace").split("\n")[:-1]:
        _print_line(line, terminal)
    return position + len(whole)


def _print_line(line: str, terminal: Terminal) -> None:
    """JSON lines are for programs, so a pipe gets them as they are."""
    terminal.line(readable(line) if terminal.is_alive else line)


def _stop(options: Options, local: LocalEngine, terminal: Terminal) -> int:
    if options.purge and local.settings.runtime.exists():
        _confirm_purge(options, local)
    stopped = local.stop()
    terminal.line(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
    if options.purge:
        if local.settings.runtime.exists():
            runtime.purge(local.settings)
            terminal.line(f"Deleted: {local.settings.runtime}.")
        terminal.line("The Python environment .venv stays; delete the folder if you want it gone too.")
    return 0


def _confirm_purge(options: Options, local: LocalEngine) -> None:
    question = f"Delete {local.settings.runtime}: all metrics, logs, secrets and downloaded programs?"
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
