"""Actions on templates."""

from __future__ import annotations

from cards.actions.base import Action, Key, Line, OnCampaign, PageNumber


class OpenTemplates(Action, frozen=True, kw_only=True, tag="templates"):
    page: PageNumber = 0


class OpenSaveTemplate(OnCampaign, frozen=True, kw_only=True, tag="save as template"): ...


class SaveTemplate(OnCampaign, frozen=True, kw_only=True, tag="save template"):
    template: Key
    name: Line = ""


class OpenUseTemplate(Action, frozen=True, kw_only=True, tag="use template"):
    template: Key


class UseTemplate(Action, frozen=True, kw_only=True, tag="create from template"):
    template: Key
    campaign: Key
    name: Line = ""


class AskDeleteTemplate(Action, frozen=True, kw_only=True, tag="ask delete template"):
    template: Key


class DeleteTemplate(Action, frozen=True, kw_only=True, tag="delete template"):
    template: Key
