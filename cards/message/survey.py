"""A survey as recipients get it: the questions to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

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
from cards.message.survey_fields import fields_of_question
from cards.size import LIMIT, size_in_bytes
from cards.survey_texts import ANONYMOUS, NAMED
from cards.view import NO_ERRORS, Errors, View, button, text

_AROUND = 24 * 1024
"""Bytes of a card for what stands there beside the questions: a message, an admin's buttons."""

_SHORT = 100
"""Characters of a text that is not worth cutting."""


def asked(campaign: Campaign, survey: Survey, receipt: str) -> Card:
    """The card that is sent."""
    content = campaign.content
    told = f"{content.message} {survey.name}"
    return ac.AdaptiveCard(
        [*prose(content.message), *_form(campaign, survey, receipt)],
        fallback_text=notification(content, campaign.format),
        rtl=typed.is_right_to_left(told) or None,
    ).to_dict()


def is_too_big(survey: Survey) -> bool:
    """Whether a card can't have all of its questions."""
    numbered = enumerate(survey.questions, start=1)
    body = [fields_of_question(number, of, {}, {}) for number, of in numbered]
    return size_in_bytes(ac.AdaptiveCard(body).to_dict()) > LIMIT - _AROUND


def again(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    *,
    fields: Mapping[str, str],
    errors: Errors = NO_ERRORS,
) -> View:
    """The questions with what was answered, to change it or to mend it.

    Of more than a card can show, the longest texts are cut.
    """
    shown = dict(fields)
    while True:
        body: list[ac.Element] = []
        if errors:
            said = "Your answers have not been sent yet. Please look at what is marked below."
            body.append(ac.Container([text(said)], style="warning", bleed=True))
        body += _form(campaign, survey, receipt, fields=shown, errors=errors)
        card = ac.AdaptiveCard(body).to_dict()
        longest = max(shown, key=lambda of: len(shown[of]), default="")
        if size_in_bytes(card) <= LIMIT or len(shown.get(longest, "")) < _SHORT:
            return View(survey.name, card)
        shown[longest] = shown[longest][: len(shown[longest]) * 3 // 4]


def inert(card: Card) -> Card:
    """The card as it looks, for showing it to an admin: nothing can be sent, nothing is required.

    Otherwise the questions would have to be answered before the admin's own buttons work.
    """
    made: Card = _inert(card)
    return made


def _inert(value: Any) -> Any:
    if isinstance(value, list):
        return [_inert(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "Action.Execute" and value.get("verb") == "send answers":
        return {"type": "Action.Submit", "title": value.get("title"), "isEnabled": False}
    shown = {
        key: _inert(item)
        for key, item in value.items()
        if key not in ("isRequired", "errorMessage")
    }
    if value.get("isRequired") and "label" in value:
        # As clients mark it.
        shown["label"] = f"{value['label']} *"
    return shown


def _form(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    *,
    fields: Mapping[str, str] | None = None,
    errors: Errors = NO_ERRORS,
) -> list[ac.Element]:
    press = actions.SendAnswers(**on(campaign, receipt))
    body: list[ac.Element] = [title(survey)]
    body += [text(escape(line)) for line in survey.introduction.splitlines() if line]
    body += [
        fields_of_question(number, of, fields or {}, errors)
        for number, of in enumerate(survey.questions, start=1)
    ]
    body.append(ac.ActionSet([button("Send my answers", press, main=True)], spacing="medium"))
    body.append(text(ANONYMOUS if survey.anonymous else NAMED, subtle=True, small=True))
    if survey.one is not None and survey.one.kind is not QuestionKind.TEXT:
        body.append(text("You can also type your answer in the chat.", subtle=True, small=True))
    return body


class OnSentSurvey(TypedDict):
    """The fields that every action on a survey that was sent has."""

    campaign: str
    receipt: str


def on(campaign: Campaign, receipt: str) -> OnSentSurvey:
    """What every press on it says.

    A correction stands in the place of the message that it corrects.
    """
    return OnSentSurvey(campaign=campaign.counts_for, receipt=receipt)


def title(survey: Survey) -> ac.Element:
    """Its name, as a heading."""
    return ac.TextBlock(
        escape(survey.name), size="large", weight="bolder", style="heading", wrap=True
    )
