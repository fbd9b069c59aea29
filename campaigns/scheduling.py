"""Taking a campaign onto the programme and off it again.

Each function takes a campaign and returns the changed one, or raises
:class:`~campaigns.errors.NotPossible`.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns import drafting
from campaigns.campaign import Campaign, Missed, Status
from campaigns.errors import NotPossible
from campaigns.lifecycle import require_draft
from campaigns.readiness import require_ready
from campaigns.refusals.schedule import ScheduleRefusal
from campaigns.schedule import recurrence
from campaigns.schedule.schedule import Schedule


def schedule(campaign: Campaign, to: Schedule, now: datetime) -> Campaign:
    """It starts by itself at the schedule's time."""
    require_draft(campaign)
    if campaign.original_key is not None:
        raise NotPossible(ScheduleRefusal.FOLLOWS_ANOTHER)
    require_ready(campaign, now)
    return msgspec.structs.replace(
        campaign,
        status=Status.SCHEDULED,
        schedule=to,
        updated_at=now,
        draft=msgspec.structs.replace(campaign.draft, missed=None),
    )


def unschedule(campaign: Campaign, now: datetime, missed: Missed | None = None) -> Campaign:
    """A draft again; what was chosen stays, to begin with next time. A series ends with it."""
    if campaign.status is not Status.SCHEDULED or campaign.schedule is None:
        raise NotPossible(ScheduleRefusal.NOT_SCHEDULED)
    kept = msgspec.structs.replace(campaign.schedule, series=None)
    return msgspec.structs.replace(
        campaign,
        status=Status.DRAFT,
        schedule=kept,
        updated_at=now,
        draft=msgspec.structs.replace(campaign.draft, missed=missed),
    )


def is_due(campaign: Campaign, now: datetime) -> bool:
    """Whether it is to be started now."""
    of = campaign.schedule
    return campaign.status is Status.SCHEDULED and of is not None and of.at <= now


def next_occurrence(campaign: Campaign, now: datetime) -> Campaign | None:
    """The campaign that comes after this one in its series, on the programme already; None when
    there is none.
    """
    of = campaign.schedule
    if of is None or of.series is None:
        return None
    found = recurrence.next_of(of.series, max(now, of.at))
    if found is None:
        return None
    series, at = found
    made = drafting.clone(
        campaign,
        series.campaign_id(),
        name=campaign.name,
        author_id=campaign.author_id,
        now=now,
    )
    later = msgspec.structs.replace(of, at=at, series=series, seed=series.campaign_id())
    return msgspec.structs.replace(made, status=Status.SCHEDULED, schedule=later)
