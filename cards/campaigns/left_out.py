"""People of an audience whom the bot can't reach: their number by reason, and their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from campaigns.campaign import Campaign
from campaigns.delivery import Delivery
from campaigns.outcome import Reason
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape
from cards.paging import page_line, page_links
from cards.purpose_texts import campaign_title
from cards.texts import people, reason
from cards.view import View, campaign_fields, link, small_line, text, view

LEFT_OUT_PAGE = 10
"""People on a page."""

_ONE: Mapping[Reason, str] = {
    Reason.BLOCKED: "1 person has blocked or muted the app.",
    Reason.NOT_INSTALLED: "1 person does not have the app.",
    Reason.DISABLED_BY_ADMIN: "The organisation has switched the app off for 1 person.",
    Reason.CONVERSATION_GONE: "The chat with 1 person no longer exists.",
    Reason.REFUSED: "Teams refused all messages to 1 person, on different days.",
}
_MANY: Mapping[Reason, str] = {
    Reason.BLOCKED: "{number:,} people have blocked or muted the app.",
    Reason.NOT_INSTALLED: "{number:,} people do not have the app.",
    Reason.DISABLED_BY_ADMIN: "The organisation has switched the app off for {number:,} people.",
    Reason.CONVERSATION_GONE: "The chats with {number:,} people no longer exist.",
    Reason.REFUSED: "Teams refused all messages to {number:,} people, on different days.",
}
_OTHER = "{people} can't be reached: {reason}."


def left_out_lines(because: Mapping[Reason, int]) -> list[ac.Element]:
    """Returns the lines that say how many people are left out, and why; nothing for nobody.

    :param because: the number of people by reason; the largest number is shown first.
    """
    if not because:
        return []
    ranked = sorted(because.items(), key=lambda pair: (-pair[1], pair[0].value))
    lines = [f"- {_line(cause, number)}" for cause, number in ranked]
    return [text("Left out:"), text("\n".join(lines))]


def left_out_people(
    campaign: Campaign, shown: Sequence[Delivery], *, page: int, total: int
) -> View:
    """Returns one page of the people who are left out.

    :param shown: the people on this page, each as a skipped delivery.
    :param total: how many people there are on all pages.
    """
    fields = campaign_fields(campaign)

    def turn_to(number: int) -> Action:
        return actions.OpenLeftOut(**fields, page=number)

    body: list[ac.Element] = [_person(row) for row in shown]
    if not total:
        body = [text("Nobody is left out any more.")]
    return view(
        f"Left out: {people(total)}",
        [*body, *page_line(page, LEFT_OUT_PAGE, total)],
        above=escape(campaign_title(campaign)),
        actions=[
            *page_links(page, LEFT_OUT_PAGE, total, turn_to),
            link("Back", actions.AskSend(**fields)),
        ],
    )


def _line(cause: Reason, number: int) -> str:
    words = _ONE.get(cause) if number == 1 else _MANY.get(cause)
    return (words or _OTHER).format(number=number, people=people(number), reason=reason(cause))


def _person(row: Delivery) -> ac.Element:
    name = escape(row.name or row.email or row.recipient_id)
    known = row.email and row.email != row.name
    address = f" · {escape(row.email)}" if known else ""
    return ac.Container(
        [
            ac.TextBlock(f"**{name}**{address}", wrap=True),
            small_line(escape(reason(row.reason))),
        ],
        separator=True,
    )
