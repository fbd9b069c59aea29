"""Typed commands: words that open the same cards as buttons."""

from __future__ import annotations

from cards import actions
from cards.actions import Action
from cards.view import Notice

COMMANDS: dict[str, Action] = {
    "menu": actions.OpenHome(),
    "home": actions.OpenHome(),
    "start": actions.OpenHome(),
    "new campaign": actions.OpenNewCampaign(),
    "new": actions.OpenNewCampaign(),
    "campaigns": actions.OpenCampaigns(),
    "surveys": actions.OpenSurveys(),
    "lists": actions.OpenLists(),
    "distribution lists": actions.OpenLists(),
    "templates": actions.OpenTemplates(),
    "help": actions.OpenHelp(),
}
"""The action of each command."""

NOT_UNDERSTOOD = Notice(
    "I did not understand that. Type **menu**, **new campaign**, **campaigns**, **surveys**, "
    "**lists**, **templates** or **help**, or use the buttons.",
    "accent",
)


def command(text: str) -> Action | None:
    """Returns the action that this text asks for, if any.

    Case, surrounding space and a full stop do not matter.
    """
    return COMMANDS.get(" ".join(text.casefold().split()).strip(".!? "))
