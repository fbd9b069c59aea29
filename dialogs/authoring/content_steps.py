"""The cards of steps 2 and 3 of writing a campaign: its content, and its preview."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from campaigns import content as rules
from campaigns.campaign import Campaign
from campaigns.content import Button, Content, Format, Picture, is_pasted
from campaigns.errors import Invalid
from campaigns.refusals.authoring import AuthoringRefusal
from cards.authoring import writing
from cards.message import pasted, personal
from cards.message.pasted import CardProblems
from cards.refusals.words import in_words
from cards.size import LIMIT, size_in_bytes
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.turn import Reply, Turn, show


class ContentSteps:
    """Shows steps 2 and 3 of a draft.

    :param knows_directory: True for a tenant whose directory can be read: its people's departments,
        job titles, countries and cities.
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
        """Shows step 2 with the typed content, or with that of the draft.

        :param written: the typed content; None when nothing was typed yet.
        :param card: the pasted JSON; None when nothing was pasted yet.
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
        """Shows step 3, or step 2 when the preview does not fit on a card."""
        if draft.survey is not None and personal.is_too_big(draft):
            # The survey may have grown since it was chosen.
            errors = {"message": in_words(AuthoringRefusal.SURVEY_TOO_BIG)}
            return self.content(draft, written, errors=errors, notice=notice)
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
        raise Invalid("card", CardProblems(tuple(error.problems))) from error


def require_fitting(draft: Campaign) -> None:
    """Raises Invalid when the message, with a recipient's values in it, is too big for Teams."""
    if personal.is_too_big(draft):
        if draft.survey is not None:
            raise Invalid("message", AuthoringRefusal.SURVEY_TOO_BIG)
        field = "card" if is_pasted(draft.content, draft.format) else "message"
        is_card = draft.format is Format.CARD
        raise Invalid(
            field, AuthoringRefusal.CARD_TOO_BIG if is_card else AuthoringRefusal.MESSAGE_TOO_BIG
        )


def _beginnings(content: Content) -> Content:
    """Returns the beginning of each part, short enough for all parts to fit on one card."""
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
