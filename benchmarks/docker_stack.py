"""What the Compose stack costs: from the command to healthy, memory at rest, and our images above their base.

    .venv/bin/python benchmarks/docker_stack.py

Starts a copy of the project on the Docker engine that answers, or as root on one of its own, with the images that can
be had: a second start, since the first one pulls and builds. The figures hold for the parts that are not left out.
"""

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "integration"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "compose"))

from benchmarks.local_stack import require, verdict
from compose_stack import ComposeStack, compose_stack  # the tests' way to use the stack, as a newcomer does
from engine import engine

START_SECONDS, MEMORY_BYTES, IMAGE_BYTES = 45.0, 1.5e9, 80e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the stack rests before it is looked at")
    seconds = parser.parse_args().seconds
    with engine() as found, compose_stack() as stack:
        require(stack.run("--engine", "docker"))
        require(stack.run("stop"))
        started = healthy_after(stack)
        time.sleep(seconds)
        memory = stack.memory()
        images = above_base(stack)
    print(found)
    for name, reason in stack.left_out.items():
        print(f"left out: {name} ({reason})")
    print_megabytes("container", memory)
    print_megabytes("image above its base", images)
    verdict("command to healthy, s", started, START_SECONDS)
    verdict("memory at rest, MB", sum(memory.values()) / 1e6, MEMORY_BYTES / 1e6)
    verdict("largest image above base, MB", max(images.values()) / 1e6, IMAGE_BYTES / 1e6)


def healthy_after(stack: ComposeStack) -> float:
    """Seconds that the launcher's user waits."""
    before = time.monotonic()
    require(stack.run("--engine", "docker"))
    return time.monotonic() - before


def above_base(stack: ComposeStack) -> dict[str, float]:
    """Bytes of each image of the house, the demo's among them, beyond those of the image it starts from."""
    stack.compose("--profile", "demo", "build")
    built = {
        service["image"]: service["build"]
        for service in stack.services("--profile", "demo").values()
        if "build" in service
    }
    base = size(next(iter(built.values()))["args"]["PYTHON_IMAGE"])
    return {re.sub(":.*", "", image): size(image) - base for image in built}


def size(image: str) -> float:
    command = ["docker", "image", "inspect", "--format", "{{.Size}}", image]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def print_megabytes(heading: str, sizes: dict[str, float]) -> None:
    print(f"{heading:<40}{'MB':>8}")
    for name, value in sorted(sizes.items()):
        print(f"{name:<40}{value / 1e6:>8.1f}")


if __name__ == "__main__":
    main()
