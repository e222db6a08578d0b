"""Debian's Chromium, and a page in it that remembers what went wrong."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright
from stub_watch import PASSWORD

ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
BLANK = """() => [...document.querySelectorAll('.panel')].filter((panel) => panel.checkVisibility()).filter((panel) => {
  const words = panel.querySelector('.panel-body').textContent.trim() + panel.querySelector('.panel-notes').textContent;
  return !words && !panel.querySelector('.panel-body path, .panel-body rect');
}).map((panel) => panel.id)"""
READY = """() => {
  const bodies = [...document.querySelectorAll('.panel-body')].filter((body) => body.checkVisibility());
  return bodies.length > 0 && bodies.every((body) => body.children.length && !body.querySelector('.loading-text'));
}"""


def executable() -> str | None:
    """Where Chromium is, or None: `apt-get install chromium` brings it; CHROMIUM names another."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page of its own session, and the errors of its console and scripts so far."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page, errors
    finally:
        context.close()


@contextmanager
def signed_in(browser: Browser, address: str, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """As `opened`, by somebody who is signed in to the viewer at that address and sees its home."""
    with opened(browser, base_url=address, **options) as (page, errors):
        page.set_default_timeout(5000)
        page.goto("/login")
        sign_in(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Home")
        yield page, errors


def sign_in(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def show(page: Page, address: str, height: int = 3000) -> None:
    """Opens a board in a window so high that every panel is near, and waits until each is drawn."""
    width = page.viewport_size["width"] if page.viewport_size else 1280
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    page.wait_for_function(READY)


def blank_panels(page: Page) -> list[str]:
    """The ids of panels that show neither words nor a picture."""
    found: list[str] = page.evaluate(BLANK)
    return found
