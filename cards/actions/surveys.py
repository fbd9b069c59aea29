"""Actions of admins who write a survey."""

from __future__ import annotations

from typing import Literal

import msgspec

from cards.actions.base import Action, Key, KeyOrNone, Line, PageNumber, Revision, Text


class OnSurvey(Action, frozen=True, kw_only=True):
    """Base of the actions on one survey.

    With ``campaign``, the admin came from that campaign to choose its survey. Without it, they came
    from the surveys.
    """

    survey: Key
    revision: Revision = 0
    """0 when the survey does not exist yet."""

    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenSurveys(Action, frozen=True, kw_only=True, tag="surveys"):
    page: PageNumber = 0
    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenNewSurvey(Action, frozen=True, kw_only=True, tag="new survey"):
    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenSurvey(OnSurvey, frozen=True, kw_only=True, tag="survey"): ...


class DescribeSurvey(OnSurvey, frozen=True, kw_only=True, tag="describe survey"): ...


class SaveSurvey(OnSurvey, frozen=True, kw_only=True, tag="save survey"):
    name: Line = ""
    introduction: Text = ""


class OpenSurveySettings(OnSurvey, frozen=True, kw_only=True, tag="survey settings"): ...


class SaveSurveySettings(OnSurvey, frozen=True, kw_only=True, tag="save survey settings"):
    anonymous: Line = ""
    changeable: Line = ""
    closes: Line = ""
    """``YYYY-MM-DD``; empty when the survey is open until somebody closes it."""
    remind: Line = ""
    readers: Line = ""
    thanks: Text = ""


class NewQuestion(OnSurvey, frozen=True, kw_only=True, tag="new question"):
    kind: Line = ""


class EditQuestion(OnSurvey, frozen=True, kw_only=True, tag="edit question"):
    question: KeyOrNone = ""
    """The id of a question, chosen in a field of the card; the same in the actions below."""


class SaveQuestion(OnSurvey, frozen=True, kw_only=True, tag="save question"):
    question: KeyOrNone = ""
    """Empty for a new question."""
    kind: Line = ""
    text: Line = ""
    help: Line = ""
    required: Line = ""
    choices: Text = ""
    other: Line = ""
    low: Line = ""
    high: Line = ""
    lines: Line = ""


class ArrangeQuestion(OnSurvey, frozen=True, kw_only=True, tag="arrange question"):
    question: KeyOrNone = ""
    change: Literal["up", "down", "duplicate", "delete"] = msgspec.field(name="what")
    """Cards in people's chats call it ``what``."""


class AskDeleteQuestion(OnSurvey, frozen=True, kw_only=True, tag="ask delete question"):
    question: KeyOrNone = ""


class PreviewSurvey(OnSurvey, frozen=True, kw_only=True, tag="preview survey"): ...


class CloneSurvey(OnSurvey, frozen=True, kw_only=True, tag="clone survey"):
    clone: Key


class AskDeleteSurvey(OnSurvey, frozen=True, kw_only=True, tag="ask delete survey"): ...


class DeleteSurvey(OnSurvey, frozen=True, kw_only=True, tag="delete survey"): ...
