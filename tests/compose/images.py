"""The images that docker-compose-monitoring.yml names, made where no registry can be reached.

Prometheus, Alertmanager and the exporters are Debian's programs where the published images have theirs, under the very
names that the file pins; the base of our own images is Debian trixie with its Python. Nothing else is imitated: what
cannot be made so is left out, and `LEFT_OUT` tells why.
"""

import io
import os
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from programs import CACHE, unpacked

PACKAGES = (
    "prometheus",
    "promtool",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "prometheus-blackbox-exporter",
    "libc6",
    "busybox-static",
)
BASE_PACKAGES = "python3,python3-venv,ca-certificates"
HOST_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

_LIBC = (
    "usr/lib/x86_64-linux-gnu/libc.so.6",
    "usr/lib64/ld-linux-x86-64.so.2",
    "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
)
_USERS = "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n"


@dataclass(frozen=True)
class Program:
    """A published image's layout: its programs by Debian's names, the folder that it owns, and how it starts."""

    programs: dict[str, str]
    entrypoint: str
    user: str = "nobody"
    data: str = ""
    extra: tuple[str, ...] = field(default=())


# As each project's own Dockerfile has it.
PROGRAMS = {
    "prom/prometheus": Program(
        {"prometheus": "prometheus", "promtool": "promtool"}, "/bin/prometheus", data="prometheus"
    ),
    "prom/alertmanager": Program(
        {"alertmanager": "prometheus-alertmanager", "amtool": "amtool"},
        "/bin/alertmanager",
        data="alertmanager",
        extra=("usr/share/prometheus/alertmanager",),
    ),
    "prom/node-exporter": Program({"node_exporter": "prometheus-node-exporter"}, "/bin/node_exporter"),
    "prom/blackbox-exporter": Program(
        {"blackbox_exporter": "prometheus-blackbox-exporter"}, "/bin/blackbox_exporter", user="root"
    ),
}


@dataclass(frozen=True)
class Built:
    """A program that a variable names, and where the published image has it."""

    variable: str
    path: str
    data: tuple[str, ...]


BUILT = {
    "grafana/loki": Built("LOKI_BIN", "/usr/bin/loki", ("loki",)),
    "grafana/tempo": Built("TEMPO_BIN", "/tempo", ("var", "var/tempo")),
}

LEFT_OUT = {
    "grafana/grafana": "Debian has no Grafana, and no registry is reached",
    "grafana/loki": "Debian has no Loki, no registry is reached, and LOKI_BIN names none",
    "grafana/tempo": "Debian has no Tempo, no registry is reached, and TEMPO_BIN names none",
    "otel/opentelemetry-collector-contrib": "Debian has no OpenTelemetry Collector, and no registry is reached",
}


def make_program(image: str) -> None:
    """Make `image` (a name with its version) from Debian's package, for the engine that DOCKER_HOST names."""
    program = PROGRAMS[image.partition(":")[0]]
    root = unpacked("sid", PACKAGES, CACHE / "images")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in ("bin", "tmp", "etc", "home", *filter(None, [program.data])):
            _add_folder(tar, name, owner=65534 if name == program.data else 0)
        for name, file in program.programs.items():
            tar.add(root / "usr" / "bin" / file, f"bin/{name}")
        # What the images' own busybox is used for: health checks, and a look inside.
        tar.add(root / "usr" / "bin" / "busybox", "bin/busybox")
        for name in ("sh", "wget", "id", "touch"):
            _add_link(tar, f"bin/{name}", "busybox")
        for name in (*_LIBC, *program.extra):
            tar.add(root / name, name)
        _add_link(tar, "lib64", "usr/lib64")
        _add_link(tar, "lib", "usr/lib")
        _add_file(tar, "etc/passwd", _USERS)
    changes = [f'ENTRYPOINT ["{program.entrypoint}"]', f"USER {program.user}", "ENV PATH=/bin"]
    _import(packed.getvalue(), image, changes)


def make_base(image: str) -> None:
    """Make the base of our own images: Debian trixie with Python, in about 40 s, kept in .cache."""
    kept = CACHE / "base.tar"
    if not kept.exists():
        folder = CACHE / "base"
        subprocess.run(["rm", "-rf", str(folder)], check=True)
        command = ["debootstrap", "--variant=minbase", f"--include={BASE_PACKAGES}", "trixie", str(folder)]
        subprocess.run([*command, "http://deb.debian.org/debian"], check=True, stdout=subprocess.DEVNULL)
        # pip inside a build finds its index through whatever the host trusts.
        (folder / "etc" / "ssl" / "certs" / "ca-certificates.crt").write_bytes(HOST_CERTIFICATES.read_bytes())
        (folder / "etc" / "pip.conf").write_text(f"[global]\ncert = {HOST_CERTIFICATES}\n", encoding="utf-8")
        left = [
            f"--exclude=./{name}" for name in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "dev", "proc")
        ]
        subprocess.run(["tar", "-C", str(folder), *left, "-cf", f"{kept}.part", "."], check=True)
        Path(f"{kept}.part").rename(kept)
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)
    _import(kept.read_bytes(), image, [])


def present(image: str) -> bool:
    """Whether the engine has `image`."""
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def _import(content: bytes, image: str, changes: list[str]) -> None:
    options = [option for change in changes for option in ("--change", change)]
    subprocess.run(["docker", "import", *options, "-", image], input=content, check=True, stdout=subprocess.DEVNULL)


def _add_folder(tar: tarfile.TarFile, name: str, owner: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755, owner, owner
    tar.addfile(entry)


def _add_link(tar: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    tar.addfile(entry)


def _add_file(tar: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(text), 0o644
    tar.addfile(entry, io.BytesIO(text.encode()))


def prepare(services: dict[str, Any]) -> dict[str, str]:
    """Make every image that the services name and the engine lacks. Returns those left out, with the reason."""
    left_out: dict[str, str] = {}
    base = services["setup"]["build"]["args"]["PYTHON_IMAGE"]
    if not present(base):
        make_base(base)
    for name, service in services.items():
        image = service["image"]
        if "build" not in service and not present(image):
            reason = _make(image, base)
            if reason:
                left_out[name] = f"{image}: {reason}"
    return left_out


def _make(image: str, base: str) -> str:
    """Make one image. Returns why that cannot be, or nothing."""
    name = image.partition(":")[0]
    if name in PROGRAMS:
        make_program(image)
    elif name == "haproxy":
        _make_haproxy(image, base)
    elif name in BUILT and os.environ.get(BUILT[name].variable):
        _make_built(image, BUILT[name])
    else:
        return LEFT_OUT[name]
    return ""


def _make_haproxy(image: str, base: str) -> None:
    """Debian's HAProxy, with the libraries that it needs, on the base of our own images."""
    dockerfile = f"FROM {base}\nRUN apt-get update -qq && apt-get install -y -qq --no-install-recommends haproxy wget"
    subprocess.run(
        ["docker", "build", "-q", "-t", image, "-"], input=dockerfile.encode(), check=True, capture_output=True
    )


def _make_built(image: str, built: Built) -> None:
    """A program that someone built, where the published image has it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        _add_folder(tar, "tmp", owner=0)
        _add_folder(tar, "etc", owner=0)
        for name in built.data:
            _add_folder(tar, name, owner=10001)
        tar.add(os.environ[built.variable], built.path.removeprefix("/"))
        _add_file(tar, "etc/passwd", _USERS)
    _import(packed.getvalue(), image, [f'ENTRYPOINT ["{built.path}"]', "USER 10001"])
