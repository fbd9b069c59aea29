"""A survey's responses as a table, a row for each and a column for each question; and the card with
the links to it."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.delivery import Delivery
from campaigns.surveys.answers import Response, in_words
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.reports.export import Cell
from cards.survey_texts import responses
from cards.view import View, link, on, text, view

MINUTES = 15
"""How long a link to a download works."""


def ask_export(campaign: Campaign, *, number: int, csv: str, xlsx: str) -> View:
    """The links to the downloads; empty: there are none, because the bot has no public address."""
    back = link("Back to the results", actions.OpenResults(**on(campaign)))
    above = f"Results · {escape(campaign.name)}"
    if not csv:
        said = (
            "Downloads are not set up: the bot has no address that browsers can reach. Ask the "
            "people who run it to set PUBLIC_URL."
        )
        return view("Export", [text(said)], above=above, actions=[back])
    return view(
        "Export",
        [
            text(f"A table with a row for each of {responses(number)}."),
            text(
                f"The links work for {MINUTES} minutes. Whoever has them can download the table, "
                "so don't pass them on.",
                subtle=True,
            ),
        ],
        above=above,
        actions=[
            ac.OpenUrl("Excel workbook", url=xlsx),
            ac.OpenUrl("CSV file", url=csv),
            back,
        ],
    )


def header(survey: Survey) -> list[str]:
    """The names of the columns; of a multiple choice, one for each choice."""
    names = [] if survey.anonymous else ["Name", "E-mail"]
    for question in survey.questions:
        if question.kind is QuestionKind.MULTIPLE:
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
    if question.kind is QuestionKind.MULTIPLE:
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
    if question.kind is QuestionKind.TEXT:
        return [answer.text]
    return [in_words(question, answer)]
