"""How long a board of 16 panels takes in Chromium, from the navigation until every panel shows its data.

    .venv/bin/python benchmarks/embedded_boards.py
    .venv/bin/python benchmarks/embedded_boards.py --url http://127.0.0.1:3000/d/overview --password-file .runtime/secrets/grafana_admin_password

Without an address a stub answers, 16 panels of five series of 500 points: what is measured then is the browser's part.
Every panel is in the window. The first visit, whose caches are empty, is told apart from those after it.
"""  # noqa: E501

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from asgi_apps import served
from browser.chromium import READY, launched, opened
from browser.stub_boards import stub

TARGET_SECONDS = 1.5
WINDOW = {"width": 1600, "height": 3000}  # higher than any board of ours: what is far below is not even asked for
SHOWN = f"() => ({READY})() && document.querySelectorAll('.panel').length + ' ' + performance.now()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="the board of a running viewer; without it a stub answers")
    parser.add_argument("--password-file", type=Path, help="of the viewer's admin")
    parser.add_argument("--visits", type=int, default=7)
    options = parser.parse_args()
    with board(options.url) as url, launched() as browser, opened(browser, viewport=WINDOW) as (page, errors):
        if options.password_file:
            sign_in(page, url, options.password_file.read_text().strip())
        visits = [visit(page, url) for _ in range(options.visits)]
    panels, first = visits[0]
    later = [seconds for _, seconds in visits[1:]] or [first]
    print(f"{panels} panels in {WINDOW['width']} by {WINDOW['height']} pixels, from navigation to the last one drawn")
    verdict("first visit, s", first)
    verdict("later visits, median, s", statistics.median(later))
    verdict("later visits, slowest, s", max(later))
    if errors:
        sys.exit("The console is not quiet: " + "; ".join(errors))


@contextmanager
def board(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    with served(stub()) as address:
        yield f"{address}/d/many"


def sign_in(page: Page, url: str, password: str) -> None:
    page.goto("{0.scheme}://{0.netloc}/login".format(urlsplit(url)))
    page.locator("input[name=user]").fill("admin")
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)


def visit(page: Page, url: str) -> tuple[int, float]:
    """How many panels there are, and the seconds until all of them are drawn, by the browser's own clock."""
    page.goto("about:blank")
    page.goto(url, wait_until="commit")
    answer = str(page.wait_for_function(SHOWN, timeout=60_000).json_value())
    panels, milliseconds = answer.split()
    return int(panels), float(milliseconds) / 1000


def verdict(what: str, measured: float) -> None:
    print(
        f"{what:<28}{measured:>8.2f}   at most {TARGET_SECONDS:g}: {'met' if measured <= TARGET_SECONDS else 'MISSED'}"
    )


if __name__ == "__main__":
    main()
