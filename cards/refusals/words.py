"""The words for every reason, and for errors that carry them."""

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
    """Returns the sentence for the person who caused it."""
    return worded(WORDS, refusal)


def refused(error: NotPossible) -> str:
    """Returns the sentence for the person whose press was refused."""
    return in_words(error.refusal)


def problems_in_words(problems: Problems) -> Errors:
    """Returns what is wrong with each field."""
    return {field: in_words(refusal) for field, refusal in problems.items()}


def errors_of(error: Invalid) -> Errors:
    """Returns what is wrong with each field that was typed."""
    return problems_in_words(error.problems)
