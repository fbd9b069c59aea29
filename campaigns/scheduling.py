"""Scheduling and unscheduling a campaign.

Each function takes a campaign and returns the changed one, or raises
:class:`~campaigns.errors.NotPossible`.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns import drafting
from campaigns.campaign import Campaign, Missed, Status, with_draft
from campaigns.errors import NotPossible
from campaigns.lifecycle import require_draft
from campaigns.readiness import require_ready
from campaigns.refusals.schedule import ScheduleRefusal
from campaigns.schedule import recurrence
from campaigns.schedule.schedule import Schedule


def schedule(campaign: Campaign, plan: Schedule, now: datetime) -> Campaign:
    """Returns the draft as a scheduled campaign, which starts by itself at the plan's time.

    Raises NotPossible when it is no draft, follows another campaign, or is not ready.
    """
    require_draft(campaign)
    if campaign.original_key is not None:
        raise NotPossible(ScheduleRefusal.FOLLOWS_ANOTHER)
    require_ready(campaign, now)
    return msgspec.structs.replace(
        with_draft(campaign, missed=None), status=Status.SCHEDULED, schedule=plan, updated_at=now
    )


def unschedule(campaign: Campaign, now: datetime, missed: Missed | None = None) -> Campaign:
    """Returns the scheduled campaign as a draft. It keeps its schedule for the next time, without
    the series, which ends.

    :param missed: the reason when it did not start at its time; None when an admin unscheduled it.

    Raises NotPossible unless it is scheduled.
    """
    if campaign.status is not Status.SCHEDULED or campaign.schedule is None:
        raise NotPossible(ScheduleRefusal.NOT_SCHEDULED)
    kept = msgspec.structs.replace(campaign.schedule, series=None)
    return msgspec.structs.replace(
        with_draft(campaign, missed=missed), status=Status.DRAFT, schedule=kept, updated_at=now
    )


def is_due(campaign: Campaign, now: datetime) -> bool:
    """Returns True when it is to be started now."""
    schedule = campaign.schedule
    return campaign.status is Status.SCHEDULED and schedule is not None and schedule.at <= now


def next_occurrence(campaign: Campaign, now: datetime) -> Campaign | None:
    """Returns the next campaign of its series, already scheduled; None when there is none."""
    schedule = campaign.schedule
    if schedule is None or schedule.series is None:
        return None
    following = recurrence.next_of(schedule.series, max(now, schedule.at))
    if following is None:
        return None
    series, starts_at = following
    series = msgspec.structs.replace(series, previous_at=schedule.at)
    made = drafting.clone(
        campaign,
        series.campaign_id(),
        name=campaign.name,
        author_id=campaign.author_id,
        now=now,
    )
    later = msgspec.structs.replace(
        schedule, at=starts_at, series=series, seed=series.campaign_id()
    )
    return msgspec.structs.replace(made, status=Status.SCHEDULED, schedule=later)


def redated(campaign: Campaign, now: datetime) -> Campaign | None:
    """Returns an occurrence with an earlier time, when a clock that was ahead has made it.

    Such a clock has skipped the occurrences before its own time. Returns None when its time is
    right.
    """
    schedule = campaign.schedule
    if campaign.status is not Status.SCHEDULED or schedule is None or schedule.series is None:
        return None
    series = schedule.series
    if series.previous_at is None or campaign.created_at <= now:
        return None
    starts_at = recurrence.following(series.recurrence, max(now, series.previous_at))
    if starts_at is None or starts_at >= schedule.at:
        return None
    return msgspec.structs.replace(
        campaign, schedule=msgspec.structs.replace(schedule, at=starts_at), updated_at=now
    )
