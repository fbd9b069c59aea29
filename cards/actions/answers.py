"""Actions of recipients who answer a survey."""

from __future__ import annotations

from cards.actions.base import Action, Key, PageNumber


class OnAnswers(Action, frozen=True, kw_only=True):
    """Base of the actions on a survey that somebody was sent."""

    campaign: Key
    receipt: Key
    """The receipt of an anonymous response. Only this person's card has it."""


class SendAnswers(OnAnswers, frozen=True, kw_only=True, tag="send answers"):
    """Sends the answers.

    The answers are in further fields, named after the survey's questions.
    ``campaigns.surveys.answers`` reads them.
    """


class OpenAnswers(OnAnswers, frozen=True, kw_only=True, tag="my answers"):
    change: bool = False
    """True opens the form with the answers, to change them."""


class OpenSharedResults(OnAnswers, frozen=True, kw_only=True, tag="results for all"):
    page: PageNumber = 0
