"""What a dialog finds instead of what it was asked about; the router answers each with a card.

::

    DialogError
    ├── CampaignGone     the campaign was deleted, or never was
    ├── ListGone         the distribution list was deleted, or never was
    ├── TemplateGone     the template was deleted, or never was
    └── SurveyGone       the survey was deleted, or never was
"""


class DialogError(Exception):
    """Base of what a dialog finds instead."""


class CampaignGone(DialogError):
    """The campaign was deleted, or never was."""


class ListGone(DialogError):
    """The distribution list was deleted, or never was."""


class TemplateGone(DialogError):
    """The template was deleted, or never was."""


class SurveyGone(DialogError):
    """The survey was deleted, or never was."""
