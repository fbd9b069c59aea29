"""Reports, the people behind their numbers, exports, and confirmations."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from cards.actions.base import Action, Key, Line, OnCampaign, PageNumber


class OpenInformation(OnCampaign, frozen=True, kw_only=True, tag="information"):
    as_sent: bool = False
    """Whether the message is shown as it was sent first, in place of what people have now."""


class OpenReport(OnCampaign, frozen=True, kw_only=True, tag="report"): ...


class OpenResult(OnCampaign, frozen=True, kw_only=True, tag="result"):
    """The recipients of one result."""

    result: Literal[
        "success", "error", "rescheduled", "ongoing", "in_doubt", "skipped", "cancelled"
    ]
    page: PageNumber = 0
    search: Line = ""


Who = Literal["read", "clicked", "reacted", "acknowledged", "waiting"]
"""``waiting``: was asked to acknowledge, and has not."""


LinkId = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{0,16}\Z")]
"""Empty: any."""


class OpenPeople(OnCampaign, frozen=True, kw_only=True, tag="people"):
    """Those who did something with the message."""

    who: Who
    link: LinkId = ""
    page: PageNumber = 0
    search: Line = ""


class OpenExport(OnCampaign, frozen=True, kw_only=True, tag="export"): ...


class Remind(OnCampaign, frozen=True, kw_only=True, tag="remind"):
    """Writes a reminder to those who have not acknowledged."""

    reminder: Key
    """The draft's id."""


class Acknowledge(Action, frozen=True, kw_only=True, tag="acknowledge"):
    """Stands on a recipient's card, for good: what is added needs a default."""

    campaign: Key
