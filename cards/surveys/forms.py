"""What all forms for a survey's author have in common."""

from __future__ import annotations

from typing import TypedDict

from campaigns.surveys.survey import Survey
from cards.actions import OnSurvey

YES = "true"
"""What a ticked box sends."""


class At(TypedDict):
    """The fields that every action on a survey has."""

    survey: str
    revision: int
    campaign: str
    campaign_revision: int


def at(survey: Survey, action: OnSurvey) -> At:
    """The survey as this card shows it, on the way that the action came."""
    return At(
        survey=survey.id,
        revision=survey.revision,
        campaign=action.campaign,
        campaign_revision=action.campaign_revision,
    )


def box(ticked: bool | str) -> str:
    """What a box, or a choice between two, says."""
    return YES if ticked in (True, YES) else "false"
