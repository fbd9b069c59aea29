"""Activities over real HTTP through CloudAdapter: what is answered, how, and what is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.activities import decode
from bot.duplicates import FirstArrivalFailed
from campaigns.outcome import Reason, Rejected, Unknown
from settings import Admins, Settings
from storage.errors import StoreError
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chats.inbound_bot import InboundBot, listening

Raw = dict[str, Any]


@pytest.fixture
async def fake() -> AsyncIterator[FakeTeams]:
    async with FakeTeams() as fake:
        yield fake


@pytest.fixture
def user(fake: FakeTeams) -> FakeUser:
    [user] = fake.add_users(1)
    return user


@pytest.fixture
async def bot() -> AsyncIterator[InboundBot]:
    async with listening(Settings(admins=Admins(people=frozenset({"adele@example.com"})))) as bot:
        yield bot


class Teams:
    """Posts to the bot, unsigned as in local mode."""

    def __init__(self, fake: FakeTeams, bot: InboundBot) -> None:
        self._fake = fake
        self._bot = bot

    async def post(self, activity: Raw) -> tuple[int, Any]:
        answer = await self._fake.deliver(self._bot.messages, activity, signed=False)
        return answer.status, answer.body


@pytest.fixture
def teams(fake: FakeTeams, bot: InboundBot) -> Teams:
    return Teams(fake, bot)


def card(number: int) -> Raw:
    body: Raw = {"type": "AdaptiveCard", "version": "1.5", "body": [], "id": f"card {number}"}
    return {
        "statusCode": 200,
        "type": "application/vnd.microsoft.card.adaptive",
        "value": body,
    }


def refused(status: int, code: str, message: str) -> Raw:
    value = {"code": code, "message": message}
    return {"statusCode": status, "type": "application/vnd.microsoft.error", "value": value}


FAILED = "Something is not working on our side just now. Try again in a moment."


async def test_a_message_is_answered_into_the_chat(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    assert await teams.post(fake.inbound.said(user, "  menu ")) == (200, None)
    [turn] = bot.dialogs.turns
    assert (turn.text, turn.pressed, turn.is_admin) == ("menu", None, True)
    assert (turn.user.id, turn.user.locale, turn.user.time_zone) == (
        user.id,
        user.locale,
        user.time_zone,
    )
    [call] = bot.messenger.calls
    assert (call.verb, call.message.summary) == ("send", "reply 1")
    assert call.reference.conversation_id == user.conversation_id
    assert not call.message.alert


async def test_a_press_is_answered_with_the_card_in_its_place(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    pressed = fake.inbound.pressed(user, {"do": "home", "name": "Ä"}, reply_to_id="17")
    assert await teams.post(pressed) == (200, card(1))
    [turn] = bot.dialogs.turns
    assert (turn.pressed, turn.card_id) == ({"do": "home", "name": "Ä"}, "17")
    assert bot.messenger.calls == []


async def test_a_submitted_card_is_replaced_by_update(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    await teams.post(fake.inbound.submitted(user, {"do": "home"}, reply_to_id="17"))
    assert [(call.verb, call.activity_id) for call in bot.messenger.calls] == [("update", "17")]


async def test_a_submitted_card_that_is_gone_is_followed_by_a_new_one(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    bot.messenger.outcomes.append(Rejected(Reason.BAD_REQUEST))
    await teams.post(fake.inbound.submitted(user, {"do": "home"}, reply_to_id="17"))
    assert [call.verb for call in bot.messenger.calls] == ["update", "send"]


async def test_an_update_whose_fate_is_unknown_is_not_followed_by_another_card(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    bot.messenger.outcomes.append(Unknown(Reason.NO_ANSWER))
    await teams.post(fake.inbound.submitted(user, {"do": "home"}, reply_to_id="17"))
    assert [call.verb for call in bot.messenger.calls] == ["update"]


async def test_who_is_not_an_admin_is_not_taken_for_one(fake: FakeTeams, user: FakeUser) -> None:
    async with listening(Settings(admins=Admins(people=frozenset({"megan@example.com"})))) as bot:
        await Teams(fake, bot).post(fake.inbound.said(user, "menu"))
        assert [turn.is_admin for turn in bot.dialogs.turns] == [False]


async def test_installing_and_uninstalling_change_who_is_reachable(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    users = bot.store.users
    assert await teams.post(fake.inbound.installed(user)) == (200, None)
    assert await teams.post(fake.inbound.members_added(user)) == (200, None)
    assert await users.count_reachable(user.tenant) == 1
    upgrade = fake.inbound.uninstalled(user) | {"action": "remove-upgrade"}
    assert await teams.post(upgrade) == (200, None)
    assert await users.count_reachable(user.tenant) == 1
    assert await teams.post(fake.inbound.uninstalled(user)) == (200, None)
    assert await users.count_reachable(user.tenant) == 0
    await teams.post(fake.inbound.said(user, "I am back"))
    assert await users.count_reachable(user.tenant) == 1
    removed = fake.inbound.members_added(user)
    removed["membersRemoved"] = removed.pop("membersAdded")
    await teams.post(removed)
    assert await users.count_reachable(user.tenant) == 0


async def test_every_activity_refreshes_the_reference(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    await teams.post(fake.inbound.installed(user))
    user.conversation_id = "a:moved"
    await teams.post(fake.inbound.reacted(user, "17"))
    kept = await bot.store.users.get(user.tenant, user.id)
    assert kept is not None
    assert kept.reference.conversation_id == "a:moved"
    assert bot.dialogs.turns == []


async def test_the_same_activity_delivered_at_once_and_later_acts_once(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    pressed = fake.inbound.pressed(user, {"do": "send"})
    bot.dialogs.go.clear()
    deliveries = [asyncio.ensure_future(teams.post(pressed)) for _ in range(10)]
    await bot.dialogs.began.wait()
    bot.dialogs.go.set()
    answers = [*await asyncio.gather(*deliveries), await teams.post(pressed)]
    assert answers == [(200, card(1))] * 11
    assert len(bot.dialogs.turns) == 1
    # Pressing again is another activity.
    assert await teams.post(fake.inbound.pressed(user, {"do": "send"})) == (200, card(2))


async def test_a_message_delivered_twice_is_answered_once(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    message = fake.inbound.said(user, "menu")
    await asyncio.gather(teams.post(message), teams.post(message))
    assert bot.messenger.summaries == ["reply 1"]


async def test_the_same_id_in_another_chat_is_another_activity(
    fake: FakeTeams, bot: InboundBot, teams: Teams
) -> None:
    messages = [fake.inbound.said(user, "menu") | {"id": "1"} for user in fake.add_users(2)]
    for activity in messages:
        await teams.post(activity)
    assert len(bot.dialogs.turns) == 2


@pytest.mark.parametrize("error", [StoreError("disk full"), ZeroDivisionError("a mistake of ours")])
async def test_a_failed_turn_is_apologised_for_and_can_be_repeated(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser, error: Exception
) -> None:
    pressed, message = fake.inbound.pressed(user, {}), fake.inbound.said(user, "menu")
    bot.dialogs.error = error
    assert await teams.post(pressed) == (200, refused(503, "ServiceUnavailable", FAILED))
    assert await teams.post(message) == (200, None)
    assert bot.messenger.summaries == [FAILED]
    bot.dialogs.error = None
    assert await teams.post(pressed) == (200, card(3))
    assert await teams.post(message) == (200, None)
    assert bot.messenger.summaries == [FAILED, "reply 4"]


async def test_an_event_that_could_not_be_kept_may_come_again(bot: InboundBot) -> None:
    event = decode(b'{"type": "installationUpdate", "action": "add"}')
    assert (await bot.handler.failed(event, StoreError("disk full"))).status == 503


async def test_who_joined_a_failed_turn_brings_no_second_apology(
    fake: FakeTeams, bot: InboundBot, user: FakeUser
) -> None:
    message = decode(json.dumps(fake.inbound.said(user, "menu")).encode())
    answer = await bot.handler.failed(message, FirstArrivalFailed())
    assert (answer.status, bot.messenger.calls) == (200, [])


async def test_a_slow_turn_is_answered_in_time_and_goes_on(fake: FakeTeams, user: FakeUser) -> None:
    async with listening(Settings(), answer_within=0.05) as bot:
        teams = Teams(fake, bot)
        bot.dialogs.go.clear()
        pressed = fake.inbound.pressed(user, {"do": "send"})
        status, body = await teams.post(pressed)
        assert (status, body["statusCode"]) == (200, 408)
        assert await teams.post(fake.inbound.said(user, "menu")) == (200, None)
        bot.dialogs.go.set()
        await bot.handler.finish(5.0)
        assert await teams.post(pressed) == (200, card(1))
        assert bot.messenger.summaries == ["reply 2"]


async def test_an_invoke_of_another_kind_is_not_implemented(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    fetch = fake.inbound.pressed(user, {}) | {"name": "task/fetch"}
    assert await teams.post(fetch) == (501, None)
    assert bot.dialogs.turns == []


async def test_a_group_gets_a_short_answer_and_is_not_kept(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    message, pressed = fake.inbound.said(user, "menu"), fake.inbound.pressed(user, {})
    for activity in (message, pressed, installed := fake.inbound.installed(user)):
        activity["conversation"] |= {"conversationType": "groupChat"}
    assert await teams.post(message) == (200, None)
    assert bot.messenger.summaries == ["I work in one-to-one chat. Write to me there."]
    status, body = await teams.post(pressed)
    assert (status, body["statusCode"]) == (200, 400)
    assert await teams.post(installed) == (200, None)
    assert await bot.store.users.get(user.tenant, user.id) is None
    assert bot.dialogs.turns == []


async def test_without_a_tenant_nothing_is_done(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    message, pressed = fake.inbound.said(user, "menu"), fake.inbound.pressed(user, {})
    for activity in (message, pressed):
        del activity["channelData"], activity["conversation"]["tenantId"]
    assert await teams.post(message) == (200, None)
    status, body = await teams.post(pressed)
    assert (status, body["statusCode"]) == (200, 400)
    assert bot.dialogs.turns == []


async def test_an_untrusted_service_url_is_refused(
    fake: FakeTeams, bot: InboundBot, teams: Teams, user: FakeUser
) -> None:
    message = fake.inbound.said(user, "menu") | {"serviceUrl": "https://teams.example.com/"}
    assert await teams.post(message) == (403, None)
    assert (bot.dialogs.turns, bot.messenger.calls) == ([], [])
