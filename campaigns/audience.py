"""Audiences: the kinds of people that a campaign can be for."""

from __future__ import annotations

import msgspec


class AllUsers(msgspec.Struct, frozen=True, tag="all"):
    """Everyone of the tenant whom the bot can reach when sending starts."""


class ListAudience(msgspec.Struct, frozen=True, tag="list"):
    """The people on one distribution list when sending starts."""

    list_id: str


class ReceivedAudience(msgspec.Struct, frozen=True, tag="received"):
    """The people who have a campaign's message in their chats."""

    campaign_id: str


class NewcomersAudience(msgspec.Struct, frozen=True, tag="newcomers"):
    """The people who belong to a campaign's audience now, can be reached, and have not got it."""

    campaign_id: str


class WaitingAudience(msgspec.Struct, frozen=True, tag="waiting"):
    """Those who got another campaign and have not acknowledged it when sending starts."""

    campaign_id: str


class UnansweredAudience(msgspec.Struct, frozen=True, tag="unanswered"):
    """The people who have a campaign's survey in their chats, and have not answered it."""

    campaign_id: str


Audience = (
    AllUsers
    | ListAudience
    | ReceivedAudience
    | NewcomersAudience
    | WaitingAudience
    | UnansweredAudience
)


class FrozenAudience(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of an audience when sending starts, because its source may change later.

    Words for people are made from it and from the audience's kind by the cards.
    """

    name: str = ""
    """Name of the distribution list, or of the campaign that the audience comes from; empty when
    it has none."""

    people: int | None = None
    """How many people it had; None: not kept."""
