"""What keeps a campaign from being sent."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.content import Format, checked, is_empty
from campaigns.errors import Invalid, NotPossible


def missing(campaign: Campaign) -> list[str]:
    """What still has to be done before it can be sent, in words; empty when it is ready."""
    steps = []
    what = {Format.CARD: "card", Format.SURVEY: "survey"}.get(campaign.format, "message")
    if campaign.format is Format.SURVEY and is_empty(campaign.content, campaign.format):
        steps.append("choose a survey")
    elif is_empty(campaign.content, campaign.format):
        steps.append(f"write the {what}" if what == "message" else "make the card")
    else:
        try:
            checked(campaign.content, campaign.format)
        except Invalid:
            steps.append(f"correct the {what}")
    if campaign.audience is None:
        steps.append("choose the recipients")
    return steps


def require_written(campaign: Campaign) -> None:
    """Raises NotPossible unless there is something that can be sent."""
    try:
        checked(campaign.content, campaign.format)
    except Invalid as error:
        raise NotPossible(error.message) from error


def require_complete(campaign: Campaign) -> None:
    """Raises NotPossible, saying what is missing, unless it can be sent."""
    steps = missing(campaign)
    if steps:
        raise NotPossible(f"Before it can be sent, {' and '.join(steps)}.")
