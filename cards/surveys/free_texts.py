"""What people wrote in words of their own, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.campaign import Campaign
from campaigns.surveys.questions import Question
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.view import View, button, link, on, paged, text, view

PAGE = 10
_TEXT_SHOWN = 500
"""Characters shown of a free text; the export has all of it."""


def free_texts(
    campaign: Campaign,
    question: Question,
    shown: Sequence[tuple[str, str]],
    *,
    page: int,
    total: int,
    search: str,
) -> View:
    """What people wrote, a page at a time.

    :param shown: the text and who wrote it; nobody, in an anonymous survey.
    """
    at = on(campaign)
    body: list[ac.Element] = [
        ac.TextInput("search", label="Search", value=search or None, max_length=100)
    ]
    for said, who in shown:
        cut = f"{said[:_TEXT_SHOWN]}…" if len(said) > _TEXT_SHOWN else said
        items: list[ac.Element] = [
            ac.TextBlock(escape(line), wrap=True, spacing="none")
            for line in cut.splitlines()
            if line.strip()
        ]
        if who:
            by = escape(who)
            items.append(ac.TextBlock(by, wrap=True, is_subtle=True, size="small", spacing="none"))
        body.append(ac.Container(items, separator=True, spacing="small"))
    if not total:
        body.append(text("Nothing found." if search else "Nobody has written anything yet."))
    elif total > PAGE:
        body.append(text(paged(page, PAGE, total), subtle=True, small=True))

    def turned(to: int) -> actions.OpenTexts:
        return actions.OpenTexts(**at, question=question.id, search=search, page=to)

    buttons: list[ac.CardAction] = [
        button("Search", actions.OpenTexts(**at, question=question.id), main=True)
    ]
    if page:
        buttons.append(link("Previous", turned(page - 1)))
    if (page + 1) * PAGE < total:
        buttons.append(link("Next", turned(page + 1)))
    buttons.append(link("Back", actions.OpenResults(**at)))
    return view(question.text, body, above=f"Results · {escape(campaign.name)}", actions=buttons)
