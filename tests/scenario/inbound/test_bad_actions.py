"""A button's data comes back from outside, and may be anything."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec
import pytest

from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.content import Format
from campaigns.lists import DistributionList
from campaigns.templates import Template, template_of
from cards import actions
from cards.actions import ACTIONS
from tests.fake_teams import FakeTeams
from tests.support.chats.cards import Card, texts
from tests.support.chats.chat import TENANT, Bot, Person, write

NAME = "Office closed on Friday"
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
OTHER_TENANT = "bbbbbbbb-0000-4000-8000-000000000002"
MENU = "That button does not work (any more). Nothing was changed. Here is the menu."
VISITOR = "Hello!"


async def kept(bot: Bot) -> list[Campaign | DistributionList | Template]:
    """All that could have been changed."""
    campaigns = await bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=99)
    lists = await bot.store.lists.page(TENANT, offset=0, limit=99)
    templates = await bot.store.templates.page(TENANT, offset=0, limit=99)
    return [*campaigns.items, *lists.items, *templates.items]


FOR_EVERYONE = (
    actions.Acknowledge,
    actions.SendAnswers,
    actions.OpenAnswers,
    actions.OpenSharedResults,
)
"""Actions that recipients may press; ``test_acknowledging`` and ``test_surveys`` forge them."""

FOR_ADMINS = [kind for kind in ACTIONS if kind not in FOR_EVERYONE]


def data_of(
    kind: type[actions.Action], draft: Campaign, people: DistributionList
) -> dict[str, Any]:
    """A press of this kind that would do something, if an admin did it."""
    known: dict[str, Any] = {
        "campaign": draft.id,
        "revision": people.revision if issubclass(kind, actions.OnList) else draft.revision,
        "list": people.id,
        "name": "Changed",
        "format": "idea",
        "message": "Changed",
        "audience": "all",
        "email": "a@example.com",
        "user": draft.author_id,
        "clone": "c" * 32,
        "follower": "f" * 32,
        "template": "a" * 32,
        "title": "Changed",
        "survey": "3" * 32,
        "question": "q1",
        "what": "up",
        "shared": "4" * 32,
        "receipt": "5" * 32,
        "result": "success",
        "who": "read",
        "reminder": "1",
        "addresses": "b@example.com",
    }
    if kind is actions.CreateCampaign:
        known["campaign"] = "d" * 32
    fields = {field.encode_name for field in msgspec.structs.fields(kind)}
    pressed = {name: value for name, value in known.items() if name in fields}
    return {"do": kind.__struct_config__.tag, **pressed}


async def draft_and_list(bot: Bot, admin: Person) -> tuple[Campaign, DistributionList]:
    await write(admin, name=NAME, message="Hello", audience="new")
    await admin.presses("Save list", name="Managers", addresses=admin.user.email)
    await admin.presses("Use this list")
    [draft, people] = await kept(bot)
    assert isinstance(draft, Campaign)
    assert isinstance(people, DistributionList)
    return draft, people


async def test_nobody_but_an_admin_does_anything(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, caplog: pytest.LogCaptureFixture
) -> None:
    draft, people = await draft_and_list(whole_bot, admin)
    [user] = teams_service.add_users(1, tenant=TENANT)
    visitor = Person(teams_service, whole_bot, user)
    await visitor.installs()
    before = await kept(whole_bot)
    sent = len(teams_service.received)
    for kind in FOR_ADMINS:
        caplog.clear()
        visitor.card_id = "1"
        with caplog.at_level(logging.WARNING, "audit"):
            card = await visitor.gets(visitor.press_with(data_of(kind, draft, people)))
        assert VISITOR in texts(card), kind
        [line] = [record.getMessage() for record in caplog.records if record.name == "audit"]
        assert user.id in line
        assert repr(kind.__struct_config__.tag) in line
    assert await kept(whole_bot) == before
    assert {post.call for post in teams_service.received[sent:]} <= {"member"}
    for typed in ("menu", "new campaign", "hello?"):
        assert VISITOR in texts(await visitor.says(typed))
    # The very same would have done something: each is answered with something else.
    for kind in FOR_ADMINS:
        answer = await admin.gets(admin.press_with(data_of(kind, draft, people)))
        assert VISITOR not in texts(answer)
        assert MENU not in texts(answer), kind
    assert await kept(whole_bot) != before


async def test_too_much_text_is_answered_by_what_to_do(whole_bot: Bot, admin: Person) -> None:
    await admin.says("menu")
    before = await kept(whole_bot)
    card = await admin.gets(admin.press_with(CREATE | {"more": "x" * 950_000}))
    assert "That was too much text at once, and nothing was saved." in " ".join(texts(card))
    assert await kept(whole_bot) == before


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


CREATE = {"do": "create campaign", "campaign": "d" * 32, "name": "x", "format": "idea"}
FORGED: dict[str, Any] = {
    "nothing": {},
    "no tag": {"name": "x"},
    "an unknown tag": {"do": "format disk"},
    "a tag of another type": {"do": ["menu"]},
    "a list": ["menu"],
    "a string": "menu",
    "a number": 7,
    "a missing field": {"do": "send"},
    "a revision that is no number": {"do": "send", "campaign": "c", "revision": "x"},
    "a fractional revision": {"do": "send", "campaign": "c", "revision": 1.5},
    "a negative revision": {"do": "send", "campaign": "c", "revision": -1},
    "a revision beyond all machines": {"do": "send", "campaign": "c", "revision": 2**70},
    "a negative page": {"do": "campaigns", "page": -1},
    "a page beyond all lists": {"do": "lists", "page": 10**9},
    "an unknown shelf": {"do": "campaigns", "shelf": "secret"},
    "an unknown result": {"do": "result", "campaign": "c", "revision": 1, "result": "all"},
    "an unknown policy": {"do": "send", "campaign": "c", "revision": 1, "in_doubt": "never"},
    "an unknown next step": {"do": "save basics", "campaign": "c", "revision": 1, "then": "send"},
    "an empty id": CREATE | {"campaign": ""},
    "an id with a NUL": CREATE | {"campaign": "a\x00b"},
    "an id with a line break": CREATE | {"campaign": "ab\n"},
    "an id that is a path": CREATE | {"campaign": "../../users"},
    "an endless id": CREATE | {"campaign": "a" * 100_000},
    "a name of another type": CREATE | {"name": {"$gt": ""}},
    "an endless name": CREATE | {"name": "x" * 100_000},
    "deep nesting": {"do": nested(500)},
    "a campaign for a list that is no id": {"do": "new list", "campaign": "x" * 50_000},
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED.keys())
async def test_what_is_no_action_changes_nothing_and_is_logged(
    whole_bot: Bot, admin: Person, caplog: pytest.LogCaptureFixture, data: Any
) -> None:
    await admin.says("menu")
    with caplog.at_level(logging.WARNING, "dialogs.router"):
        card = await admin.gets(admin.press_with(data))
    assert MENU in texts(card)
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "pressed what is no action" in line
    assert len(line) < 500
    assert "\n" not in line
    assert await kept(whole_bot) == []


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"do":',
        b"1" * 5_000,
    ],
    ids=["not UTF-8", "nested without end", "cut off", "a huge number"],
)
async def test_a_body_that_is_not_json_is_refused_before_it_reaches_anybody(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, body: bytes
) -> None:
    activity = msgspec.json.encode(admin.press_with({"do": "DATA"}))
    token = teams_service.identity.channel_token(teams_service.app_id, teams_service.service_url)
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            whole_bot.messages,
            data=activity.replace(b'{"do":"DATA"}', body),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        ) as response,
    ):
        assert response.status == 400
    assert await kept(whole_bot) == []
    assert await admin.says("menu")


async def test_a_text_of_a_megabyte_does_no_harm(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    message = teams_service.inbound.said(admin.user, "")
    for text in ("x" * 1_000_000, "\x00" * 100_000):
        answer = await teams_service.deliver(
            whole_bot.messages, message | {"text": text, "id": text[:1]}
        )
        assert answer.status in (200, 413)
    assert "Push campaigns" in texts(await admin.says("menu"))


async def test_nothing_of_another_tenant_can_be_reached(whole_bot: Bot, admin: Person) -> None:
    draft, people = await draft_and_list(whole_bot, admin)
    theirs = msgspec.structs.replace(
        draft, tenant_id=OTHER_TENANT, id="f" * 32, name="Their secret", revision=0
    )
    await whole_bot.store.campaigns.add(theirs)
    their_list = msgspec.structs.replace(
        people, tenant_id=OTHER_TENANT, id="e" * 32, name="Their people", revision=0
    )
    await whole_bot.store.lists.add(their_list)
    before = await kept(whole_bot)
    for kind in ACTIONS:
        on_campaign, on_list = (
            issubclass(kind, base) for base in (actions.OnCampaign, actions.OnList)
        )
        if not (on_campaign or on_list) or kind is actions.SaveList:
            continue
        data = data_of(kind, draft, people)
        data |= {"campaign": theirs.id} if on_campaign else {"list": their_list.id}
        card = await admin.gets(admin.press_with(data | {"revision": 1}))
        expected = "distribution list" if on_list else "campaign"
        assert f"This {expected} does not exist any more." in texts(card), kind
        assert_tells_nothing(card)
    their_template = template_of(theirs, "9" * 32, name="Their form", author_id="x", now=NOW)
    await whole_bot.store.templates.add(their_template)
    for kind in (
        actions.OpenUseTemplate,
        actions.UseTemplate,
        actions.AskDeleteTemplate,
        actions.DeleteTemplate,
    ):
        data = data_of(kind, draft, people) | {"template": their_template.id}
        card = await admin.gets(admin.press_with(data))
        assert "This template does not exist any more." in texts(card), kind
        assert_tells_nothing(card)
    card = await admin.gets(
        admin.press_with(
            data_of(actions.SaveRecipients, draft, people) | {"audience": f"list:{their_list.id}"}
        )
    )
    assert any("The list that was chosen has been deleted." in line for line in texts(card))
    assert_tells_nothing(card)
    assert await kept(whole_bot) == before
    key = CampaignKey(OTHER_TENANT, theirs.id)
    assert (await whole_bot.store.campaigns.get(key)) is not None
    assert (await whole_bot.store.templates.get(OTHER_TENANT, their_template.id)) is not None


def assert_tells_nothing(card: Card) -> None:
    assert b"Their " not in msgspec.json.encode(card)


async def test_control_characters_in_what_is_typed_are_not_kept(
    whole_bot: Bot, admin: Person
) -> None:
    await write(admin, name="Of\x00fice\u202e \nclosed", message="He\x00llo\x1b[31m")
    [draft] = await kept(whole_bot)
    assert isinstance(draft, Campaign)
    assert draft.name == "Office closed"
    assert draft.content.message == "Hello[31m"
    assert draft.format is Format.IMPORTANT
