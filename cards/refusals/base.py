"""Types of the words, and the look-up that all features share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from campaigns.errors import Refusal, RefusalDetails, RefusalKey

SentenceTemplate: TypeAlias = str | Callable[[Any], str]
"""A sentence in which ``{name}`` stands for the value of that name. When the words depend on the
values, it is a function that takes the reason and returns the sentence."""

Words: TypeAlias = Mapping[RefusalKey | type[RefusalDetails], SentenceTemplate]
"""The sentences of a feature, by the keys of their reasons."""


def worded(words: Words, refusal: Refusal) -> str:
    """Returns the sentence that these words have for a reason."""
    if isinstance(refusal, RefusalKey):
        template, values = words[refusal], {}
    else:
        template, values = words[type(refusal)], msgspec.structs.asdict(refusal)
    return template.format(**values) if isinstance(template, str) else template(refusal)
