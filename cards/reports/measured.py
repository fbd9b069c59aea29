"""Measured feedback: the links whose clicks are counted, and the permission to name people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from campaigns.campaign import Campaign
from cards.message.personal import Renderer
from cards.message.tracking import Link


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Facts about the feedback that is measured for one campaign."""

    clicks: bool
    """True when links lead through the bot. Without a public address they can't."""
    links: tuple[Link, ...] = ()
    """The links whose clicks are counted."""
    personal: bool = True
    """True when a report may say who clicked, read or reacted. Otherwise it only counts."""


Measuring: TypeAlias = Callable[[Campaign], Measured]
"""A function that finds these facts for a campaign."""


def measuring(renderer: Renderer, *, personal: bool) -> Measuring:
    """Returns a function that renders a campaign's message to find the links that are measured."""

    def measured(campaign: Campaign) -> Measured:
        return Measured(clicks=renderer.tracks, links=renderer(campaign).links, personal=personal)

    return measured
