"""A damaged record of a campaign: admin and operator are told so, and all else goes on."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import msgspec
import pytest

from campaigns.campaign import Status
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.staff import MESSAGE, NAME, campaign, got, sends, staff, start
from tests.support.chats.cards import buttons, texts
from tests.support.chats.chat import Bot, Person, running, send, write
from tests.support.chats.clocks import MovedClock
from tests.support.waiting import until

PEOPLE = 100
OTHER = "Fire drill"


async def readiness(bot: Bot) -> tuple[int, str]:
    """The answer of ``/readyz``: the status, and the fault of the store."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(urljoin(bot.messages, "/readyz")) as answer,
    ):
        return answer.status, (await answer.json()).get("reasons", {}).get("store", "")


async def test_a_damaged_ledger_is_told_as_it_is_and_not_tried_for_ever(
    teams_service: FakeTeams,
    administrator: FakeUser,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = tmp_path / "store"
    async with running(teams_service, folder, admin=administrator, rate_per_second=20.0) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await staff(teams_service, bot, PEOPLE)
        await write(admin, name=NAME, message=MESSAGE)
        await start(admin, PEOPLE + 1)
        await until(lambda: sends(teams_service) or None, "the first send")
    before = got(teams_service)
    assert before.total() < PEOPLE + 1
    [path] = folder.glob("ledger/*/*/00000.json")
    path.write_bytes(path.read_bytes()[:100])

    def said(text: str) -> list[str]:
        lines = [f"{record.levelname}: {record.getMessage()}" for record in caplog.records]
        return [line for line in lines if text in line]

    clock = MovedClock()
    caplog.clear()
    async with running(teams_service, folder, admin=administrator, clock=clock) as bot:
        admin = Person(teams_service, bot, administrator)
        assert (await campaign(bot)).status is Status.SENDING
        [line] = await until(lambda: said("ERROR: campaign") or None, "the line in the log")
        assert "stands still" in line
        assert "00000.json" in line

        status, why = await readiness(bot)
        assert status == 503
        assert str(path) in why

        shelf = await admin.says("campaigns")
        await admin.presses(next(title for title in buttons(shelf) if title.startswith("Sending")))
        shown = await admin.presses(f"Open {NAME}")
        assert any(
            line.startswith("The record of this campaign is damaged") for line in texts(shown)
        )
        assert not any("in a moment" in line for line in texts(shown))
        assert "Push campaigns" in texts(await admin.presses("Menu"))

        # Another campaign is sent from beginning to end, while an hour passes for the damaged one.
        await write(admin, name=OTHER, message=MESSAGE)
        clock.move(3_600.0)
        await send(admin)
        assert got(teams_service, OTHER).total() == PEOPLE + 1
        assert got(teams_service) == before
        assert said("ERROR: campaign") == [line]
        assert not said("waits for the store")


def spoil(path: Path, **fields: object) -> None:
    """Gives the rows of this file values that they can't have."""
    content = msgspec.json.decode(path.read_bytes())
    for row in content["rows"].values():
        row.update(fields)
    path.write_bytes(msgspec.json.encode(content))


async def test_damaged_lists_are_told_as_such_and_the_menu_goes_on(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    async with running(teams_service, folder, admin=administrator) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await write(admin, name=NAME, message=MESSAGE, audience="new")
        await admin.presses("Save list", name="Sales", addresses=administrator.email)
    spoil(folder / "lists" / "00000.json", addresses=7)

    async with running(teams_service, folder, admin=administrator) as bot:
        admin = Person(teams_service, bot, administrator)
        assert (await readiness(bot))[0] == 200
        told = "Something that I have kept is damaged, and trying again does not help."
        assert told in texts(await admin.says("lists"))
        await admin.presses("Menu")
        assert told in texts(await admin.presses("Distribution lists"))
        status, why = await readiness(bot)
        assert status == 503
        assert "lists/00000.json" in why


async def test_whoever_is_damaged_in_the_store_is_told_not_to_try_again(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    async with running(teams_service, folder, admin=administrator) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        menu = await admin.says("menu")
    spoil(folder / "users" / "00000.json", locale=7)

    async with running(teams_service, folder, admin=administrator) as bot:
        admin = Person(teams_service, bot, administrator)
        [line] = texts(await admin.says("menu"))
        assert "is damaged, and trying again does not help" in line
        admin.card = menu
        answer = await admin.does(admin.press("Help"))
        assert answer["statusCode"] == 503
        assert answer["value"]["message"] == line
