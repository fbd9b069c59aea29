"""The start of a process: what it answers before it is ready, and what ends it at once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from campaigns.audience import AllUsers
from campaigns.campaign import Fault, Status
from playground.process import free_port
from tests.fake_teams import FakeTeams
from tests.support.processes.bot_process import BotProcess, begin, read, remember
from tests.support.stores.postgresql import Cable, cable, empty_database

ACTIVITY = {"type": "typing", "id": "1"}


@pytest.fixture
async def broken(postgresql: str) -> AsyncIterator[Cable]:
    """A database that can't be reached until the cable is mended."""
    async with empty_database(postgresql) as url, cable(url) as broken:
        broken.cut()
        yield broken


async def asked(bot: BotProcess, path: str) -> tuple[int, Any, str]:
    """Status, body and Retry-After of the bot's answer."""
    url = bot.messages.replace("/api/messages", path)
    async with aiohttp.ClientSession() as session:
        request = session.post(url, json=ACTIVITY) if path == "/api/messages" else session.get(url)
        async with request as answer:
            is_json = answer.content_type == "application/json"
            body = await (answer.json() if is_json else answer.text())
            return answer.status, body, answer.headers.get("Retry-After", "")


async def listening(bot: BotProcess) -> None:
    """Waits until the bot listens."""
    await bot.until(lambda: "listening on" in bot.log)


async def test_while_the_database_is_waited_for_the_process_says_so(
    broken: Cable, tmp_path: Path
) -> None:
    bot = BotProcess(broken.url, tmp_path / "log")
    await bot.start()
    try:
        await listening(bot)
        await bot.until(broken.tried.is_set)
        await bot.until(lambda: "waiting for the database" in bot.log)
        assert await asked(bot, "/healthz") == (200, {"status": "ok"}, "")
        status, body, _ = await asked(bot, "/readyz")
        assert status == 503
        assert body["reasons"]["store"].startswith("waiting for the database at ")
        assert body["reasons"]["start"] == "the bot is starting"
        assert (await asked(bot, "/metrics"))[0] == 200
        assert await asked(bot, "/api/messages") == (503, "the bot is starting", "5")
        for public in ("/r/token", "/x/token"):
            status, page, later = await asked(bot, public)
            assert (status, later) == (503, "5")
            assert "One moment, please" in page
        assert (await asked(bot, "/nothing"))[0] == 404

        broken.mend()
        await bot.answers()
        assert (await asked(bot, "/api/messages"))[0] == 200
        assert (await asked(bot, "/r/token"))[0] == 404
        code, _ = await bot.terminate()
        assert code == 0
    finally:
        await bot.close()


async def test_a_process_that_waits_for_the_database_ends_when_it_is_told_to(
    broken: Cable, tmp_path: Path
) -> None:
    bot = BotProcess(broken.url, tmp_path / "log")
    await bot.start()
    try:
        await bot.until(lambda: "waiting for the database" in bot.log)
        code, _ = await bot.terminate()
        assert code == 0
        assert "Traceback" not in bot.log
        assert "leases" not in bot.log
    finally:
        await bot.close()


@pytest.mark.parametrize("store", ["tinydb:{folder}", "postgresql://nobody@127.0.0.1:{port}/none"])
async def test_a_port_that_is_taken_ends_the_process_before_the_store_is_touched(
    store: str, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        folder = tmp_path / "data"
        name = store.format(folder=folder, port=free_port())
        bot = BotProcess(name, tmp_path / "log", port=taken.getsockname()[1])
        await bot.start()
        try:
            assert await asyncio.wait_for(bot.ended(), 30) == 2
            assert not folder.exists()
            *before, last = bot.log.splitlines()
            assert last.startswith(f"HOST 127.0.0.1 PORT {taken.getsockname()[1]} can't be used: ")
            assert [line for line in before if "local mode" not in line] == []
        finally:
            await bot.close()


async def test_a_database_that_refuses_the_bot_ends_the_process_with_one_line(
    postgresql: str, tmp_path: Path
) -> None:
    async with empty_database(postgresql) as url:
        gone = url
    bot = BotProcess(gone, tmp_path / "log")
    await bot.start()
    try:
        assert await asyncio.wait_for(bot.ended(), 30) == 2
        *before, last = bot.log.splitlines()
        assert last.startswith("STORE can't be used: ")
        assert "Traceback" not in bot.log
        assert len(before) == 2, "local mode, and listening"
    finally:
        await bot.close()


async def test_with_everything_paused_a_restored_campaign_waits_for_a_person(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    bot = BotProcess(folder, tmp_path / "log", settings={"START_PAUSED": "on"})
    async with FakeTeams() as fake:
        people = fake.add_users(3)
        await remember(folder, fake, people)
        key = await begin(folder, people[0], AllUsers())
        await bot.start()
        try:
            await bot.answers()
            assert f"campaign {key.campaign_id} is paused, because START_PAUSED is on" in bot.log
            # Its recipients are frozen all the same, and by then sending would have begun.
            await bot.until(lambda: "has 3 recipients" in bot.log)
            assert (await bot.terminate())[0] == 0
        finally:
            await bot.close()
        assert fake.arrived().total() == 0
    campaign = (await read(folder, key)).campaign
    assert (campaign.status, campaign.run.fault) == (Status.PAUSED, Fault.STARTED_PAUSED)
