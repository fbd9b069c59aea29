"""The inputs in which recipients answer a question."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.errors import Invalid
from campaigns.surveys.answers import (
    FIELD,
    LINE_LIMIT,
    OTHER,
    OTHER_FIELD,
    TEXT_LIMIT,
    read_typed,
    shown_number,
)
from campaigns.surveys.questions import Question, QuestionKind
from cards import elements as ac
from cards.markdown import escape
from cards.survey_texts import bounds
from cards.view import Errors, choice_style, error, text


def question_input(
    number: int, question: Question, fields: Mapping[str, str], errors: Errors
) -> ac.Element:
    """Returns the question with its input, and the error in its answer.

    :param number: the question's number, counted from 1.
    :param fields: the given answers, by the name of the input.
    """
    name = FIELD + question.id
    value = _showable(question, fields.get(name, ""))
    # Clients mark a required input only when they check it themselves; with "Other" the bot does.
    mark = " *" if question.required and question.other else ""
    label = f"{number}. {question.text}{mark}"
    items: list[ac.Element] = [_field(name, label, question, value)]
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
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE | QuestionKind.YES_NO:
            choices = [
                ac.Choice(choice, str(index)) for index, choice in enumerate(question.offered)
            ]
            choices += [ac.Choice("Other", OTHER)] if question.other else []
            several = question.kind is QuestionKind.MULTIPLE
            return ac.ChoiceSet(
                name,
                label=label,
                choices=choices,
                value=value,
                style="expanded" if several else choice_style(len(choices)),
                is_multi_select=several or None,
                wrap=True,
                # The text beside "Other" may be the only answer, so the bot checks that itself.
                is_required=None if question.other else required,
                error_message=None if question.other else message,
                placeholder="Choose",
            )
        case QuestionKind.RATING:
            stars = [ac.Choice(f"{score} {'★' * score}", str(score)) for score in question.scale]
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
        case QuestionKind.RECOMMENDATION:
            ends = {0: "0 (not at all likely)", 10: "10 (extremely likely)"}
            scores = [
                ac.Choice(ends.get(score, str(score)), str(score)) for score in question.scale
            ]
            return ac.ChoiceSet(
                name,
                label=label,
                choices=scores,
                value=value,
                style="compact",
                placeholder="Choose from 0 to 10",
                is_required=required,
                error_message=message,
            )
        case QuestionKind.NUMBER:
            within = bounds(question.low, question.high)
            return ac.NumberInput(
                name,
                label=label,
                value=float(value) if value else None,
                placeholder=f"A number {within}".rstrip(),
                min=question.low,
                max=question.high,
                is_required=required,
                error_message=f"Please type a number {within}".rstrip() + ".",
            )
        case QuestionKind.DATE:
            return ac.DateInput(
                name, label=label, value=value, is_required=required, error_message=message
            )
        case QuestionKind.TEXT:
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
    """Returns an answer in the form in which its input can show it again; None when it can't.

    A forged card may have sent anything.
    """
    if question.kind in (QuestionKind.NUMBER, QuestionKind.RATING, QuestionKind.DATE):
        try:
            answer = read_typed(question, value)
        except Invalid:
            return None
        return answer.day or (shown_number(answer.number) if answer.number is not None else None)
    return value or None
