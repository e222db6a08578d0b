"""The two ends, each a process: `python -m ai_monitoring.host_link link SOCKET` and `… door SOCKET PORT`.

The door listens on `AI_MONITORING_HOST`, or on loopback.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from ai_monitoring.host_link.address import Address, parse_address
from ai_monitoring.host_link.declared import Declared
from ai_monitoring.host_link.door import Door
from ai_monitoring.host_link.link import Link


def main() -> None:
    """Serve until a signal ends the process."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    arguments = _parser().parse_args()
    # As process 1 of a container nothing would end it otherwise.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        asyncio.run(_link(arguments) if arguments.end == "link" else _door(arguments))
    except KeyboardInterrupt:
        sys.exit(130)


async def _link(arguments: argparse.Namespace) -> None:
    declared = Declared(arguments.targets, dict(arguments.name))
    # Whoever may write to the socket may ask: its owner and group, which the door shares.
    os.umask(0o117)
    server = await asyncio.start_unix_server(Link(declared).answer, arguments.socket)
    async with server:
        await server.serve_forever()


async def _door(arguments: argparse.Namespace) -> None:
    host = os.environ.get("AI_MONITORING_HOST", "127.0.0.1")
    server = await asyncio.start_server(Door(arguments.socket).carry, host, arguments.port)
    async with server:
        await server.serve_forever()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ai_monitoring.host_link", description=__doc__)
    ends = parser.add_subparsers(dest="end", required=True)
    link = ends.add_parser("link", help="on the host's network: asks the services")
    link.add_argument("socket", type=Path, metavar="SOCKET")
    link.add_argument("--targets", type=Path, default=Path("prometheus/targets"), metavar="DIR")
    link.add_argument("--name", type=_named, action="append", default=[], metavar="NAME:PORT=HOST:PORT")
    door = ends.add_parser("door", help="on the bridge network: takes requests")
    door.add_argument("socket", type=Path, metavar="SOCKET")
    door.add_argument("port", type=int, metavar="PORT")
    return parser


def _named(text: str) -> tuple[str, Address]:
    """A name, and the loopback address that it stands for."""
    name, _, place = text.partition("=")
    address = parse_address(place)
    if not address.is_loopback:
        raise argparse.ArgumentTypeError(f"{place} is not on loopback")
    return name, address


if __name__ == "__main__":
    main()
