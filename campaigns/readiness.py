"""Readiness: obstacles to sending that can be seen from the campaign alone."""

from __future__ import annotations

from datetime import datetime

from campaigns.campaign import Campaign
from campaigns.content import Format, checked, is_empty
from campaigns.errors import Invalid, NotPossible
from campaigns.refusals.sending import Incomplete, Obstacle, Step, SurveyOver
from campaigns.surveys.survey import is_over


def missing(campaign: Campaign) -> tuple[Step, ...]:
    """Returns the steps that are still needed before it can be sent; empty when there are none."""
    steps = []
    content_step = _content_step(campaign)
    if content_step is not None:
        steps.append(content_step)
    if campaign.audience is None:
        steps.append(Step.CHOOSE_RECIPIENTS)
    return tuple(steps)


def obstacle(campaign: Campaign, now: datetime) -> Obstacle | None:
    """Returns the obstacle to sending that can be seen from the campaign alone; None without one.

    ``delivery.starting.obstacles`` asks for it, and then looks into the store for others.
    """
    steps = missing(campaign)
    if steps:
        return Incomplete(steps)
    if campaign.original_key is None and is_over(campaign.survey, now):
        return SurveyOver()
    return None


def require_ready(campaign: Campaign, now: datetime) -> None:
    """Raises NotPossible when :func:`obstacle` finds one."""
    reason = obstacle(campaign, now)
    if reason is not None:
        raise NotPossible(reason)


def require_written(campaign: Campaign) -> None:
    """Raises NotPossible unless its content is finished and can be sent."""
    try:
        checked(campaign.content, campaign.format)
    except Invalid as error:
        raise NotPossible(error.refusal) from error


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
