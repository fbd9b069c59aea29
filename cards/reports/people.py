"""The people behind the numbers of a report: recipients by result, and by feedback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.delivery import AT_ONCE, Delivery
from campaigns.feedback.events import Event, EventKind, reactions_of
from campaigns.report import Result
from cards import actions
from cards import elements as ac
from cards.actions import Action, PeopleGroup
from cards.markdown import escape
from cards.paging import page_line, page_links
from cards.purpose_texts import result_meaning
from cards.reports.facts import report_line
from cards.texts import RESULTS, count, people, reaction, reason, short_time
from cards.view import View, button, campaign_fields, link, small_line, text, view

PAGE = 10
"""People on a page."""

SEARCH_LIMIT = 100
"""Most characters of a search."""

EventsByPerson: TypeAlias = Mapping[str, Sequence[Event]]
"""The events of each recipient, by id."""


class _TurnTo(Protocol):
    """A function that returns the action to show a page: of all people, or of those that a search
    finds.
    """

    def __call__(self, number: int, search: str = ...) -> Action: ...


_GROUPS: dict[PeopleGroup, tuple[str, str]] = {
    "read": (
        "Read",
        "Teams said that these people have read the message. Whoever has switched read receipts "
        "off is not among them.",
    ),
    "clicked": ("Clicked", "These people have opened a link of the message."),
    "reacted": ("Reacted", "These people have a reaction on the message now."),
    "acknowledged": ("Confirmed", "These people have confirmed that they have read it."),
    "waiting": ("Not confirmed yet", "These people got the message and have not confirmed it."),
}


def recipients_of(
    campaign: Campaign,
    result: Result,
    shown: Sequence[Delivery],
    events: EventsByPerson,
    *,
    page: int,
    total: int,
    all_: int,
    search: str,
    zone: ZoneInfo,
) -> View:
    """Returns one page of the recipients of a result.

    :param shown: the recipients on this page.
    :param events: the feedback of these recipients.
    :param total: how many recipients match the search; all of them without a search.
    :param all_: how many recipients there are, whether they match the search or not.
    """

    def turn_to(number: int, search: str = search) -> Action:
        fields = campaign_fields(campaign)
        return actions.OpenResult(**fields, result=result.value, page=number, search=search)

    return view(
        f"{RESULTS[result]}: {people(all_)}",
        [
            text(result_meaning(campaign, result), subtle=True),
            *_search_field(search, total, all_),
            *_rows(shown, events, zone),
            *page_line(page, PAGE, total),
        ],
        above=report_line(campaign),
        actions=_buttons(campaign, turn_to, page, total, all_, search),
    )


def people_in_group(
    campaign: Campaign,
    group: PeopleGroup,
    shown: Sequence[Delivery],
    events: EventsByPerson,
    *,
    link_id: str,
    link_name: str,
    page: int,
    total: int,
    all_: int,
    search: str,
    zone: ZoneInfo,
    reminder_id: str,
) -> View:
    """Returns one page of the recipients in a group; see :func:`recipients_of`.

    :param link_id: the id of the link that they clicked; empty for any link.
    :param link_name: the words for that link.
    :param reminder_id: the id of the reminder that a press on this card creates.
    """

    def turn_to(number: int, search: str = search) -> Action:
        fields = campaign_fields(campaign)
        return actions.OpenPeople(**fields, group=group, link=link_id, page=number, search=search)

    title, explained = _GROUPS[group]
    body: list[ac.Element] = [text(explained, subtle=True)]
    if link_id:
        body.append(text(f"Link: {escape(link_name)}", subtle=True))
    buttons = _buttons(campaign, turn_to, page, total, all_, search)
    if group == "waiting" and all_:
        remind = actions.Remind(**campaign_fields(campaign), reminder=reminder_id)
        buttons.insert(0, link(f"Remind {people(all_)}", remind, main=True))
    return view(
        f"{title}: {people(all_)}",
        [
            *body,
            *_search_field(search, total, all_),
            *_rows(shown, events, zone),
            *page_line(page, PAGE, total),
        ],
        above=report_line(campaign),
        actions=buttons,
    )


def _search_field(search: str, total: int, all_: int) -> list[ac.Element]:
    """Returns the search field, and the number of people that the search has found.

    The field is left out when one page shows everybody.
    """
    if not search and all_ <= PAGE:
        return [] if all_ else [text("Nobody.")]
    matches = []
    if search:
        matches.append(
            text(f"{people(total)} with “{escape(search)}”.")
            if total
            else text(f"Nobody here has “{escape(search)}” in their name or e-mail address.")
        )
    return [
        ac.TextInput(
            "search",
            label="Search by name or e-mail",
            value=search or None,
            max_length=SEARCH_LIMIT,
        ),
        *matches,
    ]


def _buttons(
    campaign: Campaign,
    turn_to: _TurnTo,
    page: int,
    total: int,
    all_: int,
    search: str,
) -> list[ac.CardAction]:
    buttons: list[ac.CardAction] = []
    everybody = turn_to(0, "")
    if search or all_ > PAGE:
        # The card's search field is sent along, and replaces the empty search.
        buttons.append(button("Search", everybody))
    if search:
        buttons.append(link("Show all", everybody))
    buttons += page_links(page, PAGE, total, turn_to)
    buttons.append(link("Back", actions.OpenReport(**campaign_fields(campaign))))
    return buttons


def _rows(shown: Sequence[Delivery], events: EventsByPerson, zone: ZoneInfo) -> list[ac.Element]:
    return [_row(delivery, events.get(delivery.recipient_id, ()), zone) for delivery in shown]


def _row(delivery: Delivery, events: Sequence[Event], zone: ZoneInfo) -> ac.Element:
    name = escape(delivery.name or delivery.email or delivery.recipient_id)
    known = delivery.email and delivery.email != delivery.name
    lines: list[ac.Element] = [
        ac.TextBlock(f"**{name}**" + (f" · {escape(delivery.email)}" if known else ""), wrap=True)
    ]
    details = []
    if delivery.reason is not None:
        details.append(escape(reason(delivery.reason)))
    if delivery.settled_at is not None:
        details.append(escape(short_time(delivery.settled_at, zone)))
    elif delivery.attempts or delivery.waiting is not None:
        waits = delivery.due_at > AT_ONCE
        details.append(f"next try {escape(short_time(delivery.due_at, zone)) if waits else 'now'}")
    if delivery.waiting is not None and delivery.waiting.absences:
        details.append(f"not there {count(delivery.waiting.absences, 'time', 'times')}")
    if delivery.attempts:
        details.append(count(delivery.attempts, "try", "tries"))
    details += [escape(words) for words in _feedback_in_words(events, zone)]
    if details:
        lines.append(small_line(" · ".join(details)))
    return ac.Container(lines, separator=True)


def _feedback_in_words(events: Sequence[Event], zone: ZoneInfo) -> list[str]:
    """Returns a person's feedback: a few words for each read, acknowledgement and reaction, and the
    number of clicks.
    """
    words = []
    for event in events:
        if event.kind is EventKind.READ:
            words.append(f"read {short_time(event.at, zone)}")
        elif event.kind is EventKind.ACKNOWLEDGED:
            words.append(f"confirmed {short_time(event.at, zone)}")
    clicks = sum(event.kind is EventKind.CLICK for event in events)
    if clicks:
        words.append(count(clicks, "click", "clicks"))
    return [*words, *map(reaction, reactions_of(events))]
