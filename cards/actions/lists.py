"""Actions on distribution lists."""

from __future__ import annotations

from cards.actions.base import Action, Key, KeyOrNone, Line, PageNumber, Pasted, Revision


class OpenLists(Action, frozen=True, kw_only=True, tag="lists"):
    page: PageNumber = 0


class OnList(Action, frozen=True, kw_only=True):
    """Base of the actions on one list.

    With ``campaign``, the admin came from that campaign's recipients. Without it, they came from
    the lists.
    """

    list: Key
    revision: Revision = 0
    """0 when the list does not exist yet."""

    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenNewList(Action, frozen=True, kw_only=True, tag="new list"):
    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenList(OnList, frozen=True, kw_only=True, tag="list"):
    page: PageNumber = 0


class EditList(OnList, frozen=True, kw_only=True, tag="edit list"): ...


class SaveList(OnList, frozen=True, kw_only=True, tag="save list"):
    name: Line = ""
    addresses: Pasted = ""
    part: bool = False
    """True when the list is too long for a field, so that ``add`` and ``remove`` change it."""

    add: Pasted = ""
    remove: Pasted = ""


class AskDeleteList(OnList, frozen=True, kw_only=True, tag="ask delete list"): ...


class DeleteList(OnList, frozen=True, kw_only=True, tag="delete list"): ...
