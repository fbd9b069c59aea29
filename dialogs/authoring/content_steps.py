"""Steps 2 and 3 of writing a campaign, as cards: its content, and its preview."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from campaigns import content as rules
from campaigns.campaign import Campaign
from campaigns.content import Button, Content, Format, Picture, is_pasted
from campaigns.errors import Invalid
from cards.authoring import writing
from cards.message import pasted, personal
from cards.size import LIMIT, size_in_bytes
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.turn import Reply, Turn, show

SURVEY_TOO_BIG = (
    "With the survey below it, this message gets too big for Teams. Shorten it, or the questions "
    "of the survey."
)


class ContentSteps:
    """Shows steps 2 and 3 of a draft.

    :param knows_directory: tells whether the departments, job titles, countries and cities of a
        tenant's people can be known.
    """

    def __init__(self, knows_directory: Callable[[str], bool]) -> None:
        self._knows_directory = knows_directory

    def content(
        self,
        draft: Campaign,
        written: Content | None = None,
        *,
        card: str | None = None,
        errors: Errors = NO_ERRORS,
        notice: Notice | None = None,
    ) -> Reply:
        """Shows step 2 with what was typed on it, or with what the draft has.

        :param written: what was typed; None: nothing yet.
        :param card: the JSON that was pasted; None: nothing yet.
        """
        shown = draft.content if written is None else written
        directory = self._knows_directory(draft.tenant_id)
        view = writing.content(
            draft, shown, card=card, directory=directory, errors=errors, notice=notice
        )
        if size_in_bytes(view.card) > LIMIT:
            shown, card = _beginnings(shown), None if card is None else card[: LIMIT // 8]
            view = writing.content(
                draft, shown, card=card, directory=directory, errors=errors, notice=notice
            )
        return show(view, opens=draft.id)

    def preview(
        self,
        turn: Turn,
        draft: Campaign,
        written: Content | None = None,
        *,
        errors: Errors = NO_ERRORS,
        notice: Notice | None = None,
    ) -> Reply:
        """Shows step 3; step 2 when the preview does not fit on a card."""
        if draft.survey is not None and personal.is_too_big(draft):
            # The survey may have grown since it was chosen.
            return self.content(draft, written, errors={"message": SURVEY_TOO_BIG}, notice=notice)
        view = writing.preview(
            draft,
            turn.user,
            draft.content if written is None else written,
            directory=self._knows_directory(draft.tenant_id),
            errors=errors,
            notice=notice,
        )
        if size_in_bytes(view.card) > LIMIT:
            return self.content(draft, written, errors=errors, notice=notice)
        return show(view, opens=draft.id)


async def read_card(text: str) -> str:
    """Returns the pasted card as it is kept. Raises Invalid.

    Runs in a thread, since checking the largest card takes most of a second.
    """
    try:
        return await asyncio.to_thread(pasted.read, text)
    except pasted.BadCard as error:
        raise Invalid("card", "\n".join(error.problems)) from error


def require_fitting(draft: Campaign) -> None:
    """Raises Invalid when the message, as somebody receives it, would be too big for Teams."""
    if personal.is_too_big(draft):
        if draft.survey is not None:
            raise Invalid("message", SURVEY_TOO_BIG)
        field = "card" if is_pasted(draft.content, draft.format) else "message"
        what = "card" if draft.format is Format.CARD else "message"
        raise Invalid(
            field,
            f"With people's own names filled in, this {what} gets too big for Teams. "
            "Shorten it, or use fewer placeholders.",
        )


def _beginnings(content: Content) -> Content:
    """Returns as much of each part as certainly fits on one card with the others."""
    return replace(
        content,
        message=content.message[: rules.MESSAGE_LIMIT],
        notification=content.notification[: rules.NOTIFICATION_LIMIT],
        title=content.title[: rules.TITLE_LIMIT],
        image=Picture(content.image.url[:1_000], content.image.alt[: rules.ALT_LIMIT]),
        buttons=tuple(
            Button(button.text[: rules.BUTTON_LIMIT], button.url[:1_000])
            for button in content.buttons
        ),
    )
