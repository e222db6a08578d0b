"""A real Prometheus that holds what a test says was recorded: a sample a minute, up to now."""

import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from programs import programs
from waiting import free_ports, until


@contextmanager
def prometheus(folder: Path, series: Mapping[str, float], minutes: int = 60) -> Iterator[int]:
    """Its port. `series` have one value throughout, by their names with labels."""
    now = int(time.time())
    names = {name.replace(", ", ","): value for name, value in series.items()}
    lines = [f"{name} {value} {now - 60 * ago}\n" for name, value in names.items() for ago in range(minutes, -1, -1)]
    (folder / "series.txt").write_text("".join([*lines, "# EOF\n"]), encoding="utf-8")
    (folder / "prometheus.yml").write_text("", encoding="utf-8")
    tools = programs("bookworm")
    fill = [str(tools / "promtool"), "tsdb", "create-blocks-from", "openmetrics", "-q", "series.txt", "data"]
    subprocess.run(fill, cwd=folder, check=True, capture_output=True)
    [port] = free_ports(1)
    command = [str(tools / "prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
    listen = f"--web.listen-address=127.0.0.1:{port}"
    process = subprocess.Popen([*command, listen], cwd=folder, stderr=subprocess.DEVNULL)
    try:
        until(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready"))
        yield port
    finally:
        process.terminate()
        process.wait()
