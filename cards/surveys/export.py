"""A survey's responses as a table, and the card with the links to it.

The table has a row for each response and a column for each question.
"""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.delivery import Delivery
from campaigns.surveys.answers import Response, in_words
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from cards import actions
from cards.reports.export import Cell, download_card
from cards.survey_texts import responses
from cards.surveys.results import results_line
from cards.view import View, campaign_fields, link


def ask_export(campaign: Campaign, *, number: int, csv: str, xlsx: str) -> View:
    """Returns the card with the links to the responses as a table.

    :param number: how many responses there are.
    """
    return download_card(
        responses(number),
        above=results_line(campaign),
        back=link("Back to the results", actions.OpenResults(**campaign_fields(campaign))),
        csv=csv,
        xlsx=xlsx,
    )


def header(survey: Survey) -> list[str]:
    """Returns the names of the columns. A multiple choice has a column for each choice."""
    names = [] if survey.anonymous else ["Name", "E-mail"]
    for question in survey.questions:
        if question.kind is QuestionKind.MULTIPLE:
            names += [f"{question.text}: {choice}" for choice in question.choices]
            names += [f"{question.text}: Other"] if question.other else []
        else:
            names.append(question.text)
    return names


def row(survey: Survey, response: Response, delivery: Delivery | None) -> list[Cell]:
    """Returns the row of a response, in the order of :func:`header`.

    :param delivery: of the person who responded; None in an anonymous survey.
    """
    cells: list[Cell] = []
    if not survey.anonymous:
        cells += [delivery.name, delivery.email] if delivery is not None else ["", ""]
    for question in survey.questions:
        cells += _cells(question, response)
    return cells


def _cells(question: Question, response: Response) -> list[Cell]:
    answer = response.answers.get(question.id)
    if question.kind is QuestionKind.MULTIPLE:
        chosen = answer.choices if answer is not None else ()
        asked = answer is not None
        cells: list[Cell] = [
            int(index in chosen) if asked else None for index in range(len(question.choices))
        ]
        return [*cells, answer.other if answer is not None else ""] if question.other else cells
    if answer is None:
        return [None]
    if answer.number is not None:
        return [int(answer.number) if answer.number == int(answer.number) else answer.number]
    if question.kind is QuestionKind.TEXT:
        return [answer.text]
    return [in_words(question, answer)]
