"""Reading activities: shapes that Teams and the Agents Playground send, and odd ones."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.activities import Activity, decode
from bot.reading import (
    Missing,
    html_of,
    is_personal,
    membership_of,
    pressed_of,
    sighting_of,
    tenant_of,
    text_of,
    turn_of,
)
from campaigns.user import ConversationReference, User
from delivery.people.contacts import Sighting

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
BOT = {"id": "28:bot", "name": "Campaigns"}

MESSAGE: dict[str, Any] = {
    "type": "message",
    "id": "1700000000001",
    "text": "menu",
    "textFormat": "plain",
    "timestamp": "2026-03-01T09:30:00.123Z",
    "localTimestamp": "2026-03-01T10:30:00.123+01:00",
    "localTimezone": "Europe/Berlin",
    "channelId": "msteams",
    "serviceUrl": "https://smba.trafficmanager.net/emea/",
    "from": {"id": "29:Abc", "name": "Adele Vance", "aadObjectId": "AAAA-1"},
    "recipient": BOT,
    "conversation": {"conversationType": "personal", "tenantId": "Tenant-1", "id": "a:1"},
    "channelData": {"tenant": {"id": "Tenant-1"}},
    "locale": "en-GB",
    "entities": [{"type": "clientInfo", "locale": "de-DE", "timezone": "Asia/Tokyo"}],
}


def activity(**changed: Any) -> Activity:
    """The message, with parts changed; a part that is ... is left out."""
    raw = {key: value for key, value in (MESSAGE | changed).items() if value is not ...}
    return decode(json.dumps(raw).encode())


def sighting(**changed: Any) -> Sighting:
    seen = sighting_of(activity(**changed), NOW)
    assert isinstance(seen, Sighting)
    return seen


def test_a_message_tells_who_wrote_and_where_to_answer() -> None:
    assert sighting() == Sighting(
        tenant_id="tenant-1",
        user_id="aaaa-1",
        reference=ConversationReference(
            service_url="https://smba.trafficmanager.net/emea",
            conversation_id="a:1",
            bot_id="28:bot",
            account_id="29:Abc",
            channel_id="msteams",
        ),
        at=NOW,
        name="Adele Vance",
        locale="en-GB",
        time_zone="Europe/Berlin",
    )


@pytest.mark.parametrize(
    ("changed", "tenant"),
    [
        ({}, "tenant-1"),
        ({"channelData": {"tenant": {"id": "Other"}}}, "other"),
        # The conversation's stands in wherever channelData tells nothing.
        ({"channelData": ...}, "tenant-1"),
        ({"channelData": {"tenant": {}}}, "tenant-1"),
        ({"channelData": {"tenant": "x"}}, "tenant-1"),
        ({"channelData": {"tenant": {"id": 7}}}, "tenant-1"),
        ({"channelData": [], "conversation": {"id": "a:1"}}, ""),
        ({"channelData": None, "conversation": ...}, ""),
    ],
)
def test_the_tenant_comes_from_channel_data_first(changed: dict[str, Any], tenant: str) -> None:
    assert tenant_of(activity(**changed)) == tenant


@pytest.mark.parametrize(
    ("changed", "user_id"),
    [
        ({}, "aaaa-1"),
        ({"from": {"id": "29:Abc"}}, "29:Abc"),  # account ids are case-sensitive
        ({"from": {"id": "29:Abc", "aadObjectId": None}}, "29:Abc"),
        # An event in the bot's name is about the other member.
        ({"from": BOT, "membersAdded": [BOT, {"id": "29:U", "aadObjectId": "E"}]}, "e"),
        # The Entra id may stand with the member alone.
        ({"from": {"id": "29:U"}, "membersAdded": [{"id": "29:U", "aadObjectId": "E"}]}, "e"),
        # The person uninstalled: from tells who.
        ({"membersRemoved": [BOT]}, "aaaa-1"),
    ],
)
def test_the_user_is_known_by_entra_id_or_else_by_account(
    changed: dict[str, Any], user_id: str
) -> None:
    assert sighting(**changed).user_id == user_id


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ({"from": ...}, ("from.id",)),
        ({"from": {"name": "Adele"}}, ("from.id",)),
        ({"from": BOT}, ("from.id",)),
        ({"serviceUrl": ""}, ("serviceUrl",)),
        ({"recipient": None}, ("recipient.id",)),
        ({"channelData": ..., "conversation": ...}, ("tenant", "conversation.id")),
    ],
)
def test_what_is_missing_is_named(changed: dict[str, Any], parts: tuple[str, ...]) -> None:
    assert sighting_of(activity(**changed), NOW) == Missing(parts)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (" UTC ", "UTC"),
        ("Mars/Olympus", ""),
        ("Europe", ""),  # a folder of the database
        ("../../etc/passwd", ""),
        ("\x00", ""),
        ("Ü" * 5_000, ""),
        (5, ""),
        (None, ""),
    ],
)
def test_a_time_zone_is_kept_when_it_exists(name: object, zone: str) -> None:
    assert sighting(localTimezone=name, entities=None).time_zone == zone


def test_client_info_stands_in_for_locale_and_time_zone() -> None:
    seen = sighting(locale=None, localTimezone="?")
    assert (seen.locale, seen.time_zone) == ("de-DE", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("text", "entities", "cleaned"),
    [
        ("  New   campaign \n", [], "New   campaign"),
        (
            "<at>Campaigns</at>\xa0menu",
            [{"type": "mention", "text": "<at>Campaigns</at>", "mentioned": BOT}],
            "menu",
        ),
        # Somebody else's mention is part of what was said.
        (
            "<at>Adele</at> menu",
            [{"type": "mention", "text": "<at>Adele</at>", "mentioned": {"id": "29:x"}}],
            "<at>Adele</at> menu",
        ),
        ("menu", [{"type": "mention", "mentioned": BOT}], "menu"),
        ("menu", [{"type": "mention", "text": 3, "mentioned": [BOT]}, 4, None], "menu"),
        ("menu", {"type": "mention"}, "menu"),
        ("me\x00nu", [], "menu"),
        (None, [], ""),
    ],
)
def test_text_is_what_was_typed(text: str | None, entities: object, cleaned: str) -> None:
    assert text_of(activity(text=text, entities=entities)) == cleaned


@pytest.mark.parametrize(
    ("attachments", "html"),
    [
        (None, ""),
        ([], ""),
        ("odd", ""),
        ([None, {"contentType": "image/*"}, {"contentType": "text/html"}], ""),
        ([{"contentType": "text/html", "content": 7}], ""),
        (
            [{"contentType": "image/*"}, {"contentType": "text/html", "content": "<p>a\0</p>"}],
            "<p>a</p>",
        ),
    ],
)
def test_what_was_typed_comes_with_its_formatting(attachments: object, html: str) -> None:
    assert html_of(activity(text="a", attachments=attachments)) == html


@pytest.mark.parametrize(
    ("changed", "pressed"),
    [
        ({}, None),
        ({"text": None, "value": {"do": "home"}}, {"do": "home"}),
        ({"text": "Home", "value": {"do": "home"}}, {"do": "home"}),
        ({"type": "invoke", "value": {"action": {"data": {"do": "home"}}}}, {"do": "home"}),
        ({"type": "invoke", "value": {"action": {"data": "x"}}}, "x"),
        # A press is a press, whatever it carries: what it is not, the decoder says.
        ({"type": "invoke", "value": {"action": {}}}, {}),
        ({"type": "invoke", "value": {"action": None}}, {}),
        ({"type": "invoke", "value": [1]}, {}),
        ({"type": "invoke", "value": None}, {}),
    ],
)
def test_what_was_pressed_is_the_buttons_data(changed: dict[str, Any], pressed: object) -> None:
    assert pressed_of(activity(**changed)) == pressed


def test_a_press_carries_its_card_and_no_text() -> None:
    user = User(tenant_id="tenant-1", id="aaaa-1", reference=sighting().reference)
    pressed = activity(type="message", text="Home", value={"do": "home"}, replyToId="17")
    turn = turn_of(pressed, user, is_admin=True, at=NOW)
    assert (turn.text, turn.pressed, turn.card_id) == ("", {"do": "home"}, "17")
    assert (turn.is_admin, turn.at, turn.user) == (True, NOW, user)


def test_a_typed_answer_to_a_message_does_not_replace_it() -> None:
    user = User(tenant_id="tenant-1", id="aaaa-1", reference=sighting().reference)
    turn = turn_of(activity(replyToId="17"), user, is_admin=False, at=NOW)
    assert (turn.text, turn.pressed, turn.card_id) == ("menu", None, "")


@pytest.mark.parametrize(
    ("changed", "membership"),
    [
        ({"type": "installationUpdate", "action": "add"}, "added"),
        ({"type": "installationUpdate", "action": "add-upgrade"}, "added"),
        ({"type": "installationUpdate", "action": "remove"}, "removed"),
        # The first half of an upgrade; the person keeps the app.
        ({"type": "installationUpdate", "action": "remove-upgrade"}, "unchanged"),
        ({"type": "installationUpdate"}, "unchanged"),
        ({"type": "conversationUpdate", "membersAdded": [BOT]}, "added"),
        ({"type": "conversationUpdate", "membersRemoved": [BOT]}, "removed"),
        ({"type": "conversationUpdate", "membersAdded": []}, "unchanged"),
        ({"type": "messageReaction"}, "nothing"),
        ({"type": "message", "membersAdded": [BOT]}, "nothing"),
    ],
)
def test_installation_is_told_apart_from_upgrade(changed: dict[str, Any], membership: str) -> None:
    assert membership_of(activity(**changed)) == membership


@pytest.mark.parametrize(
    ("conversation", "personal"),
    [
        ({"conversationType": "personal"}, True),
        ({"conversationType": "groupChat"}, False),
        ({"conversationType": "channel"}, False),
        # Not told is not taken for granted: a push would go to a whole group.
        ({"id": "a:1"}, False),
        (None, False),
    ],
)
def test_only_personal_chats_count_as_such(conversation: object, personal: bool) -> None:
    assert is_personal(activity(conversation=conversation)) is personal
