"""The button "I have read this" on an Important message, and what takes its place."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.message import Card
from cards import actions
from cards import elements as ac

LABEL = "I have read this"


def asking(campaign: Campaign) -> ac.Element:
    """The button, as recipients get it."""
    press = actions.Acknowledge(campaign=campaign.counts_for)
    return ac.ActionSet(
        [ac.Execute(LABEL, verb="acknowledge", data=press, style="positive")], spacing="medium"
    )


def shown() -> ac.Element:
    """The button where it only shows that it will be there: in a preview, and in a test."""
    press = ac.Execute(LABEL, verb="acknowledge", style="positive", is_enabled=False)
    return ac.ActionSet([press], spacing="medium")


def thanking() -> ac.Element:
    """What stands there once it was pressed."""
    said = "✓ You have confirmed that you have read this."
    return ac.TextBlock(said, color="good", weight="bolder", wrap=True, spacing="medium")


def added(card: Card, element: ac.Element) -> Card:
    """The card with this below what it says."""
    return card | {"body": [*card.get("body", []), element.to_dict()]}
