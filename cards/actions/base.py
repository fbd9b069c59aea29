"""The base of all actions, and the types of their values."""

from __future__ import annotations

from typing import Annotated

import msgspec

DATA_LIMIT = 900 * 1024
"""Most bytes of a button's data as JSON. A distribution list of 10,000 pasted addresses with their
names has room."""


Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{1,64}\Z")]
"""The id of a campaign, a list or another stored thing.

A form carries the id of the thing that it creates. So an id from outside may become the id of a
stored thing.
"""


KeyOrNone = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{0,64}\Z")]
"""A key, or empty for none."""


Revision = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


UserId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


Text = Annotated[str, msgspec.Meta(max_length=40_000)]
"""Typed text. The domain checks the limits that people are told."""


Line = Text
"""Typed text of one line, or the value of a choice."""


Number = Line | float
"""The value of a number field: some clients send text, others a number."""


Pasted = Annotated[str, msgspec.Meta(max_length=DATA_LIMIT)]
"""Pasted text, which may be long."""


PageNumber = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Action(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", omit_defaults=True):
    """Base of all actions."""


class OnCampaign(Action, frozen=True, kw_only=True):
    """Base of the actions on one campaign."""

    campaign: Key
    revision: Revision
    """The campaign's revision from which the card was made."""
