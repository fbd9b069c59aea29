"""Words for obstacles that keep a campaign from being sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from campaigns.refusals.sending import (
    AudienceEmpty,
    AudienceGone,
    Incomplete,
    OriginalUnfinished,
    Step,
    SurveyClosed,
    SurveyOver,
    SurveyTooBig,
)
from cards.audiences import audience_words
from cards.refusals.base import Words

STEPS: Mapping[Step, str] = {
    Step.WRITE_MESSAGE: "write the message",
    Step.MAKE_CARD: "make the card",
    Step.CHOOSE_SURVEY: "choose a survey",
    Step.CORRECT_MESSAGE: "correct the message",
    Step.CORRECT_CARD: "correct the card",
    Step.CORRECT_SURVEY: "correct the survey",
    Step.CHOOSE_RECIPIENTS: "choose the recipients",
}


def incomplete(steps: Sequence[Step]) -> str:
    """Returns the sentence that names the steps that are needed before sending."""
    return f"Before it can be sent, {' and '.join(STEPS[step] for step in steps)}."


def _incomplete(reason: Incomplete) -> str:
    return incomplete(reason.steps)


def _nobody(reason: AudienceEmpty) -> str:
    return audience_words(reason.audience).nobody


WORDS: Words = {
    Incomplete: _incomplete,
    SurveyOver: "The last day of this survey is over. Change it in the survey first.",
    SurveyClosed: (
        "The survey is closed. Reopen it in its results before you send it to more people."
    ),
    SurveyTooBig: (
        "With its survey, this message is too big for Teams. Shorten the message, or the survey's "
        "questions."
    ),
    AudienceGone: (
        "The distribution list of this campaign was deleted. Choose the recipients again."
    ),
    OriginalUnfinished: (
        "The message is being sent again to some people. Wait until that has ended, or stop it."
    ),
    AudienceEmpty: _nobody,
}
