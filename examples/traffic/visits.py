"""Visitors of the Streamlit page, each in a browser tab of their own."""

import asyncio
from collections.abc import Awaitable, Callable

from examples.browser import Browser
from examples.settings import STREAMLIT_URL, USERS
from examples.traffic.requests import MESSAGES, QUESTIONS
from examples.traffic.world import UnexpectedAnswerError, World

ADDRESS = STREAMLIT_URL.removeprefix("http://")


async def _visit(world: World, then: Callable[[World, Browser], Awaitable[None]]) -> None:
    """Log in, do something, and leave."""
    user = USERS[world.turn("visitor", len(USERS))]
    async with Browser(ADDRESS) as tab:
        tab.fill("Name", user)
        tab.fill("Password", world.secrets.passwords[user])
        await tab.click("Log in")
        await then(world, tab)
    world.requests += tab.runs


async def talk(world: World) -> None:
    """A question, a plan, and a session that is finished."""
    await _visit(world, _talk)


async def _talk(world: World, tab: Browser) -> None:
    await asyncio.sleep(world.pause)
    await tab.say(QUESTIONS[world.turn("chat", len(QUESTIONS))])
    await tab.go("plan")
    await asyncio.sleep(world.pause)
    await tab.click("Make a plan")
    await asyncio.sleep(world.pause)
    await tab.go("")
    await tab.click("Finish this session")
    _expect_no_error(tab)


async def look_around(world: World) -> None:
    """Somebody who reads and breathes, and asks nothing."""
    await _visit(world, _look_around)


async def _look_around(world: World, tab: Browser) -> None:
    for page in ("plan", "advice", "breathe"):
        await asyncio.sleep(world.pause)
        await tab.go(page)
    await tab.click("Three breaths")
    _expect_no_error(tab)


async def ask_advice(world: World) -> None:
    """A word with the coach, who answers in a stream."""
    await _visit(world, _ask_advice)


async def _ask_advice(world: World, tab: Browser) -> None:
    await tab.go("advice")
    tab.fill("How did it go?", MESSAGES[world.turn("advice", len(MESSAGES))])
    await tab.click("Ask for advice")
    _expect_no_error(tab)


async def breathe_slowly(world: World) -> None:
    """A page that takes longer than three seconds."""
    await _visit(world, _breathe)


async def _breathe(_: World, tab: Browser) -> None:
    await tab.go("breathe")
    await tab.click("Take your time")
    _expect_no_error(tab)


async def meet_trouble(world: World) -> None:
    """A service that fails behind the page, then the page itself."""
    await _visit(world, _meet_trouble)


async def _meet_trouble(_: World, tab: Browser) -> None:
    await tab.go("trouble")
    await tab.click("Call a service that fails")
    await tab.click("Raise an error")
    if tab.errors != ["RuntimeError"]:
        raise UnexpectedAnswerError(f"The Streamlit page raised {tab.errors}, not a RuntimeError")


async def mistype(world: World) -> None:
    """A visitor whose password is wrong."""
    async with Browser(ADDRESS) as tab:
        tab.fill("Name", "ada")
        tab.fill("Password", "guessed")
        await tab.click("Log in")
    world.requests += tab.runs


def _expect_no_error(tab: Browser) -> None:
    if tab.errors:
        raise UnexpectedAnswerError(f"The Streamlit page raised {', '.join(tab.errors)}")
