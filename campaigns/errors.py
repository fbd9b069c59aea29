"""What the domain refuses, and why.

::

    CampaignError
    ├── Invalid        something a person typed can't be taken
    └── NotPossible    the campaign's status does not allow it

Messages are written for the person who caused them: they are shown on the card as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NONE: Mapping[str, str] = MappingProxyType({})


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
