"""Transitions between a campaign's statuses.

Campaigns are immutable values. Each function takes one and returns the changed one, or raises
:class:`~campaigns.errors.CampaignError`; the store gives every saved change a new ``revision``.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.audience import FrozenAudience
from campaigns.campaign import Campaign, CardPlace, Fault, Status
from campaigns.errors import NotPossible
from campaigns.readiness import require_ready
from campaigns.refusals.campaigns import CampaignRefusal


def start(
    campaign: Campaign,
    *,
    audience: FrozenAudience,
    sender_id: str = "",
    scheduled: bool = False,
    now: datetime,
) -> Campaign:
    """Starts sending: from here on the content can't change, and the audience is to be frozen.

    :param audience: the audience's source as it is now; see :class:`FrozenAudience`.
    :param sender_id: who pressed Send; empty: the author.
    :param scheduled: True when it starts by its schedule. What a person sends goes to everyone
        now, whatever the schedule was.

    Raises NotPossible when it has started before (so a second press can't start it twice) or is not
    complete.
    """
    if campaign.status not in (Status.DRAFT, Status.SCHEDULED):
        raise NotPossible(CampaignRefusal.ALREADY_SENT)
    require_ready(campaign, now)
    return msgspec.structs.replace(
        campaign,
        status=Status.SENDING,
        schedule=campaign.schedule if scheduled else None,
        updated_at=now,
        run=msgspec.structs.replace(
            campaign.run,
            audience=audience,
            sender_id=sender_id or campaign.author_id,
            started_at=now,
        ),
        draft=msgspec.structs.replace(campaign.draft, missed=None),
    )


def frozen(campaign: Campaign, recipients: int, now: datetime) -> Campaign:
    """Notes how many deliveries the audience was frozen into; doing so again does no harm.

    Possible for a campaign that was paused or stopped meanwhile, too.
    """
    if campaign.status not in (Status.SENDING, Status.PAUSED, Status.STOPPED):
        raise NotPossible(CampaignRefusal.NOT_STARTED)
    return msgspec.structs.replace(
        campaign, updated_at=now, run=msgspec.structs.replace(campaign.run, recipients=recipients)
    )


def pause(campaign: Campaign, now: datetime, fault: Fault | None = None) -> Campaign:
    """Holds it: nothing new is claimed. ``fault`` says why, when nobody asked for it."""
    if campaign.status is not Status.SENDING:
        raise NotPossible(CampaignRefusal.NOT_SENDING)
    return msgspec.structs.replace(
        campaign,
        status=Status.PAUSED,
        updated_at=now,
        run=msgspec.structs.replace(campaign.run, fault=fault),
    )


def resume(campaign: Campaign, now: datetime) -> Campaign:
    """Continues sending."""
    if campaign.status is not Status.PAUSED:
        raise NotPossible(CampaignRefusal.NOT_PAUSED)
    return msgspec.structs.replace(
        campaign,
        status=Status.SENDING,
        updated_at=now,
        run=msgspec.structs.replace(campaign.run, fault=None),
    )


def stop(campaign: Campaign, now: datetime) -> Campaign:
    """Ends it on an admin's wish; its unsent deliveries are to be cancelled."""
    if campaign.status not in (Status.SENDING, Status.PAUSED):
        raise NotPossible(CampaignRefusal.NOT_GOING_ON)
    return msgspec.structs.replace(
        campaign,
        status=Status.STOPPED,
        updated_at=now,
        run=msgspec.structs.replace(campaign.run, fault=None),
    )


def wound_up(campaign: Campaign, now: datetime) -> Campaign:
    """Notes that a stopped campaign's last delivery has ended and its unsent ones are cancelled."""
    if campaign.status is not Status.STOPPED:
        raise NotPossible(CampaignRefusal.NOT_STOPPED)
    return msgspec.structs.replace(
        campaign, updated_at=now, run=msgspec.structs.replace(campaign.run, ended_at=now)
    )


def complete(campaign: Campaign, now: datetime) -> Campaign:
    """Notes that every delivery has ended.

    Raises NotPossible while the audience is still being frozen: more deliveries may come, even
    when all present ones have ended.
    """
    if campaign.status is not Status.SENDING or campaign.run.recipients is None:
        raise NotPossible(CampaignRefusal.NOT_COMPLETABLE)
    if campaign.run.reopened:
        raise NotPossible(CampaignRefusal.RESENDING)
    return msgspec.structs.replace(
        campaign,
        status=Status.COMPLETED,
        updated_at=now,
        run=msgspec.structs.replace(campaign.run, ended_at=now),
    )


def reopen(campaign: Campaign, now: datetime) -> Campaign:
    """Returns it to sending, because deliveries in doubt are to be sent again."""
    if not campaign.status.has_ended:
        raise NotPossible(CampaignRefusal.NOT_ENDED)
    if campaign.run.ended_at is None:
        # Sending would include deliveries that are about to be cancelled.
        raise NotPossible(CampaignRefusal.STOPPING)
    if campaign.run.recipients is None:
        # Sending would freeze the rest of the audience and send to it.
        raise NotPossible(CampaignRefusal.RECIPIENTS_UNKNOWN)
    return msgspec.structs.replace(
        campaign,
        status=Status.SENDING,
        updated_at=now,
        run=msgspec.structs.replace(campaign.run, ended_at=None, reopened=True),
    )


def revived(campaign: Campaign) -> Campaign:
    """Notes, after :func:`reopen`, that deliveries in doubt are due; again does no harm."""
    return msgspec.structs.replace(
        campaign, run=msgspec.structs.replace(campaign.run, reopened=False)
    )


def without_card(campaign: Campaign, place: CardPlace) -> Campaign:
    """Returns the campaign without a card at ``place`` to keep up to date; one elsewhere stays."""
    if campaign.run.progress != place:
        return campaign
    return msgspec.structs.replace(
        campaign, run=msgspec.structs.replace(campaign.run, progress=None)
    )


def require_deletable(campaign: Campaign) -> None:
    """Raises NotPossible while deliveries may be under way."""
    if campaign.status in (Status.SENDING, Status.PAUSED):
        raise NotPossible(CampaignRefusal.STOP_FIRST)


def require_draft(campaign: Campaign) -> None:
    """Raises NotPossible when content and audience can't change any more."""
    if campaign.status is Status.SCHEDULED:
        raise NotPossible(CampaignRefusal.SCHEDULED)
    if campaign.status is not Status.DRAFT:
        raise NotPossible(CampaignRefusal.NOT_CHANGEABLE)
