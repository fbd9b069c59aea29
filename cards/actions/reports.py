"""Actions of reports: the people behind the numbers, exports, reminders, confirmations."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from cards.actions.base import Action, Key, Line, OnCampaign, PageNumber


class OpenInformation(OnCampaign, frozen=True, kw_only=True, tag="information"):
    as_sent: bool = False
    """True shows the message as it was first sent, instead of the one that people have now."""


class OpenReport(OnCampaign, frozen=True, kw_only=True, tag="report"): ...


class OpenResult(OnCampaign, frozen=True, kw_only=True, tag="result"):
    """Shows the recipients of one result."""

    result: Literal[
        "success", "error", "rescheduled", "ongoing", "in_doubt", "skipped", "cancelled"
    ]
    page: PageNumber = 0
    search: Line = ""


PeopleGroup = Literal["read", "clicked", "reacted", "acknowledged", "waiting"]
"""Recipients by their feedback.

``waiting`` are those who were asked to acknowledge, and have not.
"""


LinkId = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{0,16}\Z")]
"""The id of a link; empty for any link."""


class OpenPeople(OnCampaign, frozen=True, kw_only=True, tag="people"):
    """Shows the recipients in one group."""

    group: PeopleGroup = msgspec.field(name="who")
    """Cards in people's chats call it ``who``."""

    link: LinkId = ""
    page: PageNumber = 0
    search: Line = ""


class OpenExport(OnCampaign, frozen=True, kw_only=True, tag="export"): ...


class Remind(OnCampaign, frozen=True, kw_only=True, tag="remind"):
    """Writes a reminder to those who have not acknowledged."""

    reminder: Key
    """The id of the draft that this creates."""


class Acknowledge(Action, frozen=True, kw_only=True, tag="acknowledge"):
    """Confirms that a message was read.

    Recipients' cards keep this action for good, so a new field needs a default.
    """

    campaign: Key
