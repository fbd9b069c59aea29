"""Audiences: the kinds of groups that a campaign can be sent to.

A new kind needs a struct here, a row in ``delivery/starting/audiences.py``, a row in
``cards/audiences.py``, and the card and the dialog on which it is chosen.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec


class AudienceFacts(msgspec.Struct, frozen=True):
    """Facts about an audience that need no look-up."""

    tells_who_answered: ClassVar[bool] = False
    """True when a list of these people would tell who has answered a survey and who has not."""

    adds_recipients: ClassVar[bool] = False
    """True when its campaign brings another one's message to people who have not had it."""

    @property
    def follows(self) -> str:
        """The id of the campaign that its campaign follows; empty when it follows none.

        A campaign that follows another can't be scheduled or cloned, and its audience is fixed.
        """
        return ""

    @property
    def reminds_of(self) -> str:
        """The id of the campaign that these people have not acknowledged; empty for other kinds."""
        return ""


class AllUsers(AudienceFacts, frozen=True, tag="all"):
    """Everyone of the tenant whom the bot can reach when sending starts."""


class ListAudience(AudienceFacts, frozen=True, tag="list"):
    """The people on one distribution list when sending starts."""

    list_id: str


class ReceivedAudience(AudienceFacts, frozen=True, tag="received"):
    """The people who have a campaign's message in their chats."""

    campaign_id: str

    @property
    def follows(self) -> str:
        return self.campaign_id


class NewcomersAudience(AudienceFacts, frozen=True, tag="newcomers"):
    """The people who belong to a campaign's audience now, can be reached, and have not got it."""

    adds_recipients: ClassVar[bool] = True

    campaign_id: str

    @property
    def follows(self) -> str:
        return self.campaign_id


class WaitingAudience(AudienceFacts, frozen=True, tag="waiting"):
    """The people who got another campaign and have not acknowledged it when sending starts."""

    campaign_id: str

    @property
    def reminds_of(self) -> str:
        return self.campaign_id


class UnansweredAudience(AudienceFacts, frozen=True, tag="unanswered"):
    """The people who have a campaign's survey in their chats, and have not answered it."""

    tells_who_answered: ClassVar[bool] = True

    campaign_id: str

    @property
    def follows(self) -> str:
        return self.campaign_id


Audience = (
    AllUsers
    | ListAudience
    | ReceivedAudience
    | NewcomersAudience
    | WaitingAudience
    | UnansweredAudience
)


class FrozenAudience(msgspec.Struct, frozen=True, omit_defaults=True):
    """Name and size of an audience when sending started; its source may change later.

    The cards describe the audience by these and by its kind.
    """

    name: str = ""
    """Name of the distribution list or the campaign that the audience comes from; empty when there
    is none, or it had been deleted."""

    people: int | None = None
    """Number of its people; None for kinds that are shown without a number."""

    called: str = ""
    """Description that an earlier version stored; empty unless it differs from the one that kind,
    name and number give."""
