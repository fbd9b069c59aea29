"""Answering a survey: the actions of recipients."""

from __future__ import annotations

from cards.actions.base import Action, Key, PageNumber


class OnAnswers(Action, frozen=True, kw_only=True):
    """Base of what recipients press on a survey that they were sent."""

    campaign: Key
    receipt: Key
    """What an anonymous answer is kept under: it stands in this person's card alone."""


class SendAnswers(OnAnswers, frozen=True, kw_only=True, tag="send answers"):
    """The answers are in fields of the survey's own; ``campaigns.surveys.answers`` reads them."""


class OpenAnswers(OnAnswers, frozen=True, kw_only=True, tag="my answers"):
    change: bool = False


class OpenSharedResults(OnAnswers, frozen=True, kw_only=True, tag="results for all"):
    page: PageNumber = 0
