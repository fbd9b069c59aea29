"""The second and the third step of writing a campaign: its content, and the preview of it."""

from __future__ import annotations

from typing import TypeAlias

from msgspec.structs import replace

from campaigns import content as domain
from campaigns import placeholders
from campaigns.campaign import Campaign
from campaigns.content import (
    ALT_LIMIT,
    BUTTON_LIMIT,
    BUTTONS,
    MESSAGE_LIMIT,
    NOTIFICATION_LIMIT,
    TITLE_LIMIT,
    Button,
    Content,
    Format,
    is_pasted,
)
from campaigns.user import User
from cards import actions, pasted, personal
from cards import elements as ac
from cards.markdown import escape
from cards.notification import notification
from cards.size import cut_to_field, fits_field
from cards.survey_texts import questions
from cards.texts import kind
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, on, text, view

_Elements: TypeAlias = list[ac.Element]

_COMPOSE = (
    "Or write it in Teams' own box below this chat, with its formatting, and send it: "
    "it becomes the message."
)


def content(
    campaign: Campaign,
    written: Content,
    *,
    card: str | None = None,
    directory: bool,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Step 2: what is to be sent, in the fields of the campaign's format.

    :param written: what the fields say.
    :param card: what the field for a pasted card says; None: the card that is kept.
    :param directory: whether department, job title, country and city can be known.
    """
    save = actions.SaveContent(**on(campaign))
    hint = _about_directory(campaign, written, directory)
    switch: list[ac.Action] = []
    if is_pasted(written, campaign.format):
        shown = pasted.pretty(written.card) if card is None else card
        hidden = card is None and not fits_field(shown)
        save = replace(save, keep_card=hidden)
        fields = _pasted_fields(campaign, written, "" if hidden else shown, errors, hint)
        if hidden:
            size = len(written.card) // 512
            said = f"Your card of {size:,} KB is kept; it is too long for this field."
            fields.insert(0, text(said))
        switch = [button("Build it here instead", replace(save, then="build"))]
    elif campaign.format is Format.CARD:
        save = replace(save, buttons=len(written.buttons))
        fields = _built_fields(campaign, written, errors, hint, save)
        switch = [button("Paste a card instead", replace(save, then="paste"))]
    else:
        fields = _message_fields(campaign, written, errors, hint)
        if campaign.format is Format.SURVEY:
            fields = [*_survey_fields(campaign, written, errors), *fields]
            if campaign.original_key is None:
                chosen = "Choose another survey" if written.survey else "Choose a survey"
                main = written.survey is None
                switch = [button(chosen, replace(save, then="surveys"), main=main)]
    step = {Format.CARD: "Card", Format.SURVEY: "Survey"}.get(campaign.format, "Message")
    follows = campaign.original_key is not None
    return view(
        campaign.name,
        fields,
        above=f"{kind(campaign) if follows else 'Step 2 of 4'} · {step}",
        notice=notice,
        actions=[
            button("Next: preview", save, main=not _waits_for_survey(campaign, written)),
            *switch,
            *_take_back(campaign),
            button("Save draft", replace(save, then="draft")),
            button("Back", replace(save, then="basics")),
        ],
    )


def preview(
    campaign: Campaign,
    reader: User,
    written: Content,
    *,
    directory: bool,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Step 3: the very card that recipients get, for this reader.

    A message can be changed below; an Adaptive Card has too many fields for that.
    """
    body: list[ac.Element] = [
        text("This is what people receive, here with your own name:", subtle=True),
        *personal.shown(campaign, reader),
    ]
    at = on(campaign)
    follows = campaign.original_key is not None
    following = "Done" if follows else "Next: recipients"
    if campaign.format is Format.CARD:
        done = actions.OpenCampaign(**at) if follows else actions.OpenRecipients(**at)
        buttons: list[ac.Action] = [
            link(following, done, main=True),
            link("Change", actions.OpenContent(**at)),
            *_take_back(campaign),
            link("Save draft", actions.OpenCampaign(**at)),
        ]
    else:
        save = actions.SaveContent(**at, step="preview")
        body.append(text("Change the message and refresh, or go on.", subtle=True))
        hint = _about_directory(campaign, written, directory)
        body += _message_fields(campaign, written, errors, hint)
        buttons = [
            button(following, replace(save, then="recipients"), main=True),
            button("Refresh preview", save),
            *_take_back(campaign),
            button("Save draft", replace(save, then="draft")),
            button("Back", replace(save, then="content")),
        ]
    step = kind(campaign) if follows else "Step 3 of 4"
    return view(campaign.name, body, above=f"{step} · Preview", notice=notice, actions=buttons)


def _take_back(campaign: Campaign) -> list[ac.Action]:
    """While the message from the compose box can still be taken back."""
    if campaign.replaced is None:
        return []
    return [link("Cancel", actions.TakeBack(**on(campaign)))]


def _message_fields(
    campaign: Campaign, written: Content, errors: Errors, hint: _Elements
) -> _Elements:
    return [
        *_text_field(written.message, errors, "Message", "Write what people will read"),
        *hint,
        text(_COMPOSE, subtle=True, small=True),
        *_notification_field(campaign, written, errors),
        _help(),
    ]


def _waits_for_survey(campaign: Campaign, written: Content) -> bool:
    return campaign.format is Format.SURVEY and written.survey is None


def _survey_fields(campaign: Campaign, written: Content, errors: Errors) -> _Elements:
    survey = written.survey
    if survey is None:
        return [text("No survey has been chosen yet."), *error(errors, "survey")]
    said = f"Survey: **{escape(survey.name)}** ({questions(len(survey.questions))})"
    return [
        text(said),
        *error(errors, "survey"),
        text("What you write below stands above its questions; it may be empty.", subtle=True),
    ]


def _built_fields(
    campaign: Campaign,
    written: Content,
    errors: Errors,
    hint: _Elements,
    save: actions.SaveContent,
) -> _Elements:
    fields: _Elements = [
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
    for number, of in enumerate(written.buttons, start=1):
        fields.append(_button_fields(number, of, len(written.buttons), errors, save))
    if len(written.buttons) < BUTTONS:
        add = replace(save, then="content", move="add")
        fields.append(ac.ActionSet([button("Add a button", add)], spacing="medium"))
    return [*fields, *_notification_field(campaign, written, errors), _help()]


def _button_fields(
    number: int, of: Button, count: int, errors: Errors, save: actions.SaveContent
) -> ac.Element:
    def moves(move: str) -> actions.SaveContent:
        return replace(save, then="content", move=move, at=number)

    arrange = [
        *([button("Up", moves("up"), tooltip=f"Move button {number} up")] if number > 1 else []),
        *(
            [button("Down", moves("down"), tooltip=f"Move button {number} down")]
            if number < count
            else []
        ),
        button("Remove", moves("remove"), tooltip=f"Remove button {number}"),
    ]
    return ac.Container(
        [
            ac.TextInput(
                f"button_{number}",
                label=f"Button {number}",
                value=of.text or None,
                placeholder="Read more",
                max_length=BUTTON_LIMIT,
            ),
            *error(errors, f"button_{number}"),
            ac.TextInput(
                f"link_{number}",
                label=f"Button {number} leads to",
                value=of.url or None,
                placeholder="https://example.com/page",
                max_length=2_000,
            ),
            *error(errors, f"link_{number}"),
            ac.ActionSet(arrange, spacing="small"),
        ],
        separator=True,
        spacing="medium",
    )


def _pasted_fields(
    campaign: Campaign, written: Content, shown: str, errors: Errors, hint: _Elements
) -> _Elements:
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


def _text_field(shown: str, errors: Errors, label: str, placeholder: str) -> _Elements:
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


def _notification_field(campaign: Campaign, written: Content, errors: Errors) -> _Elements:
    by_itself = replace(written, notification="")
    empty = domain.is_empty(by_itself, campaign.format)
    return [
        ac.TextInput(
            "notification",
            label="Notification",
            value=cut_to_field(written.notification) or None,
            placeholder=(
                "If empty: the title or the first words"
                if empty
                else notification(by_itself, campaign.format)
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


def _about_directory(campaign: Campaign, written: Content, known: bool) -> _Elements:
    """What will be empty for everyone, when the directory can't be read and nothing is in its
    place.
    """
    texts = domain.texts(written, campaign.format)
    empty = [] if known else placeholders.without_fallback(texts)
    if not empty:
        return []
    named = " and ".join(filter(None, (", ".join(empty[:-1]), empty[-1])))
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
