"""A survey as recipients see it: the questions to fill in, the thank-you, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from campaigns import typed
from campaigns.answers import (
    FIELD,
    LINE_LIMIT,
    OTHER,
    OTHER_FIELD,
    TEXT_LIMIT,
    Answers,
    bounds,
    in_words,
    read_typed,
    shown_number,
)
from campaigns.campaign import Campaign, Purpose
from campaigns.errors import Invalid
from campaigns.message import Card
from campaigns.surveys import THANKS, Kind, Question, Survey
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.notification import notification
from cards.prose import prose
from cards.size import LIMIT, size_in_bytes
from cards.survey_texts import ANONYMOUS, NAMED
from cards.view import NO_ERRORS, Errors, View, button, error, link, text, view

EXPANDED = 8
"""Up to so many choices stand open one under the other; more fold into a drop-down."""

_AROUND = 24 * 1024
"""Bytes of a card for what stands there beside the questions: a message, an admin's buttons."""


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
    body = [_question(number, of, {}, {}) for number, of in enumerate(survey.questions, start=1)]
    return size_in_bytes(ac.AdaptiveCard(body).to_dict()) > LIMIT - _AROUND


def again(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    *,
    fields: Mapping[str, str],
    errors: Errors = NO_ERRORS,
) -> View:
    """The questions with what was answered, to change it or to mend it."""
    body: list[ac.Element] = []
    if errors:
        said = "Your answers have not been sent yet. Please look at what is marked below."
        body.append(ac.Container([text(said)], style="warning", bleed=True))
    body += _form(campaign, survey, receipt, fields=fields, errors=errors)
    return View(survey.name, ac.AdaptiveCard(body).to_dict())


def thanks(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    answers: Answers | None,
    *,
    is_open: bool,
    sees_results: bool,
    note: str = "",
) -> View:
    """In place of the questions, once they have been answered.

    :param answers: None when it is not known whose they are.
    """
    on = _on(campaign, receipt)
    body: list[ac.Element] = [
        ac.Container(
            [
                ac.TextBlock(f"✓ {escape(line)}" if at == 0 else escape(line), wrap=True)
                for at, line in enumerate((survey.thanks or THANKS).splitlines())
            ],
            style="good",
            bleed=True,
        ),
        _title(survey),
    ]
    body += [text(note)] if note else []
    if answers is not None:
        body.append(text("Your answers:", subtle=True, small=True))
        body += [_answered(of, answers) for of in survey.questions]
    buttons: list[ac.Action] = []
    if is_open and survey.changeable and answers is not None:
        buttons.append(link("Change my answers", actions.OpenAnswers(**on, change=True)))
    if sees_results:
        buttons.append(link("Results", actions.OpenSharedResults(**on)))
    if buttons:
        body.append(ac.ActionSet(buttons, spacing="medium"))
    body.append(text(ANONYMOUS if survey.anonymous else NAMED, subtle=True, small=True))
    return View(survey.name, ac.AdaptiveCard(body).to_dict())


def over(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    answers: Answers | None,
    *,
    sees_results: bool,
    unsent: bool,
) -> View:
    """After the end.

    :param unsent: there are answers in the card that came too late.
    """
    if unsent:
        said = "This survey is over, so what you answered now has not been kept."
    else:
        said = "This survey is over."
    body: list[ac.Element] = [_title(survey), text(said)]
    if answers is not None:
        body.append(text("What you answered before counts:", subtle=True, small=True))
        body += [_answered(of, answers) for of in survey.questions]
    if sees_results:
        shown = actions.OpenSharedResults(**_on(campaign, receipt))
        body.append(ac.ActionSet([link("Results", shown)], spacing="medium"))
    return View(survey.name, ac.AdaptiveCard(body).to_dict())


def refused(said: str) -> View:
    """Why nothing was kept."""
    return view("Survey", [text(said)])


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
    return {
        key: _inert(item)
        for key, item in value.items()
        if key not in ("isRequired", "errorMessage")
    }


def _form(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    *,
    fields: Mapping[str, str] | None = None,
    errors: Errors = NO_ERRORS,
) -> list[ac.Element]:
    press = actions.SendAnswers(**_on(campaign, receipt))
    body: list[ac.Element] = [_title(survey)]
    body += [text(escape(line)) for line in survey.introduction.splitlines() if line]
    body += [
        _question(number, of, fields or {}, errors)
        for number, of in enumerate(survey.questions, start=1)
    ]
    body.append(ac.ActionSet([button("Send my answers", press, main=True)], spacing="medium"))
    body.append(text(ANONYMOUS if survey.anonymous else NAMED, subtle=True, small=True))
    if survey.one is not None and survey.one.kind is not Kind.TEXT:
        body.append(text("You can also type your answer in the chat.", subtle=True, small=True))
    return body


