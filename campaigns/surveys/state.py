"""State of a survey that has been sent: open or closed, and its reminders."""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.errors import NotPossible
from campaigns.refusals.surveys import TooManyReminders
from campaigns.surveys.survey import Survey


class SurveyState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Decisions of an admin on a survey after it had been sent."""

    closed: bool = False
    reopened: bool = False
    """True when it is open until it is closed by hand, whatever the survey's end says."""
    reminders: tuple[str, ...] = ()
    """Ids of the campaigns that reminded of it, oldest first."""
    reminded: bool = False
    """True when the automatic reminder has gone out."""


REMINDERS = 3
"""Most reminders of one survey."""


def is_open(survey: Survey, poll: SurveyState, now: datetime) -> bool:
    """Returns True when it can be answered."""
    if poll.closed:
        return False
    return poll.reopened or survey.closes_at is None or now < survey.closes_at


def closed(poll: SurveyState) -> SurveyState:
    """Closes it: nothing can be answered any more."""
    return msgspec.structs.replace(poll, closed=True, reopened=False)


def reopened(poll: SurveyState) -> SurveyState:
    """Reopens it: it can be answered until it is closed by hand."""
    return msgspec.structs.replace(poll, closed=False, reopened=True)


def with_reminder(poll: SurveyState, campaign_id: str, *, by_itself: bool = False) -> SurveyState:
    """Adds a reminder; adding it again does no harm. Raises NotPossible for too many."""
    if campaign_id in poll.reminders:
        return poll
    if len(poll.reminders) >= REMINDERS:
        raise NotPossible(TooManyReminders(REMINDERS))
    return msgspec.structs.replace(
        poll,
        reminders=(*poll.reminders, campaign_id),
        reminded=poll.reminded or by_itself,
    )
