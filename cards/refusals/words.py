"""Words for every reason, and for the errors that carry reasons."""

from __future__ import annotations

from campaigns.errors import Invalid, NotPossible, Problems, Refusal
from cards.refusals import authoring, campaigns, lists, schedule, sending, surveys, text
from cards.refusals.base import Words, worded
from cards.view import Errors

WORDS: Words = {
    **authoring.WORDS,
    **campaigns.WORDS,
    **lists.WORDS,
    **schedule.WORDS,
    **sending.WORDS,
    **surveys.WORDS,
    **text.WORDS,
}


def in_words(refusal: Refusal) -> str:
    """Returns the sentence for a reason, for the person whose wish is refused."""
    return worded(WORDS, refusal)


def refused(error: NotPossible) -> str:
    """Returns the sentence for the reason of this error."""
    return in_words(error.refusal)


def problems_in_words(problems: Problems) -> Errors:
    """Returns the sentence for the problem of each field."""
    return {field: in_words(refusal) for field, refusal in problems.items()}


def errors_of(error: Invalid) -> Errors:
    """Returns the sentence for each field with a problem in this error."""
    return problems_in_words(error.problems)
