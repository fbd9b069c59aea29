"""Errors of dialogs.

::

    DialogError
    ├── Gone       the object of the action was deleted, or never was: the router opens another card
    └── Refused    the press comes to nothing, and its card stays
"""

from __future__ import annotations

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
    """The press comes to nothing, and there is no card to show; ``str`` is for the person."""
