"""An engine that answers as a real one (20.10, cgroup v1) was recorded to, on a unix socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "unit" / "exporters" / "containers" / "recorded"


def recorded(name: str) -> Any:
    """A recorded answer, to be changed at will."""
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


@dataclass
class Engine:
    """What it answers by path, without the query; the paths that it was asked, with theirs."""

    address: str
    answers: dict[str, bytes]
    time: int = 1_795_693_480
    status: str = "200 OK"
    asked: list[str] = field(default_factory=list)
    delay: dict[str, float] = field(default_factory=dict)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    def set(self, path: str, content: Any) -> None:
        self.answers[path] = json.dumps(content).encode()

    def container(self, name: str) -> str:
        """The path of a recorded container."""
        return f"/containers/{recorded(f'{name}.json')['Id']}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self.answer(reader, writer))
        self.serving.add(task)
        await asyncio.gather(task, return_exceptions=True)
        self.serving.discard(task)
        writer.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0].decode()
        method, target, _ = line.split(" ")
        assert method == "GET"
        self.asked.append(target)
        path = target.partition("?")[0]
        await asyncio.sleep(self.delay.get(path, 0))
        status = self.status if path in self.answers else "404 Not Found"
        head = f"HTTP/1.0 {status}\r\nDate: {formatdate(self.time, usegmt=True)}\r\n\r\n"
        writer.write(head.encode() + self.answers.get(path, b"{}"))


def answers() -> dict[str, bytes]:
    found = {"/containers/json": "list.json", "/events": "events.json"}
    for name in ("cx-web", "cx-crash", "cx-oom", "cx-once"):
        found[f"/containers/{recorded(f'{name}.json')['Id']}/json"] = f"{name}.json"
    found[f"/containers/{recorded('cx-web.json')['Id']}/stats"] = "cx-web.stats.json"
    return {path: (RECORDED / name).read_bytes() for path, name in found.items()}


@asynccontextmanager
async def running_engine(folder: Path) -> AsyncIterator[Engine]:
    """The engine, answering in that folder."""
    engine = Engine(f"unix://{folder}/docker.sock", answers())
    async with await asyncio.start_unix_server(engine.serve, folder / "docker.sock"):
        yield engine
        for task in engine.serving:
            task.cancel()
        await asyncio.sleep(0.01)  # for their connections to be closed


def listed(name: str) -> dict[str, Any]:
    """A container as the recorded list names it."""
    return next(one for one in recorded("list.json") if one["Names"] == [f"/{name}"])
