"""Actions on a survey that has been sent: results, reminders, closing."""

from __future__ import annotations

from cards.actions.base import Key, KeyOrNone, Line, OnCampaign, PageNumber


class OpenResults(OnCampaign, frozen=True, kw_only=True, tag="survey results"):
    page: PageNumber = 0
    """Page of the questions."""
    of_list: KeyOrNone = ""
    """The id of the distribution list whose responses are counted; empty for everybody's."""
    department: Line = ""
    """The department whose responses are counted; empty for all."""


class OpenResultsFilter(OnCampaign, frozen=True, kw_only=True, tag="filter results"):
    of_list: KeyOrNone = ""
    department: Line = ""


class FilterResults(OnCampaign, frozen=True, kw_only=True, tag="apply filter"):
    of_list: Line = ""
    department: Line = ""


class OpenTexts(OnCampaign, frozen=True, kw_only=True, tag="survey texts"):
    question: Key
    search: Line = ""
    page: PageNumber = 0


class CloseSurvey(OnCampaign, frozen=True, kw_only=True, tag="close survey"): ...


class ReopenSurvey(OnCampaign, frozen=True, kw_only=True, tag="reopen survey"): ...


class AskRemindToAnswer(OnCampaign, frozen=True, kw_only=True, tag="ask remind to answer"): ...


class RemindToAnswer(OnCampaign, frozen=True, kw_only=True, tag="remind to answer"):
    reminder: Key
    """The id of the reminder that this creates."""


class ExportResults(OnCampaign, frozen=True, kw_only=True, tag="export results"): ...


class ShareResults(OnCampaign, frozen=True, kw_only=True, tag="share results"):
    shared: Key
    """The id of the draft that this creates."""
