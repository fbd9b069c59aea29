"""Actions that lead to the menu, the help, and the campaigns."""

from __future__ import annotations

from typing import Literal

from cards.actions.base import Action, OnCampaign, PageNumber


class OpenHome(Action, frozen=True, kw_only=True, tag="home"): ...


class OpenHelp(Action, frozen=True, kw_only=True, tag="help"): ...


Shelf = Literal["drafts", "scheduled", "sending", "completed"]


class OpenCampaigns(Action, frozen=True, kw_only=True, tag="campaigns"):
    shelf: Shelf = "drafts"
    page: PageNumber = 0


class OpenCampaign(OnCampaign, frozen=True, kw_only=True, tag="campaign"): ...
