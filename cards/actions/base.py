"""What every action has: its shape, and the kinds of values in it."""

from __future__ import annotations

from typing import Annotated

import msgspec

DATA_LIMIT = 900 * 1024
"""Bytes of JSON; a distribution list of 10,000 pasted addresses with their names fits."""


Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{1,64}\Z")]
"""The id of a campaign or list. Forms make theirs up, so one that comes back may become a row's."""


KeyOrNone = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{0,64}\Z")]
"""Empty: none."""


Revision = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


UserId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


Text = Annotated[str, msgspec.Meta(max_length=40_000)]
"""What was typed; the limits that people are told of are checked in the domain."""


Line = Text


Number = Line | float
"""What a field for numbers sends: what was typed, or what stood in it, by client."""


Pasted = Annotated[str, msgspec.Meta(max_length=DATA_LIMIT)]


PageNumber = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Action(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", omit_defaults=True):
    """Base of all actions."""


class OnCampaign(Action, frozen=True, kw_only=True):
    """Base of the actions on one campaign."""

    campaign: Key
    revision: Revision
    """Of the campaign that the card showed."""
