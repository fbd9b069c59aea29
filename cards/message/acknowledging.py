"""The button "I have read this" on an Important message, and the line that replaces it."""

from __future__ import annotations

from campaigns.campaign import Campaign
from cards import actions
from cards import elements as ac

LABEL = "I have read this"


def acknowledge_button(campaign: Campaign) -> ac.Element:
    """Returns the button as recipients get it."""
    press = actions.Acknowledge(campaign=campaign.counts_for)
    return ac.ActionSet(
        [ac.Execute(LABEL, verb="acknowledge", data=press, style="positive")], spacing="medium"
    )


def disabled_button() -> ac.Element:
    """Returns the button for a preview or a test, where it can't be pressed."""
    press = ac.Execute(LABEL, verb="acknowledge", style="positive", is_enabled=False)
    return ac.ActionSet([press], spacing="medium")


def acknowledged_line() -> ac.Element:
    """Returns the line that replaces the button once it was pressed."""
    words = "✓ You have confirmed that you have read this."
    return ac.TextBlock(words, color="good", weight="bolder", wrap=True, spacing="medium")
