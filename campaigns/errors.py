"""Errors of the domain: a refusal with its reason.

::

    CampaignError
    ├── Invalid        something a person typed can't be taken
    └── NotPossible    the state of a campaign or survey does not allow it

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
    """Base of the reasons to refuse something that carry no values. Each feature has an enum."""


class RefusalDetails(msgspec.Struct, frozen=True):
    """Base of the reasons that carry values: the class is the key, the fields are the values."""


Refusal: TypeAlias = RefusalKey | RefusalDetails
"""A reason to refuse something."""

Problems: TypeAlias = Mapping[str, Refusal]
"""Reasons by the names of a form's fields."""

NO_PROBLEMS: Problems = MappingProxyType({})


class CampaignError(Exception):
    """Base of everything the domain refuses."""


class Invalid(CampaignError):
    """Something a person typed can't be taken.

    :param field: the first field with a problem, by its name in the form.
    :param refusal: the problem of that field.
    :param others: the problems of further fields.
    """

    def __init__(self, field: str, refusal: Refusal, others: Problems = NO_PROBLEMS) -> None:
        self.field = field
        self.refusal = refusal
        self.problems: Problems = {field: refusal, **others}
        super().__init__(self.problems)


class NotPossible(CampaignError):
    """The present state of a campaign or survey does not allow this."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal)


def refuse(problems: Problems) -> None:
    """Raises Invalid when there are any problems."""
    if problems:
        field, refusal = next(iter(problems.items()))
        raise Invalid(field, refusal, problems)
