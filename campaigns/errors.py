"""What the domain refuses, and why.

::

    CampaignError
    ├── Invalid        something a person typed can't be taken
    └── NotPossible    the campaign's status does not allow it

Errors carry keys and values. The words for people are in ``cards/refusals``; ``str(error)`` is for
the log.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

import msgspec

NONE: Mapping[str, str] = MappingProxyType({})


class RefusalKey(enum.Enum):
    """Reasons to refuse something that have no values; an enum for each feature."""


class RefusalDetails(msgspec.Struct, frozen=True):
    """A reason to refuse something that has values: the class is the key, its fields the values."""


Refusal: TypeAlias = RefusalKey | RefusalDetails
"""Why something is refused."""


class CampaignError(Exception):
    """Base of everything the domain refuses."""


class Invalid(CampaignError):
    """Something a person typed can't be taken; ``field`` says what it was.

    ``others`` are further fields with what is wrong there.
    """

    def __init__(self, field: str, message: str, others: Mapping[str, str] = NONE) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.errors = {field: message, **others}


class NotPossible(CampaignError):
    """The campaign is not in a status that allows this."""

    def __init__(self, refusal: Refusal | str) -> None:
        super().__init__(refusal)
        self.refusal = refusal
