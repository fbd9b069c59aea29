"""Errors of dialogs.

::

    DialogError
    ├── Gone       the object of the action was deleted, or never was: the router opens another card
    └── Refused    the press has no effect, and its card stays
"""

from __future__ import annotations

from campaigns.errors import Refusal
from cards.actions import Action
from cards.view import Notice


class DialogError(Exception):
    """Base of these errors."""


class Gone(DialogError):
    """The object of the action was deleted, or never was.

    :param instead: the action to open in its place; some dialog has it among its openers.
    :param notice: shown above the card that it opens.
    """

    def __init__(self, instead: Action, notice: Notice) -> None:
        super().__init__(notice.text)
        self.instead = instead
        self.notice = notice


class Refused(DialogError):
    """The press has no effect, and there is no card to show: the card that it was on stays."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal)
