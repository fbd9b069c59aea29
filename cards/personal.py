"""A campaign as one recipient sees it."""

from __future__ import annotations

from campaigns import placeholders
from campaigns.campaign import Campaign
from campaigns.message import Message
from campaigns.user import User
from cards import elements as ac
from cards import formats
from cards.markdown import escape


def needs_profile(campaign: Campaign) -> bool:
    """Whether anything in it is the recipient's own."""
    return placeholders.used(campaign.content.message)


def body(campaign: Campaign, user: User) -> list[ac.Element]:
    """What stands on the recipient's card, for showing it inside another one."""
    return formats.body(campaign.format, _filled(campaign, user))


def message(campaign: Campaign, user: User, *, test: bool = False) -> Message:
    """The message that leaves us.

    The notification says the campaign's name.
    """
    card = formats.render(campaign.format, _filled(campaign, user), name=campaign.name, test=test)
    return Message(card=card, summary=f"Test: {campaign.name}" if test else campaign.name)


def _filled(campaign: Campaign, user: User) -> str:
    return placeholders.fill(campaign.content.message, user, escape)
