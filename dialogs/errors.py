"""What a dialog finds instead of what it was asked about; the router answers all but
the last with a card.

::

    DialogError
    ├── CampaignGone     the campaign was deleted, or never was
    ├── ListGone         the distribution list was deleted, or never was
    ├── TemplateGone     the template was deleted, or never was
    ├── SurveyGone       the survey was deleted, or never was
    └── Refused          somebody who is no admin pressed what is not theirs
"""

from __future__ import annotations

from campaigns.errors import Refusal


class DialogError(Exception):
    """Base of what a dialog finds instead."""


class CampaignGone(DialogError):
    """The campaign was deleted, or never was."""


class Refused(DialogError):
    """Nothing to show in the card's place."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal)


class ListGone(DialogError):
    """The distribution list was deleted, or never was."""


class TemplateGone(DialogError):
    """The template was deleted, or never was."""


class SurveyGone(DialogError):
    """The survey was deleted, or never was."""
