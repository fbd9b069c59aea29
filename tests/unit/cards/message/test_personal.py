"""A campaign as one recipient sees it: spliced is the same as filled anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import drafting
from campaigns.campaign import Campaign
from campaigns.content import Button, Content, Format, Picture
from campaigns.message import Message
from campaigns.text import placeholders
from campaigns.user import ConversationReference, Profile, User
from cards.markdown import escape
from cards.message import pasted
from cards.message.personal import Personal, filled, render
from tests.support.adaptive_card_schema import assert_valid_card

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
NAMES = st.text(min_size=1, max_size=30).filter(escape)


def user(profile: Profile) -> User:
    reference = ConversationReference(
        service_url="https://smba.example", conversation_id="c", bot_id="b", account_id="a"
    )
    return User(tenant_id="t", id="u", reference=reference, profile=profile, profile_known=True)


def campaign(message: str, format: Format = Format.IDEA) -> Campaign:
    draft = drafting.draft("t", "c", name="News [FIRSTNAME]", format=format, author_id="a", now=NOW)
    return msgspec.structs.replace(draft, content=Content(message))


def built(**parts: Any) -> Campaign:
    draft = campaign("", Format.CARD)
    return msgspec.structs.replace(draft, content=Content(**parts))


def card(message: Message) -> dict[str, Any]:
    assert isinstance(message.card, msgspec.Raw)
    decoded: dict[str, Any] = msgspec.json.decode(message.card)
    return decoded


@given(
    parts=st.lists(
        st.sampled_from(
            [
                *placeholders.TOKENS,
                "[FIRSTNAME|dear *friend*]",
                "[CITY|]",
                "[FULLNAME](https://example.com/[EMAIL]?a=1)",
                "https://example.com/[FIRSTNAME|some one]",
                "\n\n",
                "\n- ",
                "\n# ",
                "\n> ",
                "\n```\n",
                " **bold** ",
                " ~~out~~ ",
                " `code` ",
                'say "hi" \\ é 🎉',
                "[HR](https://example.com)",
            ]
        ),
        min_size=1,
    ),
    profile=st.builds(Profile, name=NAMES, given_name=NAMES, surname=NAMES, email=NAMES),
    look=st.sampled_from(Format),
    test=st.booleans(),
)
def test_splicing_gives_what_filling_anew_would(
    parts: list[str], profile: Profile, look: Format, test: bool
) -> None:
    sent = msgspec.structs.replace(
        campaign("", look),
        content=Content(
            "A" + "".join(parts),
            title="A " + "".join(parts).replace("\n", " "),
            image=Picture("https://example.com/[EMAIL].png", "Of [FIRSTNAME]"),
            buttons=(Button("Go, [FIRSTNAME|you]", "https://example.com/?n=[FULLNAME]"),),
        ),
    )
    recipient = user(profile)
    spliced = card(Personal(sent, test=test).message(recipient))
    assert spliced == filled(render(sent, test=test), recipient)
    assert_valid_card(spliced)


MEAN = ('"}],"x":[{"](http://evil.example) <b>\\', "](http://evil)", "=cmd()", "[EMAIL]", "**x**")


@pytest.mark.parametrize("name", MEAN)
def test_a_name_cannot_break_out_of_the_card(name: str) -> None:
    sent = built(
        title="Hello [FIRSTNAME]",
        message="Hello [FIRSTNAME], [FIRSTNAME](https://example.com) ~~[FIRSTNAME]~~",
        image=Picture("https://example.com/[FIRSTNAME]", "[FIRSTNAME]"),
        buttons=(Button("For [FIRSTNAME]", "https://example.com/?a=[FIRSTNAME]"),),
    )
    made = card(Personal(sent).message(user(Profile(given_name=name, name="x"))))
    assert_valid_card(made)
    assert "x" not in made
    title, picture, text, buttons = made["body"]
    assert title["text"] == f"Hello {escape(name)}"
    assert picture == {
        "type": "Image",
        "spacing": "medium",
        "url": f"https://example.com/{quote(name, safe='')}",
        "altText": name,
    }
    assert [run["text"] for run in text["inlines"]][-1] == name
    assert buttons["actions"] == [
        {
            "type": "Action.OpenUrl",
            "title": f"For {name}",
            "url": f"https://example.com/?a={quote(name, safe='')}",
        }
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (Content("**Hello** [FIRSTNAME|you]"), "Hello *Ann*"),
        (Content("Hello", notification="For [FIRSTNAME]"), "For *Ann*"),
        (Content("Hello", title="Dear [FIRSTNAME] [CITY|there]"), "Hello"),
    ],
)
def test_the_notification_is_personal_and_plain(content: Content, says: str) -> None:
    sent = msgspec.structs.replace(campaign(""), content=content)
    recipient = user(Profile(given_name="*Ann*"))
    assert Personal(sent).message(recipient).summary == says
    assert Personal(sent, test=True).message(recipient).summary == f"Test: {says}"
    assert card(Personal(sent).message(recipient))["fallbackText"] == says


def test_only_placeholders_need_a_profile() -> None:
    assert not Personal(campaign("Hello [x]")).needs_profile
    assert Personal(campaign("Hello [EMAIL]")).needs_profile
    sent = msgspec.structs.replace(campaign(""), content=Content("Hi", notification="[EMAIL]"))
    assert Personal(sent).needs_profile


def test_a_pasted_card_is_filled_in_every_text_and_nowhere_else() -> None:
    pasted_card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "id": "[CITY]", "text": "Hi [FIRSTNAME]"},
            {"type": "FactSet", "facts": [{"title": "Of", "value": "[DEPARTMENT|us]"}]},
            {
                "type": "RichTextBlock",
                "inlines": ["[FIRSTNAME] ", {"type": "TextRun", "text": "*[FIRSTNAME]*"}],
            },
        ],
        "actions": [
            {
                "type": "Action.ShowCard",
                "title": "[FIRSTNAME]",
                "card": {
                    "type": "AdaptiveCard",
                    "body": [{"type": "TextBlock", "text": "[FIRSTNAME]"}],
                },
            }
        ],
    }
    sent = built(card=pasted.read(json.dumps(pasted_card)), pasted=True)
    made = card(Personal(sent).message(user(Profile(given_name="A*n"))))
    assert_valid_card(made)
    hello, facts, rich = made["body"]
    assert hello == {"type": "TextBlock", "id": "[CITY]", "text": r"Hi A\*n"}
    assert facts["facts"] == [{"title": "Of", "value": "us"}]
    assert rich["inlines"] == ["A*n ", {"type": "TextRun", "text": "*A*n*"}]
    [show] = made["actions"]
    assert (show["title"], show["card"]["body"][0]["text"]) == ("A*n", r"A\*n")
    assert Personal(sent).message(user(Profile(given_name="Ann"))).summary == "Hi Ann"
    tried = card(Personal(sent, test=True).message(user(Profile(name="Ann"))))
    assert "Test message" in tried["body"][-1]["text"]


@pytest.mark.parametrize(
    ("message", "is_right_to_left"),
    [("مرحبا [FIRSTNAME]", True), ("[FIRSTNAME] שלום", True), ("Hello مرحبا", None), ("🎉", None)],
)
def test_a_text_from_right_to_left_is_laid_out_so(
    message: str, is_right_to_left: bool | None
) -> None:
    made = card(Personal(campaign(message)).message(user(Profile(name="Ann"))))
    assert made.get("rtl") == is_right_to_left
    assert_valid_card(made)
