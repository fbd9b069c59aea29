"""The fields in which a question is answered."""

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
from cards.view import Errors, error, text

EXPANDED = 8
"""Up to so many choices stand open one under the other; more fold into a drop-down."""


def fields_of_question(
    number: int, question: Question, fields: Mapping[str, str], errors: Errors
) -> ac.Element:
    """The question with its field, and what is wrong with what was answered."""
    name = FIELD + question.id
    value = _showable(question, fields.get(name, ""))
    # Clients mark what they check themselves.
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
            choices = [ac.Choice(of, str(at)) for at, of in enumerate(question.offered)]
            choices += [ac.Choice("Other", OTHER)] if question.other else []
            several = question.kind is QuestionKind.MULTIPLE
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
        case QuestionKind.RATING:
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
        case QuestionKind.RECOMMENDATION:
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
    """What a field can show again of what came from it; a forged card may send anything."""
    if question.kind in (QuestionKind.NUMBER, QuestionKind.RATING, QuestionKind.DATE):
        try:
            answer = read_typed(question, value)
        except Invalid:
            return None
        return answer.day or (shown_number(answer.number) if answer.number is not None else None)
    return value or None
