"""State of a survey that has been sent: open or closed, and its reminders."""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.errors import NotPossible
from campaigns.refusals.surveys import TooManyReminders
from campaigns.surveys.survey import Survey


class SurveyState(msgspec.Struct, frozen=True, omit_defaults=True):
    """State of a survey after it was sent: an admin's decisions, and the reminders."""

    closed: bool = False
    """True when an admin has closed it."""
    reopened: bool = False
    """True when an admin has reopened it. It is then open until it is closed by hand, even after
    its last day."""
    reminders: tuple[str, ...] = ()
    """Ids of the campaigns that reminded of it, oldest first."""
    reminded: bool = False
    """True when the automatic reminder has gone out, or was left out."""


REMINDERS = 3
"""Most reminders of a survey."""


def is_open(survey: Survey, state: SurveyState, now: datetime) -> bool:
    """Returns True when the survey can be answered."""
    if state.closed:
        return False
    return state.reopened or survey.closes_at is None or now < survey.closes_at


def closed(state: SurveyState) -> SurveyState:
    """Returns the state of a closed survey, which can't be answered any more."""
    return msgspec.structs.replace(state, closed=True, reopened=False)


def reopened(state: SurveyState) -> SurveyState:
    """Returns the state of a reopened survey, which can be answered until it is closed by hand."""
    return msgspec.structs.replace(state, closed=False, reopened=True)


def with_reminder(state: SurveyState, campaign_id: str, *, by_itself: bool = False) -> SurveyState:
    """Returns the state with a reminder added. Adding the same one again does no harm.

    :param campaign_id: the id of the reminder.
    :param by_itself: True for the automatic reminder.

    Raises NotPossible when there have been too many reminders.
    """
    reminders = state.reminders
    if campaign_id not in reminders:
        if len(reminders) >= REMINDERS:
            raise NotPossible(TooManyReminders(REMINDERS))
        reminders = (*reminders, campaign_id)
    # Also when somebody asked for the same reminder at the moment at which it was due.
    return msgspec.structs.replace(state, reminders=reminders, reminded=state.reminded or by_itself)


def without_automatic_reminder(state: SurveyState) -> SurveyState:
    """Returns the state in which no reminder goes out by itself any more."""
    return msgspec.structs.replace(state, reminded=True)
