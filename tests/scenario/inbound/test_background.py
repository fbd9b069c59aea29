"""Background work that fails is shown to the operator, and begins again by itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aiohttp

from delivery.supervision import SupervisionRules
from storage.embedded.store import EmbeddedStore
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.staff import got
from tests.support.chats.cards import texts
from tests.support.chats.chat import Bot, Person, running, write
from tests.support.stores.spoilt import Spoilt, spoil
from tests.support.waiting import until, until_stored

SOON = SupervisionRules(first_pause=0.1, longest_pause=0.2, well_after=0.5)


async def get(bot: Bot, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(f"{bot.address}{path}") as answer:
        return answer.status, await answer.text()


async def ready(bot: Bot) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as http, http.get(f"{bot.address}/readyz") as answer:
        return answer.status, await answer.json()


async def figure(bot: Bot, name: str, task: str) -> float:
    _, exposed = await get(bot, "/metrics")
    found = re.search(rf'^{name}{{task="{task}"}} (\S+)$', exposed, re.MULTILINE)
    assert found is not None
    return float(found[1])


async def test_work_that_fails_is_shown_while_it_fails_and_counted_for_good(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    broken = {"reminders"}

    def spoils(call: str, given: tuple[Any, ...]) -> bool:
        return call == "campaigns.in_status" and bool(broken)

    store = spoil(EmbeddedStore(tmp_path / "store"), Spoilt(spoils, RuntimeError("a bug")))
    async with running(
        teams_service, tmp_path, admin=administrator, store=store, supervision=SOON
    ) as bot:

        async def failing() -> bool:
            return await figure(bot, "bot_background_failures_total", "reminders") >= 3

        await until_stored(failing, "the third fault")
        status, body = await ready(bot)
        assert status == 503
        assert body == {
            "status": "not ready",
            "reasons": {"background": "reminders: 1 failing (RuntimeError)"},
        }
        assert await figure(bot, "bot_background_failing", "reminders") == 1
        assert await figure(bot, "bot_background_failing", "scheduler") == 0
        assert (await get(bot, "/healthz"))[0] == 200

        # People are answered all the same.
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        assert "Push campaigns" in texts(await admin.says("menu"))

        broken.clear()

        async def well() -> bool:
            return (await ready(bot))[0] == 200

        await until_stored(well, "the work is well again")
        assert await ready(bot) == (200, {"status": "ok"})
        assert await figure(bot, "bot_background_failing", "reminders") == 0
        assert await figure(bot, "bot_background_failures_total", "reminders") >= 3


async def test_a_single_campaign_that_fails_is_shown_and_the_bot_stays_ready(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    broken = {"campaign"}

    def spoils(call: str, given: tuple[Any, ...]) -> bool:
        return call == "ledger.freeze" and bool(broken)

    store = spoil(EmbeddedStore(tmp_path / "store"), Spoilt(spoils, RuntimeError("a bug")))
    async with running(
        teams_service, tmp_path, admin=administrator, store=store, supervision=SOON
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await write(admin, name="News", message="Hello")
        await admin.presses("Send now")
        await admin.presses("Yes, send to 1 person")

        async def shown() -> bool:
            return "failing" in (await ready(bot))[1]

        await until_stored(shown, "the fault")
        assert await ready(bot) == (
            200,
            {"status": "ok", "failing": {"background": "campaign: 1 failing (RuntimeError)"}},
        )
        broken.clear()

        async def well() -> bool:
            return await ready(bot) == (200, {"status": "ok"})

        await until_stored(well, "the work is well again")
        await until(lambda: got(teams_service, "News").total() == 1, "the message")
