"""A survey as recipients get it: a form with its questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from campaigns.campaign import Campaign
from campaigns.message import Card
from campaigns.surveys.questions import QuestionKind
from campaigns.surveys.survey import Survey
from campaigns.text import typed
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.message.notification import notification
from cards.message.prose import prose
from cards.message.question_input import question_input
from cards.size import LIMIT, size_in_bytes
from cards.survey_texts import ANONYMOUS, NAMED
from cards.view import NO_ERRORS, Errors, View, button, heading, text

_AROUND = 24 * 1024
"""Bytes of a card kept free for the parts around the questions: a message, an admin's buttons."""

_SHORT = 100
"""Characters below which an answer is not cut any more."""


def sent_card(campaign: Campaign, survey: Survey, receipt: str) -> Card:
    """Returns the card that recipients are sent: the message, and the form below it.

    :param receipt: the receipt of an anonymous response.
    """
    content = campaign.content
    words = f"{content.message} {survey.name}"
    return ac.AdaptiveCard(
        [*prose(content.message), *_form(campaign, survey, receipt)],
        fallback_text=notification(content, campaign.format),
        rtl=typed.is_right_to_left(words) or None,
    ).to_dict()


def is_too_big(survey: Survey) -> bool:
    """Returns True when the questions do not fit into one card."""
    numbered = enumerate(survey.questions, start=1)
    body = [question_input(number, question, {}, {}) for number, question in numbered]
    return size_in_bytes(ac.AdaptiveCard(body).to_dict()) > LIMIT - _AROUND


def answer_form(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    *,
    fields: Mapping[str, str],
    errors: Errors = NO_ERRORS,
) -> View:
    """Returns the form with the given answers, so that the person can change or correct them.

    The longest texts are cut when a card has no room for all.

    :param receipt: the receipt of an anonymous response.
    :param fields: the given answers, by the name of the input.
    """
    shown = dict(fields)
    while True:
        body: list[ac.Element] = []
        if errors:
            unsent = "Your answers have not been sent yet. Please look at what is marked below."
            body.append(ac.Container([text(unsent)], style="warning", bleed=True))
        body += _form(campaign, survey, receipt, fields=shown, errors=errors)
        card = ac.AdaptiveCard(body).to_dict()
        longest = max(shown, key=lambda name: len(shown[name]), default="")
        if size_in_bytes(card) <= LIMIT or len(shown.get(longest, "")) < _SHORT:
            return View(survey.name, card)
        shown[longest] = shown[longest][: len(shown[longest]) * 3 // 4]


def _form(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    *,
    fields: Mapping[str, str] | None = None,
    errors: Errors = NO_ERRORS,
) -> list[ac.Element]:
    press = actions.SendAnswers(**answer_fields(campaign, receipt))
    body: list[ac.Element] = [title(survey)]
    body += [text(escape(line)) for line in survey.introduction.splitlines() if line]
    body += [
        question_input(number, question, fields or {}, errors)
        for number, question in enumerate(survey.questions, start=1)
    ]
    body.append(ac.ActionSet([button("Send my answers", press, main=True)], spacing="medium"))
    body.append(text(ANONYMOUS if survey.anonymous else NAMED, subtle=True, small=True))
    if survey.only_question is not None and survey.only_question.kind is not QuestionKind.TEXT:
        body.append(text("You can also type your answer in the chat.", subtle=True, small=True))
    return body


class AnswerFields(TypedDict):
    """The fields that every action on a sent survey has."""

    campaign: str
    receipt: str


def answer_fields(campaign: Campaign, receipt: str) -> AnswerFields:
    """Returns the fields of every action on the survey that this campaign has sent.

    A correction replaces the message of its original, so answers count for the original.
    """
    return AnswerFields(campaign=campaign.counts_for, receipt=receipt)


def title(survey: Survey) -> ac.Element:
    """Returns the survey's name as a heading."""
    return heading(escape(survey.name))
