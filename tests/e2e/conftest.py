"""A real bot, Agents Playground and browser, all fresh for every test.

A test takes `teams` and does what a person in Teams would do:

    async def test_the_menu_opens(teams: TeamsPage) -> None:
        await teams.say("menu")
        await teams.wait_for_card("New campaign")
        await teams.press("New campaign")
        await teams.fill("Name", "Summer party")
        await teams.press("Next")
        await teams.wait_for_text("Summer party")

`bot` is the running bot, for tests that stop it and start it again on the same `store`. The output
of bot and playground is part of a failing test's output.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from filelock import AsyncFileLock
from playwright.async_api import Browser, Page, async_playwright

from playground import agents_playground
from playground import bot as local_bot
from playground.process import Child, free_port
from tests.support.chats.teams_page import TeamsPage
from tests.support.needs import require

SCREENSHOTS = local_bot.ROOT / "artifacts" / "screenshots"

CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The bot's `STORE` setting: an empty folder of this test."""
    return f"tinydb:{tmp_path / 'store'}"


@pytest.fixture
def bot_port() -> int:
    return free_port()


@pytest.fixture
def rate_per_second() -> float:
    """The bot's `RATE_PER_SECOND`: the highest, unless a test slows the bot down."""
    return 50.0


@pytest.fixture
async def bot(bot_port: int, store: str, rate_per_second: float) -> AsyncIterator[Child]:
    child = await local_bot.start(bot_port, store=store, rate_per_second=rate_per_second)
    yield child
    await child.stop()


@pytest.fixture
async def playground_url(bot: Child, bot_port: int, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a playground that talks to the bot."""
    require("node")
    require("npm")
    # Tests run in several processes, and only one of them installs the playground.
    async with AsyncFileLock(agents_playground.FOLDER / ".installing"):
        await agents_playground.install()
    port = free_port()
    child = await agents_playground.start(
        port, bot=local_bot.endpoint(bot_port), log=tmp_path / "agents-playground.log"
    )
    yield agents_playground.url(port)
    await child.stop()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    path = require("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """An empty page of a browser that reaches this machine and nothing else."""
    context = await chromium.new_context(viewport={"width": 1280, "height": 1400})
    await context.route(lambda url: "//localhost" not in url, lambda route: route.abort())
    page = await context.new_page()
    page.set_default_timeout(15_000)
    yield page
    await context.close()


@pytest.fixture
async def teams(page: Page, playground_url: str) -> TeamsPage:
    """The personal chat with the bot, the app just installed."""
    return await TeamsPage.open(page, playground_url, screenshots=SCREENSHOTS)
