"""Sends the traffic: `python -m examples.traffic`, until it is stopped.

With --once each scenario once; with --trouble one trouble of a language model, as often as --times says.
"""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import httpx2
from websockets.exceptions import WebSocketException

from ai_monitoring import telemetry
from examples.settings import DJANGO_URL, FASTAPI_URL, STREAMLIT_URL, load_secrets
from examples.traffic.requests import TROUBLES, trouble
from examples.traffic.schedule import ONCE, SCHEDULE, Scenario
from examples.traffic.world import UnexpectedAnswerError, World

READY = {
    "django": f"{DJANGO_URL}/health/live/",
    "fastapi": f"{FASTAPI_URL}/health/live",
    "streamlit": f"{STREAMLIT_URL}/_stcore/health",
}
THINKING = 2.5
AT_ONCE = 6
REPORT_EVERY = 60.0
FAILURES = (httpx2.HTTPError, WebSocketException, OSError, LookupError, UnexpectedAnswerError)

logger = logging.getLogger("examples.traffic")


async def send(scenario: Scenario, world: World) -> None:
    """Repeat one scenario. A failure that nobody asked for is logged when it begins and when it ends."""
    await asyncio.sleep(scenario.first)
    loop, failing = asyncio.get_running_loop(), False
    while True:
        due = loop.time() + scenario.every
        try:
            await scenario.act(world)
        except FAILURES as error:
            if not failing:
                logger.warning("%s fails: %s", scenario.name.capitalize(), describe(error))
            failing = True
        else:
            if failing:
                logger.info("%s works again", scenario.name.capitalize())
            failing = False
        await asyncio.sleep(max(0.0, due - loop.time()))


async def report(world: World) -> None:
    while True:
        before = world.requests
        await asyncio.sleep(REPORT_EVERY)
        logger.info("%.1f requests a second", (world.requests - before) / REPORT_EVERY)


async def wait_until_ready(seconds: float) -> None:
    """Wait for all three services. Raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds), httpx2.AsyncClient(timeout=2.0, trust_env=False) as client:
        for name, address in READY.items():
            while not await _answers(client, address):
                logger.debug("Waiting for %s", name)
                await asyncio.sleep(0.2)


async def _answers(client: httpx2.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).status_code == 200
    except httpx2.HTTPError:
        return False


async def forever() -> int:
    world = World(load_secrets(), THINKING)
    logger.info("Waiting for %s", ", ".join(READY))
    await wait_until_ready(float("inf"))
    logger.info("Sending traffic")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(report(world))
        for scenario in SCHEDULE:
            tasks.create_task(send(scenario, world))
    return 0


async def once(acts: Sequence[Callable[[World], Awaitable[None]]]) -> int:
    """Each of these once, a few at the same time. Returns the number of those that failed."""
    await wait_until_ready(60)
    world = World(load_secrets(), 0)
    for user in world.secrets.passwords:
        await world.log_in(user)
    free = asyncio.Semaphore(AT_ONCE)
    outcomes = await asyncio.gather(*(_try(act, world, free) for act in acts))
    logger.info("%d scenarios, %d failed, %d requests", len(outcomes), outcomes.count(False), world.requests)
    return outcomes.count(False)


async def _try(act: Callable[[World], Awaitable[None]], world: World, free: asyncio.Semaphore) -> bool:
    try:
        async with free:
            await act(world)
    except FAILURES as error:
        logger.error("%s: %s", getattr(act, "__name__", act), describe(error))
        return False
    return True


def describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


async def until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """Run `work` until it ends or a signal says stop."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        logger.info("Stopped")
        return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m examples.traffic", description=__doc__)
    parser.add_argument("--once", action="store_true", help="each scenario once, then stop; 1 if one of them failed")
    parser.add_argument("--trouble", choices=TROUBLES, help="only questions whose language model is in this trouble")
    parser.add_argument("--times", type=int, default=1, help="how many of them; default: 1")
    arguments = parser.parse_args()
    if arguments.times < 1:
        parser.error("--times: 1 or more")
    telemetry.set_up("traffic")
    acts = [trouble(arguments.trouble)] * arguments.times if arguments.trouble else ONCE if arguments.once else ()
    return min(1, asyncio.run(until_stopped(once(acts) if acts else forever())))


if __name__ == "__main__":
    sys.exit(main())
