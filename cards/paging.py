"""Lists that are shown a page at a time."""

from __future__ import annotations

from collections.abc import Callable

from cards import elements as ac
from cards.actions import Action
from cards.view import link, text


def page_range(page: int, size: int, total: int) -> str:
    """Returns ``11 to 20 of 34``."""
    first = page * size + 1
    return f"{first:,} to {min(total, first + size - 1):,} of {total:,}"


def page_line(page: int, size: int, total: int) -> list[ac.Element]:
    """Returns the line that says which rows of the list are shown; nothing for a single page."""
    return [text(page_range(page, size, total), subtle=True, small=True)] if total > size else []


def page_links(
    page: int,
    size: int,
    total: int,
    turn_to: Callable[[int], Action],
    *,
    previous: str = "Previous",
    following: str = "Next",
) -> list[ac.CardAction]:
    """Returns the buttons to the page before and the page after this one, if there are any.

    :param page: the page that is shown, counted from 0.
    :param size: rows on a page.
    :param total: rows on all pages.
    :param turn_to: returns the action that shows another page.
    """
    links: list[ac.CardAction] = []
    if page:
        links.append(link(previous, turn_to(page - 1)))
    if (page + 1) * size < total:
        links.append(link(following, turn_to(page + 1)))
    return links
