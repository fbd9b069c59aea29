"""Errors of the domain: a refusal with its reason.

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


class RefusalKey(enum.Enum):
    """Reasons to refuse something that have no values; an enum for each feature."""


class RefusalDetails(msgspec.Struct, frozen=True):
    """A reason to refuse something that has values: the class is the key, its fields the values."""


Refusal: TypeAlias = RefusalKey | RefusalDetails
"""A reason to refuse something."""

Problems: TypeAlias = Mapping[str, Refusal]
"""Reasons by the names of a form's fields."""

NO_PROBLEMS: Problems = MappingProxyType({})


class CampaignError(Exception):
    """Base of everything the domain refuses."""


class Invalid(CampaignError):
    """Something a person typed can't be taken.

    :param field: the field that it was typed in.
    :param others: further fields with what is wrong there.
    """

    def __init__(self, field: str, refusal: Refusal, others: Problems = NO_PROBLEMS) -> None:
        self.field = field
        self.refusal = refusal
        self.problems: Problems = {field: refusal, **others}
        super().__init__(self.problems)


class NotPossible(CampaignError):
    """The campaign is not in a status that allows this."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal)


def refuse(problems: Problems) -> None:
    """Raises Invalid when there are any problems."""
    if problems:
        field, refusal = next(iter(problems.items()))
        raise Invalid(field, refusal, problems)
