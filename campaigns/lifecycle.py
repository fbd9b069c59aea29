"""Transitions between a campaign's statuses.

Campaigns are immutable values. Each function takes one and returns the changed one, or raises
:class:`~campaigns.errors.CampaignError`; the store gives every saved change a new ``revision``.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns import probing
from campaigns.audience import FrozenAudience
from campaigns.campaign import (
    Campaign,
    CardPlace,
    Fault,
    FaultPause,
    Status,
    with_draft,
    with_run,
)
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
    """Starts sending: from here on the content can't change, and the engine freezes the audience.

    :param audience: name and size of the audience as it is now.
    :param sender_id: the id of the user who pressed Send; empty for the author.
    :param scheduled: True when it starts by its schedule. False drops the schedule: a campaign that
        a person sends goes to everyone now.

    Raises NotPossible when it has started before (so a second press can't start it twice) or is not
    ready.
    """
    if campaign.status not in (Status.DRAFT, Status.SCHEDULED):
        raise NotPossible(CampaignRefusal.ALREADY_SENT)
    require_ready(campaign, now)
    schedule = campaign.schedule if campaign.status is Status.SCHEDULED else None
    return msgspec.structs.replace(
        with_draft(
            with_run(
                campaign,
                audience=audience,
                continues=schedule if schedule is not None and schedule.series else None,
                sender_id=sender_id or campaign.author_id,
                started_at=now,
            ),
            missed=None,
        ),
        status=Status.SENDING,
        schedule=campaign.schedule if scheduled else None,
        updated_at=now,
    )


def continued(campaign: Campaign) -> Campaign:
    """Notes that the next occurrence of its series is made. Noting it again does no harm."""
    return with_run(campaign, continues=None)


def frozen(campaign: Campaign, recipients: int, now: datetime) -> Campaign:
    """Notes how many deliveries the audience was frozen into. Noting it again does no harm.

    The campaign may have been paused or stopped meanwhile. Raises NotPossible in any other status
    but SENDING.
    """
    if campaign.status not in (Status.SENDING, Status.PAUSED, Status.STOPPED):
        raise NotPossible(CampaignRefusal.NOT_STARTED)
    return msgspec.structs.replace(with_run(campaign, recipients=recipients), updated_at=now)


def pause(campaign: Campaign, now: datetime, fault: Fault | None = None) -> Campaign:
    """Pauses sending: no further deliveries are claimed.

    An admin may also pause what a fault has paused: then it is not taken up by itself any more.

    :param fault: the reason when the bot pauses it; None when an admin does.

    Raises NotPossible unless it is being sent, or would be taken up by itself.
    """
    if fault is None and probing.is_taken_up(campaign):
        return msgspec.structs.replace(probing.kept_paused(campaign), updated_at=now)
    if campaign.status is not Status.SENDING:
        raise NotPossible(CampaignRefusal.NOT_SENDING)
    pause_by_fault = None if fault is None else probing.began(fault, campaign.run.fault_pause, now)
    return msgspec.structs.replace(
        with_run(campaign, fault=fault, fault_pause=pause_by_fault),
        status=Status.PAUSED,
        updated_at=now,
    )


def hold(campaign: Campaign, now: datetime) -> Campaign:
    """Pauses a campaign because the bot starts with everything paused.

    One that a fault has paused gets this reason in place of the fault, so that it does not go on by
    itself when the fault is over.

    Raises NotPossible when it is not being sent, or a person has paused it.
    """
    by_fault = campaign.status is Status.PAUSED and campaign.run.fault is not None
    if campaign.status is not Status.SENDING and not by_fault:
        raise NotPossible(CampaignRefusal.NOT_SENDING)
    return msgspec.structs.replace(
        with_run(campaign, fault=Fault.STARTED_PAUSED, fault_pause=None),
        status=Status.PAUSED,
        updated_at=now,
    )


def resume(campaign: Campaign, now: datetime) -> Campaign:
    """Continues sending, because an admin asked for it. Raises NotPossible unless it is paused."""
    if campaign.status is not Status.PAUSED:
        raise NotPossible(CampaignRefusal.NOT_PAUSED)
    return msgspec.structs.replace(
        with_run(campaign, fault=None, fault_pause=None, resumed_at=now),
        status=Status.SENDING,
        updated_at=now,
    )


def take_up(campaign: Campaign, pause_by_fault: FaultPause, now: datetime) -> Campaign:
    """Continues sending by itself, because the fault has passed.

    :param pause_by_fault: the pause whose probe has succeeded.

    Raises NotPossible when a person has decided otherwise since then.
    """
    probing.require_taken_up(campaign, pause_by_fault)
    return msgspec.structs.replace(
        with_run(
            campaign,
            fault=None,
            fault_pause=probing.ended(pause_by_fault, now),
            resumed_at=now,
        ),
        status=Status.SENDING,
        updated_at=now,
    )


def stop(campaign: Campaign, now: datetime) -> Campaign:
    """Stops sending for good; the engine then cancels the unsent deliveries.

    Raises NotPossible unless it is being sent or paused.
    """
    if campaign.status not in (Status.SENDING, Status.PAUSED):
        raise NotPossible(CampaignRefusal.NOT_GOING_ON)
    return msgspec.structs.replace(
        with_run(campaign, fault=None, fault_pause=None), status=Status.STOPPED, updated_at=now
    )


def wound_up(campaign: Campaign, now: datetime) -> Campaign:
    """Notes that no delivery of a stopped campaign is open: each was cancelled or has ended.

    Raises NotPossible unless it was stopped.
    """
    if campaign.status is not Status.STOPPED:
        raise NotPossible(CampaignRefusal.NOT_STOPPED)
    return msgspec.structs.replace(with_run(campaign, ended_at=now), updated_at=now)


def complete(campaign: Campaign, now: datetime) -> Campaign:
    """Notes that every delivery has ended.

    Raises NotPossible unless it is being sent, and while the audience is still being frozen: more
    deliveries may come, even when all present ones have ended. Also raises it before deliveries in
    doubt are due again, see :func:`revived`.
    """
    if campaign.status is not Status.SENDING or campaign.run.recipients is None:
        raise NotPossible(CampaignRefusal.NOT_COMPLETABLE)
    if campaign.run.reopened:
        raise NotPossible(CampaignRefusal.RESENDING)
    return msgspec.structs.replace(
        with_run(campaign, ended_at=now), status=Status.COMPLETED, updated_at=now
    )


def reopen(campaign: Campaign, now: datetime) -> Campaign:
    """Puts an ended campaign back to SENDING, so that deliveries in doubt are sent again.

    Raises NotPossible when it has not ended, or its recipients are not all known.
    """
    if not campaign.status.has_ended:
        raise NotPossible(CampaignRefusal.NOT_ENDED)
    if campaign.run.ended_at is None:
        # Deliveries that are about to be cancelled would be sent.
        raise NotPossible(CampaignRefusal.STOPPING)
    if campaign.run.recipients is None:
        # The rest of the audience would be frozen, and would get the message.
        raise NotPossible(CampaignRefusal.RECIPIENTS_UNKNOWN)
    return msgspec.structs.replace(
        with_run(campaign, ended_at=None, reopened=True, resumed_at=now),
        status=Status.SENDING,
        updated_at=now,
    )


def revived(campaign: Campaign) -> Campaign:
    """Notes that the deliveries for which :func:`reopen` was called are due.

    Noting it again does no harm.
    """
    return with_run(campaign, reopened=False)


def without_card(campaign: Campaign, place: CardPlace) -> Campaign:
    """Returns the campaign without its progress card, if that is the card at ``place``."""
    if campaign.run.progress != place:
        return campaign
    return with_run(campaign, progress=None)


def require_deletable(campaign: Campaign) -> None:
    """Raises NotPossible while deliveries may be under way."""
    if campaign.status in (Status.SENDING, Status.PAUSED):
        raise NotPossible(CampaignRefusal.STOP_FIRST)


def require_draft(campaign: Campaign) -> None:
    """Raises NotPossible when content and audience can't change: it is scheduled or has started."""
    if campaign.status is Status.SCHEDULED:
        raise NotPossible(CampaignRefusal.SCHEDULED)
    if campaign.status is not Status.DRAFT:
        raise NotPossible(CampaignRefusal.NOT_CHANGEABLE)
