"""A survey's responses as a table: a row for each, a column for each question."""

from __future__ import annotations

from campaigns.answers import Response, in_words
from campaigns.delivery import Delivery
from campaigns.surveys import Kind, Question, Survey
from cards.export import Cell

MINUTES = 15
"""How long a link to a download works."""


def header(survey: Survey) -> list[str]:
    """The names of the columns; of a multiple choice, one for each choice."""
    names = [] if survey.anonymous else ["Name", "E-mail"]
    for question in survey.questions:
        if question.kind is Kind.MULTIPLE:
            names += [f"{question.text}: {choice}" for choice in question.choices]
            names += [f"{question.text}: Other"] if question.other else []
        else:
            names.append(question.text)
    return names


def row(survey: Survey, response: Response, who: Delivery | None) -> list[Cell]:
    """What stands under the header for one response.

    :param who: whose it is; nobody's, in an anonymous survey.
    """
    cells: list[Cell] = []
    if not survey.anonymous:
        cells += [who.name, who.email] if who is not None else ["", ""]
    for question in survey.questions:
        cells += _cells(question, response)
    return cells


def _cells(question: Question, response: Response) -> list[Cell]:
    answer = response.answers.get(question.id)
    if question.kind is Kind.MULTIPLE:
        chosen = answer.choices if answer is not None else ()
        asked = answer is not None
        cells: list[Cell] = [
            int(at in chosen) if asked else None for at in range(len(question.choices))
        ]
        return [*cells, answer.other if answer is not None else ""] if question.other else cells
    if answer is None:
        return [None]
    if answer.number is not None:
        return [int(answer.number) if answer.number == int(answer.number) else answer.number]
    if question.kind is Kind.TEXT:
        return [answer.text]
    return [in_words(question, answer)]
