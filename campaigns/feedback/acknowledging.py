"""Acknowledgements: Important messages can ask recipients to confirm that they have read them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.audience import WaitingAudience
from campaigns.campaign import Campaign
from campaigns.content import NOTIFICATION_LIMIT, Format
from campaigns.errors import NotPossible
from campaigns.lifecycle import require_draft
from campaigns.refusals.campaigns import ConfirmationRefusal

REMINDER = "Reminder: "
"""Beginning of a reminder's name and notification."""


def is_asked(campaign: Campaign) -> bool:
    """Returns True when its recipients are asked to acknowledge it.

    Only an Important campaign asks. A draft keeps the setting when its format changes, so that
    changing it back loses nothing.
    """
    return campaign.acknowledge and campaign.format is Format.IMPORTANT


def ask(campaign: Campaign, wanted: bool, now: datetime) -> Campaign:
    """Returns the draft with the setting to ask for acknowledgements, or without it.

    Raises NotPossible when it is no draft, or its format is not Important.
    """
    require_draft(campaign)
    if campaign.format is not Format.IMPORTANT:
        raise NotPossible(ConfirmationRefusal.NOT_IMPORTANT)
    return msgspec.structs.replace(campaign, acknowledge=wanted, updated_at=now)


def reminder_of(campaign: Campaign) -> str:
    """Returns the id of the campaign that this one reminds of; empty when it is no reminder."""
    return campaign.audience.reminds_of if campaign.audience is not None else ""


def remind(draft: Campaign, original: Campaign) -> Campaign:
    """Returns the draft as a reminder for the people who have not acknowledged the original.

    Raises NotPossible when the original does not ask for acknowledgements.
    """
    if not is_asked(original):
        raise NotPossible(ConfirmationRefusal.NOT_ASKED)
    notification = original.content.notification
    # Without a notification text, people see the message's first words, not the campaign's name.
    # So there is nothing to put the beginning before.
    notification = f"{REMINDER}{notification}"[:NOTIFICATION_LIMIT] if notification else ""
    return msgspec.structs.replace(
        draft,
        content=msgspec.structs.replace(draft.content, notification=notification),
        # A reminder of a reminder goes to the people who have not acknowledged the first campaign.
        audience=WaitingAudience(reminder_of(original) or original.id),
        acknowledge=True,
    )
