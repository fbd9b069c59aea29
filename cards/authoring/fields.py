"""The fields for a campaign's content, each with its error right under it."""

from __future__ import annotations

from typing import TypeAlias

from msgspec.structs import replace

from campaigns import content as domain
from campaigns.campaign import Campaign, Purpose
from campaigns.content import (
    ALT_LIMIT,
    BUTTON_LIMIT,
    BUTTONS,
    MESSAGE_LIMIT,
    NOTIFICATION_LIMIT,
    TITLE_LIMIT,
    Button,
    Content,
)
from campaigns.text import placeholders
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.message.notification import notification
from cards.size import cut_to_field
from cards.texts import joined
from cards.view import Errors, button, error, text

Elements: TypeAlias = list[ac.Element]
"""Fields with their errors and hints."""

_COMPOSE = (
    "Or write it in Teams' own box below this chat, with its formatting, and send it: "
    "it becomes the message."
)


def message_fields(
    campaign: Campaign, written: Content, errors: Errors, hint: Elements
) -> Elements:
    """Returns the fields of a message: text and notification."""
    return [
        *_text_field(written.message, errors, "Message", "Write what people will read"),
        *hint,
        text(_COMPOSE, subtle=True, small=True),
        *_notification_field(campaign, written, errors),
        _help(),
    ]


def built_fields(
    campaign: Campaign,
    written: Content,
    errors: Errors,
    hint: Elements,
    save: actions.SaveContent,
) -> Elements:
    """Returns the fields of a card that is built from title, picture, text and buttons.

    :param save: the action that saves them. The buttons that add, move and remove use variants of
        it.
    """
    fields: Elements = [
        ac.TextInput("title", label="Title", value=written.title or None, max_length=TITLE_LIMIT),
        *error(errors, "title"),
        ac.TextInput(
            "image",
            label="Picture",
            value=written.image.url or None,
            placeholder="https://example.com/picture.png",
            max_length=2_000,
        ),
        *error(errors, "image"),
        text("PNG, JPEG or GIF, at most 1 MB and 1024x1024.", subtle=True, small=True),
        ac.TextInput(
            "alt",
            label="What the picture shows",
            value=written.image.alt or None,
            placeholder="For those who can't see it",
            max_length=ALT_LIMIT,
        ),
        *error(errors, "alt"),
        *_text_field(written.message, errors, "Text", "Write what people will read"),
        *hint,
        text(_COMPOSE, subtle=True, small=True),
    ]
    for number, content_button in enumerate(written.buttons, start=1):
        fields.append(_button_fields(number, content_button, len(written.buttons), errors, save))
    if len(written.buttons) < BUTTONS:
        add = replace(save, then="content", move="add")
        fields.append(ac.ActionSet([button("Add a button", add)], spacing="medium"))
    return [*fields, *_notification_field(campaign, written, errors), _help()]


def _button_fields(
    number: int, content_button: Button, total: int, errors: Errors, save: actions.SaveContent
) -> ac.Element:
    def saved(move: str) -> actions.SaveContent:
        return replace(save, then="content", move=move, position=number)

    arrange = [
        *([button("Up", saved("up"), tooltip=f"Move button {number} up")] if number > 1 else []),
        *(
            [button("Down", saved("down"), tooltip=f"Move button {number} down")]
            if number < total
            else []
        ),
        button("Remove", saved("remove"), tooltip=f"Remove button {number}"),
    ]
    return ac.Container(
        [
            ac.TextInput(
                f"button_{number}",
                label=f"Button {number}",
                value=content_button.text or None,
                placeholder="Read more",
                max_length=BUTTON_LIMIT,
            ),
            *error(errors, f"button_{number}"),
            ac.TextInput(
                f"link_{number}",
                label=f"Button {number} leads to",
                value=content_button.url or None,
                placeholder="https://example.com/page",
                max_length=2_000,
            ),
            *error(errors, f"link_{number}"),
            ac.ActionSet(arrange, spacing="small"),
        ],
        separator=True,
        spacing="medium",
    )


