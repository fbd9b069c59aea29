"""The step on which a draft's name and format are given."""

from __future__ import annotations

from campaigns.campaign import Campaign
from cards import actions
from cards.authoring import basics as authoring
from cards.view import Errors, Notice
from dialogs.turn import Reply, show


def basics_step(
    draft: Campaign,
    typed: actions.SaveBasics | None = None,
    *,
    errors: Errors | None = None,
    notice: Notice | None = None,
) -> Reply:
    """The step with what was typed on it; with what the draft has, when nothing was."""
    view = authoring.basics(
        draft,
        name=draft.name if typed is None else typed.name,
        format=draft.format.value if typed is None else typed.format,
        errors=errors or {},
        notice=notice,
    )
    return show(view)
