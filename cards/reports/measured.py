"""What can be told of a campaign's recipients, and what must not be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from campaigns.campaign import Campaign
from cards.message.personal import Renderer
from cards.message.tracking import Link


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured of one campaign."""

    clicks: bool
    """Whether links lead through the bot; without a public address they can't."""
    links: tuple[Link, ...] = ()
    """Those that count."""
    personal: bool = True
    """Whether a report may say who did what; otherwise it counts only."""


Measuring: TypeAlias = Callable[[Campaign], Measured]


def measuring(renderer: Renderer, *, personal: bool) -> Measuring:
    """How it is found out: from the message, as it would be rendered now."""

    def measured(campaign: Campaign) -> Measured:
        return Measured(clicks=renderer.tracks, links=renderer(campaign).links, personal=personal)

    return measured