def pasted_fields(
    campaign: Campaign, written: Content, shown: str, errors: Errors, hint: Elements
) -> Elements:
    """Returns the fields of a card that is pasted as JSON.

    :param shown: the JSON to show in the field.
    """
    cut = cut_to_field(shown)
    return [
        ac.TextInput(
            "card",
            label="Card",
            value=cut or None,
            is_multiline=True,
            placeholder='{"type": "AdaptiveCard", ...}',
        ),
        *error(errors, "card"),
        *([] if cut == shown else [text("Only the beginning of it fits here.", subtle=True)]),
        *hint,
        text(
            "Paste the JSON from the Adaptive Cards Designer (adaptivecards.io/designer), or send "
            "it to me in Teams' own box. Version 1.5 at most, 80 KB, no input fields; buttons may "
            "open a link, show a card, or show and hide parts.",
            subtle=True,
            small=True,
        ),
        *_notification_field(campaign, written, errors),
        text(f"Each person's own, in any text: {_tokens()}", subtle=True, small=True),
        _fallbacks(),
    ]


def _text_field(shown: str, errors: Errors, label: str, placeholder: str) -> Elements:
    cut = cut_to_field(shown)
    return [
        ac.TextInput(
            "message",
            label=label,
            value=cut or None,
            is_multiline=True,
            placeholder=placeholder,
            max_length=MESSAGE_LIMIT,
        ),
        *error(errors, "message"),
        *([] if cut == shown else [text("Only the beginning of it fits here.", subtle=True)]),
    ]


def _notification_field(campaign: Campaign, written: Content, errors: Errors) -> Elements:
    if campaign.follow_up.purpose is Purpose.CORRECT:
        # A correction notifies nobody.
        return []
    without_own = replace(written, notification="")
    empty = domain.is_empty(without_own, campaign.format)
    return [
        ac.TextInput(
            "notification",
            label="Notification",
            value=cut_to_field(written.notification) or None,
            placeholder=(
                "If empty: the title or the first words"
                if empty
                else notification(without_own, campaign.format)
            ),
            max_length=NOTIFICATION_LIMIT,
        ),
        *error(errors, "notification"),
        text(
            "The line that people see in the activity feed and on the phone.",
            subtle=True,
            small=True,
        ),
    ]


def _help() -> ac.Element:
    return ac.Container(
        [
            text(f"Each person's own: {_tokens()}", subtle=True, small=True),
            _fallbacks(),
            text(
                "Formatting: \\*\\*bold\\*\\*, \\*italic\\*, \\~\\~struck out\\~\\~, \\`code\\`, "
                "\\[link text\\]\\(https://...\\); lines that start with \\- are a list, "
                "with \\# a heading, with \\> a quote.",
                subtle=True,
                small=True,
            ),
        ],
        spacing="medium",
    )


def _tokens() -> str:
    return " ".join(escape(token) for token in placeholders.TOKENS)


def _fallbacks() -> ac.Element:
    return text(
        "What stands there when it is not known: \\[FIRSTNAME\\|colleague\\]",
        subtle=True,
        small=True,
    )


def directory_warning(campaign: Campaign, written: Content, known: bool) -> Elements:
    """Returns a warning that names the placeholders that will be empty for everyone.

    That happens when the directory can't be read and a placeholder has no fallback.

    :param known: True when the directory can be read.
    """
    texts = domain.texts(written, campaign.format)
    empty = [] if known else placeholders.without_fallback(texts)
    if not empty:
        return []
    named = joined(empty)
    example = f"{empty[0].removesuffix(']')}|...]"
    return [
        ac.Container(
            [
                text(
                    f"⚠ {escape(named)} will be empty: I can't read your organisation's directory. "
                    f"Say what stands there instead: {escape(example)}",
                    small=True,
                )
            ],
            style="warning",
        )
    ]
