"""A survey once it has been sent: whether it is open, and how often it has been reminded of."""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.errors import NotPossible
from campaigns.refusals.surveys import TooManyReminders
from campaigns.surveys.survey import Survey


class SurveyState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an admin decided on a survey after it had been sent."""

    closed: bool = False
    reopened: bool = False
    """Open until it is closed by hand, whatever the survey's end says."""
    reminders: tuple[str, ...] = ()
    """The campaigns that reminded of it, oldest first."""
    reminded: bool = False
    """Whether the reminder that comes by itself has gone out."""


REMINDERS = 3
"""Of one survey, at most."""


def is_open(survey: Survey, poll: SurveyState, now: datetime) -> bool:
    """Whether it can be answered."""
    if poll.closed:
        return False
    return poll.reopened or survey.closes_at is None or now < survey.closes_at


def closed(poll: SurveyState) -> SurveyState:
    """Nothing can be answered any more."""
    return msgspec.structs.replace(poll, closed=True, reopened=False)


def reopened(poll: SurveyState) -> SurveyState:
    """It can be answered until it is closed by hand."""
    return msgspec.structs.replace(poll, closed=False, reopened=True)


def with_reminder(poll: SurveyState, campaign_id: str, *, by_itself: bool = False) -> SurveyState:
    """One reminder more; saying so twice is saying it once. Raises NotPossible."""
    if campaign_id in poll.reminders:
        return poll
    if len(poll.reminders) >= REMINDERS:
        raise NotPossible(TooManyReminders(REMINDERS))
    return msgspec.structs.replace(
        poll,
        reminders=(*poll.reminders, campaign_id),
        reminded=poll.reminded or by_itself,
    )
