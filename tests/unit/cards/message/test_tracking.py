"""Tracked links lead through the bot, and nothing else of the card changes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from campaigns import drafting
from campaigns.campaign import Campaign
from campaigns.content import Button, Content, Format
from campaigns.seal import Seal, link_id
from campaigns.user import ConversationReference, Profile, User
from cards.message.personal import Personal, Renderer
from cards.message.tracking import Tracking
from cards.size import LIMIT, size_in_bytes
from tests.support.adaptive_card_schema import assert_valid_card

BASE = "https://bot.example"
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SEAL = Seal()
SEAL.use(b"k" * 32)
TRACKING = Tracking(BASE, SEAL)


def user(given_name: str = "Ann", email: str = "ann+x@example.com") -> User:
    reference = ConversationReference(
        service_url="https://smba.example", conversation_id="c", bot_id="b", account_id="a"
    )
    profile = Profile(given_name=given_name, surname="Bee", email=email)
    return User(
        tenant_id="t", id=f"id of {given_name}", reference=reference, profile=profile,
        profile_known=True,
    )  # fmt: skip


def campaign(message: str = "", format: Format = Format.MESSAGE, **content: Any) -> Campaign:
    draft = drafting.draft("t", "c", name="News", format=format, author_id="a", now=NOW)
    return msgspec.structs.replace(draft, content=Content(message, **content))


def card(personal: Personal, recipient: User) -> dict[str, Any]:
    message = personal.message(recipient)
    assert isinstance(message.card, msgspec.Raw)
    decoded: dict[str, Any] = msgspec.json.decode(message.card)
    assert_valid_card(decoded)
    return decoded


def resolved(value: object) -> object:
    """Returns the card with each of our links replaced by the address that it leads to."""
    text = msgspec.json.encode(value).decode()
    return msgspec.json.decode(
        re.sub(rf"{BASE}/r/([\w.-]+)", lambda match: _address(match[1]), text)
    )


def _address(token: str) -> str:
    target, _ = SEAL.clicked(token)
    return msgspec.json.encode(target.address).decode()[1:-1]


@pytest.mark.parametrize(
    ("message", "links"),
    [
        ("[a](https://example.com/a)", ["https://example.com/a"]),
        ("**[a b](http://example.com)**, [c](https://example.com/c)",
         ["http://example.com", "https://example.com/c"]),
        ("[wiki](https://en.example.org/wiki/A_(b))", ["https://en.example.org/wiki/A_(b)"]),
        ("[t](https://example.com 'a title')", ["https://example.com"]),
        ("[same](https://example.com) [again](https://example.com)", ["https://example.com"]),
        ("[FIRSTNAME](https://example.com/[EMAIL]?x=1)", ["https://example.com/[EMAIL]?x=1"]),
        ("[q](https://example.com/?a=1&amp;b=2)", ["https://example.com/?a=1&b=2"]),
        # Left as they are.
        ("https://example.com/plain", []),
        ("[mail](mailto:a@example.com) [call](tel:+49)", []),
        (r"\[no](https://example.com)", []),
        ("no link (https://example.com)", []),
    ],
)  # fmt: skip
def test_links_of_texts_lead_through_the_bot(message: str, links: list[str]) -> None:
    tracked = Personal(campaign(message), tracking=TRACKING)
    assert [link.address for link in tracked.links] == links
    assert [link.id for link in tracked.links] == [link_id(address) for address in links]
    for recipient in (user(), user("](http://evil.example)", "a&b=c@example.com")):
        direct = card(Personal(campaign(message)), recipient)
        through = card(tracked, recipient)
        assert (through != direct) == bool(links)
        plain = msgspec.json.decode(msgspec.json.encode(direct).replace(b"&amp;", b"&"))
        assert resolved(through) == plain


def test_each_recipient_has_a_link_of_their_own() -> None:
    tracked = Personal(campaign("[a](https://example.com/[EMAIL])"), tracking=TRACKING)
    [token] = re.findall(r"/r/([\w.-]+)", str(card(tracked, user())))
    target, recipient = SEAL.clicked(token)
    assert (target.address, recipient) == ("https://example.com/ann%2Bx%40example.com", user().id)
    assert target.key == campaign().key
    assert tracked.needs_profile
    assert not Personal(campaign("[a](https://example.com)"), tracking=TRACKING).needs_profile


def test_without_personal_tracking_links_are_the_same_for_everyone() -> None:
    counting = Tracking(BASE, SEAL, personal=False)
    tracked = Personal(campaign("[a](https://example.com)"), tracking=counting)
    assert card(tracked, user("Ann")) == card(tracked, user("Bob"))
    [token] = re.findall(r"/r/([\w.-]+)", str(card(tracked, user())))
    assert SEAL.clicked(token)[1] == ""


def test_buttons_lead_through_the_bot() -> None:
    built = campaign(
        "Hello",
        Format.CARD,
        title="T",
        buttons=(
            Button("Go, [FIRSTNAME]", "https://example.com/go"),
            Button("Me", "https://example.com/[EMAIL]"),
        ),
    )
    tracked = Personal(built, tracking=TRACKING)
    assert [(link.label, link.address) for link in tracked.links] == [
        ("Go, [FIRSTNAME]", "https://example.com/go"),
        ("Me", "https://example.com/[EMAIL]"),
    ]
    assert resolved(card(tracked, user())) == card(Personal(built), user())


def test_links_of_a_pasted_card_lead_through_the_bot_wherever_they_are() -> None:
    opening = {"type": "Action.OpenUrl", "title": "Open", "url": "https://example.com/open"}
    pasted = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [
            {
                "type": "Container",
                "items": [{"type": "TextBlock", "text": "[in](https://example.com/in)"}],
                "selectAction": {"type": "Action.OpenUrl", "url": "https://example.com/select"},
            }
        ],
        "actions": [
            opening,
            {
                "type": "Action.ShowCard",
                "title": "More",
                "card": {
                    "type": "AdaptiveCard",
                    "body": [],
                    "actions": [opening | {"url": "https://example.com/deep"}],
                },
            },
        ],
    }
    made = campaign("", Format.CARD, card=msgspec.json.encode(pasted).decode(), pasted=True)
    tracked = Personal(made, tracking=TRACKING)
    assert {link.address.rpartition("/")[2] for link in tracked.links} == {
        "in", "select", "open", "deep",
    }  # fmt: skip
    assert resolved(card(tracked, user())) == card(Personal(made), user())


def test_what_would_make_the_card_too_big_stays_direct() -> None:
    message = "\n\n".join(f"[{n}](https://example.com/{n})" for n in range(270))
    tracked = Personal(campaign(message), tracking=TRACKING)
    assert 20 < len(tracked.links) < 200
    assert size_in_bytes(card(tracked, user())) <= LIMIT


def test_a_test_has_direct_links() -> None:
    tried = Renderer(TRACKING)(campaign("[a](https://example.com)"), test=True)
    assert BASE not in str(card(tried, user()))
