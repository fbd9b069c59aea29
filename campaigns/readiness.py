"""What keeps a campaign from being sent, as far as the campaign itself tells."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import ClassVar

from campaigns.audience import Audience
from campaigns.campaign import Campaign, Missed
from campaigns.content import Format, checked, is_empty
from campaigns.errors import Invalid, NotPossible, RefusalDetails
from campaigns.surveys.survey import is_over


class Step(enum.Enum):
    """What still has to be done with a draft before it can be sent."""

    WRITE_MESSAGE = "write_message"
    MAKE_CARD = "make_card"
    CHOOSE_SURVEY = "choose_survey"
    CORRECT_MESSAGE = "correct_message"
    CORRECT_CARD = "correct_card"
    CORRECT_SURVEY = "correct_survey"
    CHOOSE_RECIPIENTS = "choose_recipients"


class Obstacle(RefusalDetails, frozen=True):
    """What keeps a campaign from being sent.

    Whatever sends or schedules campaigns asks ``delivery.starting.obstacles`` for it.
    """

    missed: ClassVar[Missed] = Missed.INCOMPLETE
    """What a scheduled campaign keeps when this kept it from starting."""


class Incomplete(Obstacle, frozen=True):
    """Something of it is missing or can't be sent as it is."""

    steps: tuple[Step, ...]


class SurveyOver(Obstacle, frozen=True):
    """The last day of its survey has passed."""

    missed: ClassVar[Missed] = Missed.SURVEY_OVER


class SurveyClosed(Obstacle, frozen=True):
    """The survey that it would bring to more people takes no answers any more."""

    missed: ClassVar[Missed] = Missed.SURVEY_OVER


class SurveyTooBig(Obstacle, frozen=True):
    """Its survey, which may have grown since it was chosen, does not fit into a message."""

    missed: ClassVar[Missed] = Missed.TOO_BIG


class AudienceGone(Obstacle, frozen=True):
    """Its distribution list has been deleted."""

    missed: ClassVar[Missed] = Missed.LIST_GONE


class AudienceEmpty(Obstacle, frozen=True):
    """Nobody of its audience can be reached."""

    missed: ClassVar[Missed] = Missed.NOBODY

    audience: Audience


def missing(campaign: Campaign) -> tuple[Step, ...]:
    """Returns what still has to be done before it can be sent; nothing when it is ready."""
    steps = []
    content_step = _content_step(campaign)
    if content_step is not None:
        steps.append(content_step)
    if campaign.audience is None:
        steps.append(Step.CHOOSE_RECIPIENTS)
    return tuple(steps)


def obstacle(campaign: Campaign, now: datetime) -> Obstacle | None:
    """Returns what keeps it from being sent, as far as the campaign itself tells."""
    steps = missing(campaign)
    if steps:
        return Incomplete(steps)
    if campaign.original_key is None and is_over(campaign.survey, now):
        return SurveyOver()
    return None


def require_ready(campaign: Campaign, now: datetime) -> None:
    """Raises NotPossible when the campaign itself tells that it can't be sent."""
    reason = obstacle(campaign, now)
    if reason is not None:
        raise NotPossible(reason)


def require_written(campaign: Campaign) -> None:
    """Raises NotPossible unless there is something that can be sent."""
    try:
        checked(campaign.content, campaign.format)
    except Invalid as error:
        raise NotPossible(error.message) from error


def _content_step(campaign: Campaign) -> Step | None:
    if is_empty(campaign.content, campaign.format):
        return _EMPTY.get(campaign.format, Step.WRITE_MESSAGE)
    try:
        checked(campaign.content, campaign.format)
    except Invalid:
        return _WRONG.get(campaign.format, Step.CORRECT_MESSAGE)
    return None


_EMPTY = {Format.CARD: Step.MAKE_CARD, Format.SURVEY: Step.CHOOSE_SURVEY}

_WRONG = {Format.CARD: Step.CORRECT_CARD, Format.SURVEY: Step.CORRECT_SURVEY}
