"""Important messages can ask each recipient to say that they have read it."""

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
"""Before a reminder's name and notification."""


def is_asked(campaign: Campaign) -> bool:
    """Whether its recipients are asked to acknowledge it.

    A draft that is given another format keeps the wish, for the case that it is changed back.
    """
    return campaign.acknowledge and campaign.format is Format.IMPORTANT


def ask(campaign: Campaign, wanted: bool, now: datetime) -> Campaign:
    """The draft, with acknowledgement asked for or not.

    Raises NotPossible for another format than Important.
    """
    require_draft(campaign)
    if campaign.format is not Format.IMPORTANT:
        raise NotPossible(ConfirmationRefusal.NOT_IMPORTANT)
    return msgspec.structs.replace(campaign, acknowledge=wanted, updated_at=now)


def reminder_of(campaign: Campaign) -> str:
    """The id of the campaign that this one reminds of; empty when it is no reminder."""
    return campaign.audience.reminds_of if campaign.audience is not None else ""


def remind(draft: Campaign, of: Campaign) -> Campaign:
    """The draft, for those who have not acknowledged the other one.

    Raises NotPossible when that one does not ask for it.
    """
    if not is_asked(of):
        raise NotPossible(ConfirmationRefusal.NOT_ASKED)
    said = of.content.notification
    # The campaign's name is for admins only; without a text of its own the first words are said.
    said = f"{REMINDER}{said}"[:NOTIFICATION_LIMIT] if said else ""
    return msgspec.structs.replace(
        draft,
        content=msgspec.structs.replace(draft.content, notification=said),
        # A reminder of a reminder is for whoever the first one still waits for.
        audience=WaitingAudience(reminder_of(of) or of.id),
        acknowledge=True,
    )
