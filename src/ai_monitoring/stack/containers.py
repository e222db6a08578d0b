"""The Docker engine: the stack as containers of docker-compose-monitoring.yml."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ai_monitoring.stack import channels, docker_checks, http, messages, preflight, runtime, targets, thresholds
from ai_monitoring.stack.compose import Compose, Container, docker, image_present, last_words
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.notes import read_notes
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.status import PartStatus
from ai_monitoring.stack.terminal import Terminal

HEALTHY_WITHIN = 120.0
"""Seconds that a service has from its turn to its first healthy answer."""

_CRASHES_SHOWN_AFTER = 6.0

# In the order in which they are shown and waited for: title, and what a person finds there.
_TITLES = {
    "setup": ("Secrets and channels", ""),
    "prometheus": ("Prometheus", "metrics, rules and alerts"),
    "alertmanager": ("Alertmanager", "groups, silences and sends alerts"),
    "incidents": ("Incidents", "logs what becomes of every alert"),
    "node-exporter": ("Node exporter", "CPU, memory, disk and network of this machine"),
    "blackbox-exporter": ("Blackbox exporter", "asks each declared service from outside"),
    "socket-proxy": ("Docker socket proxy", ""),
    "containers": ("Container exporter", "every container's state, CPU and memory"),
    "spend": ("Spend", "budgets, as the ledger knows them"),
    "collect": ("Collect", "takes AI requests of services in any language"),
    "loopback": ("Host loopback", ""),
    "host-link": ("Host link", ""),
    "loki": ("Loki", "logs"),
    "tempo": ("Tempo", "traces"),
    "otel-collector": (
        "OpenTelemetry Collector",
        "its own metrics; services send logs and traces to its other two ports",
    ),
    "grafana": ("Grafana", "{login}"),
    "demo-targets": ("Demo's declaration", ""),
    "llm-upstream": ("LLM upstream", "demo: speaks as OpenAI and Anthropic do, on loopback"),
    "django": ("Django API", "demo: a coaching API with JWT login"),
    "fastapi": ("FastAPI service", "demo: gives the advice that the other two ask for"),
    "streamlit": ("Streamlit page", "demo: the page to open in a browser"),
    "traffic": ("Traffic", ""),
}
_SHOWN_PORT = {"otel-collector": 8889}
"""Of a service with several ports, the one that answers a person."""

_HANG_UP = ("prometheus", "alertmanager", "blackbox-exporter")
"""Read their files again at a SIGHUP; the others are restarted."""

_CHECKS = {
    "prometheus": ("prometheus", "promtool", "check", "config", "prometheus.yml"),
    "alertmanager": ("alertmanager", "amtool", "check-config", "alertmanager.yml"),
    "blackbox-exporter": ("blackbox", "blackbox_exporter", "--config.check", "--config.file=blackbox.yml"),
}
"""For each service with a checker: the folder of its files, and the command."""

_CONFIGURATION = ("monitoring*.yaml",)
_FOLDERS = {
    "prometheus": ("prometheus/prometheus.yml", "prometheus/rules/*.yml"),
    "alertmanager": ("alertmanager/*.yml", "alertmanager/templates/*.tmpl", ".env"),
    "blackbox-exporter": ("blackbox/*.yml",),
    "socket-proxy": ("haproxy/*.cfg",),
    **dict.fromkeys(("spend", "collect", "django", "fastapi", "streamlit"), _CONFIGURATION),
    "loki": ("loki/*.yml",),
    "tempo": ("tempo/*.yml",),
    "otel-collector": ("otel-collector/*.yml",),
    "grafana": ("grafana/grafana.ini", "grafana/provisioning/**/*.yml"),
}
"""What each service reads at its start alone; dashboards and targets are taken up while it runs."""


class DockerEngine:
    """Starts, changes and stops the Compose stack of one project folder."""

    name = "docker"

    def __init__(self, settings: Settings, terminal: Terminal, environment: Mapping[str, str] | None = None) -> None:
        self.settings = settings
        self.compose = Compose(settings, environment)
        self._terminal = terminal
        self._digests_file = settings.runtime / "docker.json"

    def running(self) -> bool:
        """Whether any container of the stack runs."""
        return any(container.state == "running" for container in self.compose.containers().values())

    def plan(self, *, demo: bool) -> list[Part]:
        """The services of a start, in order."""
        return [part for part, _ in self._planned(demo=demo)]

    def start(self, *, demo: bool) -> list[Part]:
        """Bring everything up, or up to date, and wait until it is healthy. Returns the parts.

        Raises StackError when that fails; what this call had started is stopped again.
        """
        preflight.check_disk(self.settings)
        runtime.prepare(self.settings)
        before = self.compose.containers()
        # A start without --demo leaves a running demo alone.
        planned = self._planned(demo=demo or _runs(before, "traffic"))
        wanted = [part for part, _ in planned]
        preflight.check_ports([part for part in wanted if not _runs(before, part.name)])
        services = {part.name: service for part, service in planned}
        self._make_images(services)
        self._check_files(services)
        self._bring_up(wanted, before)
        return wanted

    def stop(self, *, purge: bool = False) -> list[str]:
        """Stop everything, and with `purge` delete its volumes and images of ours. Returns the names of what ran."""
        names = _order(self.compose.containers())
        self.compose.run("down", "--remove-orphans", *(("--volumes", "--rmi", "local") if purge else ()))
        runtime.demo_targets(self.settings).unlink(missing_ok=True)
        return names

    def halt(self, name: str) -> None:
        """Kill one service's container; Docker leaves it so until `resume`. Raises StackError where it does not run."""
        self.compose.run("kill", name)

    def resume(self, name: str) -> None:
        """Start a service that was halted."""
        self.compose.run("start", name)

    def parts(self) -> list[PartStatus]:
        """How each service of the last start is now."""
        containers = self.compose.containers()
        known = {part.name: part for part in self.plan(demo=True)}
        return [
            _status(known.get(name) or _part(name, {}, self.settings), containers[name])
            for name in _order(containers)
            if not containers[name].done
        ]

    def problems(self) -> list[str]:
        """What a person should know of this engine; empty where all is usual."""
        return docker_checks.limits()

    def log(self, name: str, count: int, *, follow: bool) -> Iterator[str]:
        """A service's last lines, and with `follow` each further one. Raises StackError for a name that is none."""
        names = _order(self.compose.containers())
        if name not in names:
            remedy = f"There are: {', '.join(names)}." if names else "Start it: python3 start_monitoring.py"
            raise StackError(f"There is no log of {name!r}.", remedy)
        command = self.compose.command(
            "logs", "--no-log-prefix", "--tail", str(count), *(["-f"] if follow else []), name
        )
        with subprocess.Popen(
            command, env=self.compose.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as logs:
            for line in logs.stdout or ():
                yield line.rstrip("\n")

    def _planned(self, *, demo: bool) -> list[tuple[Part, Any]]:
        services = self.compose.services()
        return [
            (_part(name, services[name], self.settings), services[name])
            for name in _order(services)
            if name not in self.settings.leave_out and (demo or not services[name].get("profiles"))
        ]

    def _make_images(self, services: Mapping[str, Any]) -> None:
        for image in dict.fromkeys(service["image"] for service in services.values() if "build" not in service):
            if not image_present(image):
                with self._terminal.step(f"Fetching {image}"):
                    self._fetch(image)
        # Once an image, whichever services share it: built twice it would be another, and its containers made anew.
        own = {service["image"]: name for name, service in services.items() if "build" in service}
        with self._terminal.step("Building our images (some minutes on a first start)") as step:
            self.compose.run("build", "--quiet", *own.values())
            step.detail = f"{len(own)} up to date"

    def _fetch(self, image: str) -> None:
        result = docker("pull", "--quiet", image)
        if result.returncode != 0:
            raise StackError(
                f"{image} cannot be had:\n{last_words(result.stderr, 2)}",
                "Connect to the network, load it with `docker load`, or leave Docker out: --engine local",
            )

    def _check_files(self, services: Mapping[str, Any]) -> None:
        """Refuse files that their programs would refuse, before anything that runs sees them."""
        with self._terminal.step("Configuration") as step:
            channels.check(self.settings.channels, self.settings.places)
            for declared in targets.files(self.settings.root):
                targets.check_labels(declared)
            thresholds.check(self.settings.root)
            for name, (folder, program, *arguments) in _CHECKS.items():
                file = f"{folder}/{folder}.yml"
                preflight.check_file(
                    self._checker(services[name]["image"], folder, program, *arguments), file, self.settings
                )
            image = services["alertmanager"]["image"]
            for program, *arguments in messages.checks("amtool", messages.FOLDER, messages.FOLDER):
                command = self._checker(image, "alertmanager", program, *arguments)
                preflight.check_file(command, "alertmanager/templates", self.settings)
            step.detail = preflight.valid_files(self.settings)

    def _checker(self, image: str, folder: str, program: str, *arguments: str) -> list[str]:
        """The command that lets an image's own checker look at a folder of native files."""
        mounted = f"{self.settings.root / folder}:/check:ro"
        run = ["docker", "run", "--rm", "--network", "none", "-v", mounted, "-w", "/check"]
        return [*run, "--entrypoint", f"/bin/{program}", image, *arguments]

    def _bring_up(self, wanted: Sequence[Part], before: Mapping[str, Container]) -> None:
        try:
            self._up(wanted)
            self._take_up_changes(wanted, before)
        except BaseException:
            # Ctrl-C included: what this start began does not stay half-started.
            begun = [part.name for part in wanted if not _runs(before, part.name)]
            if any(_runs(before, name) for name in before):
                self.compose.run("rm", "--force", "--stop", *begun)
            else:
                self.stop()
            raise
        self._digests_file.write_text(json.dumps(self._digests()), encoding="utf-8")

    def _up(self, wanted: Sequence[Part]) -> None:
        options = ["--detach", "--no-build", "--remove-orphans", *(["--no-deps"] if self.settings.leave_out else [])]
        with subprocess.Popen(
            self.compose.command("up", *options, *(part.name for part in wanted)),
            env=self.compose.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as up:
            try:
                for part in wanted:
                    with self._terminal.step(part.title) as step:
                        self._wait(part, up, wanted)
                        step.detail = part.address or "running"
            finally:
                up.terminate()

    def _wait(self, part: Part, up: "subprocess.Popen[str]", wanted: Sequence[Part]) -> None:
        start = time.monotonic()
        while True:
            # Asked first: what Compose made before it ended is among the containers then.
            ended = up.poll()
            containers = self.compose.containers()
            container = containers.get(part.name)
            if container and _well(part, container):
                return
            waited = time.monotonic() - start
            why = _given_up(container, waited, ended)
            if why:
                if ended:
                    part, container, why = _culprit(wanted, containers, waited) or (part, container, why)
                words = self._last_words(part, container, up)
                raise StackError(f"{part.title} {why}. Its last words:\n{words}", "Mend that, then start again.")
            time.sleep(0.3)

    def _last_words(self, part: Part, container: Container | None, up: "subprocess.Popen[str]") -> str:
        """The container's, or Compose's where it never ran."""
        if container and container.state != "created":
            return self.compose.last_lines(part.name)
        up.terminate()
        return last_words(up.communicate()[1])

    def _digests(self) -> dict[str, str]:
        root = self.settings.root
        return {
            name: runtime.digest(sorted(path for pattern in patterns for path in root.glob(pattern)))
            for name, patterns in _FOLDERS.items()
        }

    def _take_up_changes(self, wanted: Sequence[Part], before: Mapping[str, Container]) -> None:
        """Let a service that ran before and still is the same container read its changed files."""
        noted, now, after = read_notes(self._digests_file), self._digests(), self.compose.containers()
        for part in wanted:
            same = _runs(before, part.name) and before[part.name].identity == after[part.name].identity
            if same and noted.get(part.name) != now.get(part.name):
                command = ("kill", "-s", "HUP") if part.name in _HANG_UP else ("restart",)
                self.compose.run(*command, part.name)
                self._terminal.line(f"        {part.name}: its files have changed, it reads them again")


def _order(names: Mapping[str, Any]) -> list[str]:
    """The services in the order in which they are shown; those that a user has added come last."""
    return [name for name in (*_TITLES, *sorted(set(names) - set(_TITLES))) if name in names]


def _part(name: str, service: Mapping[str, Any], settings: Settings) -> Part:
    title, note = _TITLES.get(name, (name, ""))
    ports = service.get("ports", [])
    shown = next((port for port in ports if port["target"] == _SHOWN_PORT.get(name)), ports[0] if ports else None)
    return Part(
        name=name,
        title=title,
        image=service.get("image", ""),
        port=int(shown["published"]) if shown else 0,
        ready="/metrics" if name in _SHOWN_PORT else "",
        note=note.format(login=settings.login),
    )


def _runs(containers: Mapping[str, Container], name: str) -> bool:
    return name in containers and containers[name].state == "running"


def _well(part: Part, container: Container) -> bool:
    """Whether the container is healthy, or has done its work; one without a check of its own is asked from outside."""
    if part.ready and not http.answers(f"{part.address}{part.ready}"):
        return False
    return container.done or container.healthy


def _given_up(container: Container | None, waited: float, ended: int | None) -> str:
    """Why there is nothing more to wait for; empty while there is hope."""
    if ended and (container is None or container.state == "created"):
        return "could not be started"
    if container is None:
        return f"is not there after {waited:.0f} s" if waited > HEALTHY_WITHIN else ""
    if container.out_of_memory:
        return "was killed: it needs more memory than its limit"
    if container.state == "exited" and container.exit_code != 0:
        return f"ended with exit status {container.exit_code}"
    if container.restarts > 1 and waited > _CRASHES_SHOWN_AFTER:
        return "keeps ending"
    if container.health == "unhealthy" or waited > HEALTHY_WITHIN:
        return f"is not healthy after {waited:.0f} s"
    return ""


def _culprit(
    parts: Sequence[Part], containers: Mapping[str, Container], waited: float
) -> tuple[Part, Container, str] | None:
    """The first part that fails by itself: Compose gives up, with it, on all that wait for it."""
    for part in parts:
        container = containers.get(part.name)
        if container and (why := _given_up(container, waited, ended=0)):
            return part, container, why
    return None


def _status(part: Part, container: Container) -> PartStatus:
    return PartStatus(
        name=part.name,
        title=part.title,
        state=container.state,
        healthy=_well(part, container),
        address=part.address,
        pid=container.pid,
        uptime_seconds=container.uptime_seconds,
        restarts=container.restarts,
        last_exit="",
    )