class _On(TypedDict):
    campaign: str
    receipt: str


def _on(campaign: Campaign, receipt: str) -> _On:
    """A correction stands in the place of the message that it corrects."""
    key = campaign.answers_key if campaign.purpose is Purpose.CORRECT else campaign.key
    return _On(campaign=key.campaign_id, receipt=receipt)


def _title(survey: Survey) -> ac.Element:
    return ac.TextBlock(
        escape(survey.name), size="large", weight="bolder", style="heading", wrap=True
    )


def _answered(question: Question, answers: Answers) -> ac.Element:
    answer = answers.get(question.id)
    said = in_words(question, answer) if answer is not None else ""
    lines = [escape(line) for line in said.splitlines() if line.strip()]
    return ac.Container(
        [
            ac.TextBlock(escape(question.text), weight="bolder", wrap=True),
            *(ac.TextBlock(line, wrap=True, spacing="none") for line in lines or ["*No answer*"]),
        ],
        spacing="small",
    )


def _question(
    number: int, question: Question, fields: Mapping[str, str], errors: Errors
) -> ac.Element:
    name = FIELD + question.id
    value = _showable(question, fields.get(name, ""))
    items: list[ac.Element] = [_field(name, f"{number}. {question.text}", question, value)]
    if question.other:
        items.append(
            ac.TextInput(
                OTHER_FIELD + question.id,
                placeholder="Other: please say what",
                value=fields.get(OTHER_FIELD + question.id) or None,
                max_length=LINE_LIMIT,
            )
        )
    items += error(errors, name)
    if question.help:
        items.append(text(escape(question.help), subtle=True, small=True))
    return ac.Container(items, spacing="medium", separator=number > 1 or None)


def _field(name: str, label: str, question: Question, value: str | None) -> ac.Element:
    required = question.required or None
    message = "Please answer this question." if question.required else None
    match question.kind:
        case Kind.SINGLE | Kind.MULTIPLE | Kind.YES_NO:
            choices = [ac.Choice(of, str(at)) for at, of in enumerate(question.offered)]
            choices += [ac.Choice("Other", OTHER)] if question.other else []
            several = question.kind is Kind.MULTIPLE
            return ac.ChoiceSet(
                name,
                label=label,
                choices=choices,
                value=value,
                style="expanded" if several or len(choices) <= EXPANDED else "compact",
                is_multi_select=several or None,
                wrap=True,
                # What is typed beside "Other" may be the only answer: the bot looks at that.
                is_required=None if question.other else required,
                error_message=None if question.other else message,
                placeholder="Choose",
            )
        case Kind.RATING:
            stars = [ac.Choice(f"{of} {'★' * of}", str(of)) for of in question.scale]
            return ac.RatingInput(
                name,
                label=label,
                max=5,
                value=float(value) if value else None,
                is_required=required,
                error_message=message,
                fallback=ac.ChoiceSet(
                    name,
                    label=label,
                    choices=stars,
                    value=value,
                    style="expanded",
                    is_required=required,
                    error_message=message,
                ),
            )
        case Kind.RECOMMENDATION:
            ends = {0: "0 (not at all likely)", 10: "10 (extremely likely)"}
            marks = [ac.Choice(ends.get(of, str(of)), str(of)) for of in question.scale]
            return ac.ChoiceSet(
                name,
                label=label,
                choices=marks,
                value=value,
                style="compact",
                placeholder="Choose from 0 to 10",
                is_required=required,
                error_message=message,
            )
        case Kind.NUMBER:
            return ac.NumberInput(
                name,
                label=label,
                value=float(value) if value else None,
                placeholder=f"A number {bounds(question)}".rstrip(),
                min=question.low,
                max=question.high,
                is_required=required,
                error_message=f"Please type a number {bounds(question)}".rstrip() + ".",
            )
        case Kind.DATE:
            return ac.DateInput(
                name, label=label, value=value, is_required=required, error_message=message
            )
        case Kind.TEXT:
            return ac.TextInput(
                name,
                label=label,
                value=value,
                is_multiline=question.lines or None,
                max_length=TEXT_LIMIT if question.lines else LINE_LIMIT,
                is_required=required,
                error_message=message,
            )


def _showable(question: Question, value: str) -> str | None:
    """What a field can show again of what came from it; a forged card may send anything."""
    if question.kind in (Kind.NUMBER, Kind.RATING, Kind.DATE):
        try:
            answer = read_typed(question, value)
        except Invalid:
            return None
        return answer.day or (shown_number(answer.number) if answer.number is not None else None)
    return value or None
