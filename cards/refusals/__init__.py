"""The words for what is refused: for every reason a sentence."""

from __future__ import annotations

import msgspec

from campaigns.errors import NotPossible, Refusal, RefusalKey
from cards.refusals import campaigns
from cards.refusals.base import Words

WORDS: Words = {**campaigns.WORDS}


def in_words(refusal: Refusal) -> str:
    """Returns the sentence for the person who caused it."""
    if isinstance(refusal, RefusalKey):
        template, values = WORDS[refusal], {}
    else:
        template, values = WORDS[type(refusal)], msgspec.structs.asdict(refusal)
    return template.format(**values) if isinstance(template, str) else template(refusal)


def refused(error: NotPossible) -> str:
    """Returns the sentence for the person whose press was refused."""
    return error.refusal if isinstance(error.refusal, str) else in_words(error.refusal)
