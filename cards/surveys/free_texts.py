"""The card with the answers in people's own words, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.campaign import Campaign
from campaigns.surveys.questions import Question
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape
from cards.paging import page_line, page_links
from cards.surveys.results import results_line
from cards.view import View, button, campaign_fields, link, small_line, text, view

PAGE = 10
"""Texts on a page."""

_TEXT_SHOWN = 500
"""Characters shown of a text. The export has all of it."""


def free_texts(
    campaign: Campaign,
    question: Question,
    shown: Sequence[tuple[str, str]],
    *,
    page: int,
    total: int,
    search: str,
) -> View:
    """Returns one page of the texts that people wrote.

    :param shown: texts with their authors' names, which are empty in an anonymous survey.
    """
    fields = campaign_fields(campaign)
    body: list[ac.Element] = [
        ac.TextInput("search", label="Search", value=search or None, max_length=100)
    ]
    for written, author in shown:
        cut = f"{written[:_TEXT_SHOWN]}…" if len(written) > _TEXT_SHOWN else written
        items: list[ac.Element] = [
            ac.TextBlock(escape(line), wrap=True, spacing="none")
            for line in cut.splitlines()
            if line.strip()
        ]
        if author:
            items.append(small_line(escape(author)))
        body.append(ac.Container(items, separator=True, spacing="small"))
    if not total:
        body.append(text("Nothing found." if search else "Nobody has written anything yet."))

    def turn_to(number: int) -> Action:
        return actions.OpenTexts(**fields, question=question.id, search=search, page=number)

    return view(
        question.text,
        [*body, *page_line(page, PAGE, total)],
        above=results_line(campaign),
        actions=[
            button("Search", actions.OpenTexts(**fields, question=question.id), main=True),
            *page_links(page, PAGE, total, turn_to),
            link("Back", actions.OpenResults(**fields)),
        ],
    )
