"""Measured feedback: which there is of a campaign, and whether a report may name people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from campaigns.campaign import Campaign
from cards.message.personal import Renderer
from cards.message.tracking import Link


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The feedback that is measured for one campaign."""

    clicks: bool
    """True when links lead through the bot. Without a public address they can't."""
    links: tuple[Link, ...] = ()
    """The links whose clicks are counted."""
    personal: bool = True
    """True when a report may say who did what. Otherwise it only counts."""


Measuring: TypeAlias = Callable[[Campaign], Measured]


def measuring(renderer: Renderer, *, personal: bool) -> Measuring:
    """Returns a function that renders a campaign's message to find what is measured."""

    def measured(campaign: Campaign) -> Measured:
        return Measured(clicks=renderer.tracks, links=renderer(campaign).links, personal=personal)

    return measured
