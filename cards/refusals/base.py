"""Types and look-up that the words of all features share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from campaigns.errors import Refusal, RefusalDetails, RefusalKey

SentenceTemplate: TypeAlias = str | Callable[[Any], str]
"""A sentence in which ``{name}`` stands for the value of that name; or, where the words depend on
the values, a function of the reason."""

Words: TypeAlias = Mapping[RefusalKey | type[RefusalDetails], SentenceTemplate]
"""The sentences of a feature, by their keys."""


def worded(words: Words, refusal: Refusal) -> str:
    """Returns the sentence for a reason, from these words."""
    if isinstance(refusal, RefusalKey):
        template, values = words[refusal], {}
    else:
        template, values = words[type(refusal)], msgspec.structs.asdict(refusal)
    return template.format(**values) if isinstance(template, str) else template(refusal)
