"""The texts of messages: Alertmanager's templates, with addresses that lead to where the parts are.

A template tells its links as a person's browser meets them, on loopback in both engines. Runbooks and silences are in
different places with Docker and without: of `docker.tmpl` and the files in `local/`, one engine reads one.
"""

import shlex

from ai_monitoring.stack.rendering import on_loopback, read
from ai_monitoring.stack.settings import Settings

FOLDER = "templates"
"""Beside Alertmanager's file, which names it."""

_TEXTS = ("slack.title", "slack.text", "slack.color", "slack.link", "email.subject", "email.text")
_WITH_DOCKER = "docker.tmpl"
_EXAMPLE = "example.json"
_COMMAND = "ai-monitoring"


def name(text: str) -> str:
    """What makes that text, such as `slack.title`, in Alertmanager's own language."""
    return f'{{{{ template "ai_monitoring.{text}" . }}}}'


def templates(settings: Settings, *, local: bool) -> dict[str, str]:
    """The templates of one engine by their file's name, `templates/slack.tmpl`. Raises StackError for other text."""
    folder = settings.root / "alertmanager" / FOLDER
    files = [file for file in folder.glob("*.tmpl") if not local or file.name != _WITH_DOCKER]
    files += folder.glob("local/*.tmpl") if local else []
    found = {f"{FOLDER}/{file.name}": on_loopback(read(settings.root, file), settings.ports) for file in sorted(files)}
    command = settings.root / ".venv" / "bin" / _COMMAND
    if not local or not command.exists():
        return found
    # On nobody's PATH where its environment is not activated.
    own = f"{shlex.quote(str(command))} alerts silence"
    return {file: text.replace(f"{_COMMAND} alerts silence", own) for file, text in found.items()}


def checks(amtool: str, rendered: str, originals: str) -> list[list[str]]:
    """The commands by which `amtool` makes every text of an example, and complains of file and line where it cannot.

    `rendered` is the folder of the templates, `originals` that of the project's own, where the example is.
    """
    render = [amtool, "template", "render", f"--template.glob={rendered}/*.tmpl"]
    render.append(f"--template.data={originals}/{_EXAMPLE}")
    return [
        [*render, "--template.type=text", f"--template.text={''.join(map(name, _TEXTS))}"],
        [*render, "--template.type=html", f"--template.text={name('email.html')}"],
    ]
