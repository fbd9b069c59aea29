"""Actions that write a campaign, step by step."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from cards.actions.base import Action, Key, Line, OnCampaign, PageNumber, Pasted, Text


class OpenNewCampaign(Action, frozen=True, kw_only=True, tag="new campaign"): ...


class CreateCampaign(Action, frozen=True, kw_only=True, tag="create campaign"):
    """Saves step 1 of a campaign that does not exist yet."""

    campaign: Key
    name: Line = ""
    format: Line = ""


class OpenBasics(OnCampaign, frozen=True, kw_only=True, tag="basics"): ...


class SaveBasics(OnCampaign, frozen=True, kw_only=True, tag="save basics"):
    name: Line = ""
    format: Line = ""
    then: Literal["next", "draft", "back"] = "next"


class OpenContent(OnCampaign, frozen=True, kw_only=True, tag="content"): ...


class SaveContent(OnCampaign, frozen=True, kw_only=True, tag="save content"):
    """Content of a campaign as it was typed. A card shows the fields of one format."""

    message: Text = ""
    notification: Line = ""
    title: Line = ""
    image: Line = ""
    alt: Line = ""
    button_1: Line = ""
    link_1: Line = ""
    button_2: Line = ""
    link_2: Line = ""
    button_3: Line = ""
    link_3: Line = ""
    button_4: Line = ""
    link_4: Line = ""
    button_5: Line = ""
    link_5: Line = ""
    button_6: Line = ""
    link_6: Line = ""
    buttons: Annotated[int, msgspec.Meta(ge=0, le=6)] = 0
    """The number of buttons for which the card had fields."""

    card: Pasted = ""
    """A pasted card's JSON."""

    keep_card: bool = False
    """True when the saved card did not fit into its field. An empty field then leaves it as it is.
    """

    then: Literal[
        "preview", "recipients", "draft", "basics", "content", "build", "paste", "surveys", "survey"
    ] = "preview"
    move: Literal["", "add", "up", "down", "remove"] = ""
    """A change to the button at ``position``, made before the card is shown again."""

    position: Annotated[int, msgspec.Meta(ge=0, le=6)] = msgspec.field(default=0, name="at")
    """The number of a button, counted from 1. Cards in people's chats call it ``at``."""

    step: Literal["content", "preview"] = "content"
    """The card on which it was typed. It is shown again when the content can't be taken."""

    def button(self, number: int) -> tuple[str, str]:
        """Returns text and address of a button. Buttons are counted from 1."""
        return getattr(self, f"button_{number}"), getattr(self, f"link_{number}")


class TakeBack(OnCampaign, frozen=True, kw_only=True, tag="take back"):
    """Restores the message that a text from the compose box has replaced."""


class OpenPreview(OnCampaign, frozen=True, kw_only=True, tag="preview"): ...


class OpenRecipients(OnCampaign, frozen=True, kw_only=True, tag="recipients"):
    page: PageNumber = 0
    """Page of the distribution lists to choose from."""


class SaveRecipients(OnCampaign, frozen=True, kw_only=True, tag="save recipients"):
    audience: Line = ""
    """``all``, ``new``, or ``list:`` followed by the id of a distribution list."""

    then: Literal["next", "draft", "back"] = "next"


class AskToAcknowledge(OnCampaign, frozen=True, kw_only=True, tag="ask to acknowledge"):
    wanted: bool = False


class UseSurvey(OnCampaign, frozen=True, kw_only=True, tag="use survey"):
    survey: Key
