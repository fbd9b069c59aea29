"""The parts that the forms for a survey's author share."""

from __future__ import annotations

from typing import TypedDict

from campaigns.surveys.survey import Survey
from cards.actions import OnSurvey

YES = "true"
"""The value of a ticked box."""


class SurveyFields(TypedDict):
    """The fields that every action on a survey has."""

    survey: str
    revision: int
    campaign: str
    campaign_revision: int


def survey_fields(survey: Survey, action: OnSurvey) -> SurveyFields:
    """Returns the survey and its revision, and the campaign that the admin came from.

    :param action: the action that brought the admin here, which names that campaign.
    """
    return SurveyFields(
        survey=survey.id,
        revision=survey.revision,
        campaign=action.campaign,
        campaign_revision=action.campaign_revision,
    )


def box(ticked: bool | str) -> str:
    """Returns the value of a tick box, or of a choice between two.

    :param ticked: True, or the value that the field had before.
    """
    return YES if ticked in (True, YES) else "false"
