"""Obstacles that keep a campaign from being sent."""

from __future__ import annotations

import enum
from typing import ClassVar

from campaigns.audience import Audience
from campaigns.campaign import Missed
from campaigns.errors import RefusalDetails


class Step(enum.Enum):
    """Step that a draft still needs before it can be sent."""

    WRITE_MESSAGE = "write_message"
    MAKE_CARD = "make_card"
    CHOOSE_SURVEY = "choose_survey"
    CORRECT_MESSAGE = "correct_message"
    CORRECT_CARD = "correct_card"
    CORRECT_SURVEY = "correct_survey"
    CHOOSE_RECIPIENTS = "choose_recipients"


class Obstacle(RefusalDetails, frozen=True):
    """Obstacle that keeps a campaign from being sent.

    Everything that sends or schedules campaigns asks ``delivery.starting.obstacles`` for it.
    """

    missed: ClassVar[Missed] = Missed.INCOMPLETE
    """Reason that a scheduled campaign notes when this obstacle kept it from starting."""


class Incomplete(Obstacle, frozen=True):
    """A part of it is missing, or can't be sent as it is."""

    steps: tuple[Step, ...]


class SurveyOver(Obstacle, frozen=True):
    """The last day of its survey has passed."""

    missed: ClassVar[Missed] = Missed.SURVEY_OVER


class SurveyClosed(Obstacle, frozen=True):
    """It would send a survey to more people, but the survey takes no answers any more."""

    missed: ClassVar[Missed] = Missed.SURVEY_OVER


class SurveyTooBig(Obstacle, frozen=True):
    """Its survey, which may have grown since it was chosen, does not fit into a message."""

    missed: ClassVar[Missed] = Missed.TOO_BIG


class AudienceGone(Obstacle, frozen=True):
    """Its distribution list has been deleted."""

    missed: ClassVar[Missed] = Missed.LIST_GONE


class OriginalUnfinished(Obstacle, frozen=True):
    """It changes the messages of a campaign that is being sent again just now."""


class AudienceEmpty(Obstacle, frozen=True):
    """Nobody of its audience can be reached."""

    missed: ClassVar[Missed] = Missed.NOBODY

    audience: Audience
