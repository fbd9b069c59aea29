"""The words for audiences, by their kind."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from campaigns.audience import (
    AllUsers,
    Audience,
    FrozenAudience,
    ListAudience,
    NewcomersAudience,
    ReceivedAudience,
    UnansweredAudience,
    WaitingAudience,
)
from campaigns.campaign import Campaign
from cards.texts import people


class AudienceWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words for one kind of audience."""

    name: str
    """Name of the audience; ``{name}`` stands for the name of its list or campaign."""

    nameless: str = ""
    """Name once its list or campaign has been deleted; empty for kinds that have none."""

    number: bool = False
    """True when the number of its people follows its name, where that is known."""

    left_out: bool = True
    """True when the number of people whom the bot can't reach is shown as well."""

    nobody: str = "Nobody in this audience has the app, so nobody would get it."
    """Reason why a campaign can't be sent when nobody of this audience can be reached."""

    campaign: str = "Campaign"
    """Word for a campaign that has this audience."""

    title: str = "{}"
    """Title of a campaign that has this audience; ``{}`` stands for the campaign's name."""


AUDIENCE_WORDS: Mapping[type[Audience], AudienceWords] = {
    AllUsers: AudienceWords(name="All users"),
    ListAudience: AudienceWords(name="{name}", nameless="a deleted list"),
    ReceivedAudience: AudienceWords(
        name="Everyone who has the message",
        number=True,
        left_out=False,
        nobody="Nobody has this message in their chats.",
    ),
    NewcomersAudience: AudienceWords(
        name="Newcomers",
        number=True,
        nobody="Nobody has joined since; there is nobody to send this to.",
        campaign="Newcomers",
        title="{} (newcomers)",
    ),
    WaitingAudience: AudienceWords(
        name="Those who have not confirmed “{name}”",
        nameless="Those who have not confirmed a deleted campaign",
    ),
    UnansweredAudience: AudienceWords(
        name="Those who have not answered", number=True, campaign="Reminder"
    ),
}


def audience_words(audience: Audience) -> AudienceWords:
    """Returns the words for an audience's kind."""
    return AUDIENCE_WORDS[type(audience)]


def audience_name(audience: Audience | None, source: FrozenAudience) -> str:
    """Returns ``All users``, ``Managers``, ``Newcomers (3 people)``; empty without an audience.

    :param source: the name and size of the audience.
    """
    if audience is None:
        return ""
    name = source.called or _name(audience, source)
    if source.people is None or not audience_words(audience).number:
        return name
    return f"{name} ({people(source.people)})"


def sized_audience(
    audience: Audience | None, source: FrozenAudience, *, reachable: int, left_out: int
) -> str:
    """Returns ``Managers (10 people, 2 left out)``; empty without an audience.

    :param source: the name of the audience.
    :param reachable: the number of people whom the bot can reach.
    :param left_out: the number of people whom it can't.
    """
    if audience is None:
        return ""
    more = ""
    if left_out and audience_words(audience).left_out:
        more = f", {left_out:,} left out"
    return f"{_name(audience, source)} ({people(reachable)}{more})"


def frozen_audience_name(campaign: Campaign) -> str:
    """Returns the name of a campaign's audience as it was when sending started."""
    return audience_name(campaign.audience, campaign.run.audience)


def _name(audience: Audience, source: FrozenAudience) -> str:
    words = audience_words(audience)
    if not source.name and words.nameless:
        return words.nameless
    return words.name.format(name=source.name)
