"""Of a report: who came to a result, and who did what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.delivery import Delivery
from campaigns.feedback import events
from campaigns.feedback.events import Event, EventKind
from campaigns.report import Result
from cards import actions
from cards import elements as ac
from cards.actions import Who
from cards.markdown import escape
from cards.purposes import explained, titled
from cards.texts import RESULTS, clock, count, people, reaction, reason
from cards.view import View, button, link, on, paged, text, view

PAGE = 10

SEARCH_LIMIT = 100
"""Characters that are looked for at most."""

ByPerson: TypeAlias = Mapping[str, Sequence[Event]]

_WHO: dict[Who, tuple[str, str]] = {
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
    did: ByPerson,
    *,
    page: int,
    total: int,
    all_: int,
    search: str,
    zone: ZoneInfo,
) -> View:
    """One page of the recipients of a result.

    :param did: what those that are shown did with it.
    :param total: how many match the search.
    :param all_: how many there are.
    """

    def at(page: int, search: str = search) -> actions.OpenResult:
        return actions.OpenResult(**on(campaign), result=result.value, page=page, search=search)

    return view(
        f"{RESULTS[result]}: {people(all_)}",
        [
            text(explained(campaign, result), subtle=True),
            *_searched(search, total, all_),
            *[_recipient(one, did.get(one.recipient_id, ()), zone) for one in shown],
            *_pages(page, total),
        ],
        above=f"Report · {escape(titled(campaign))}",
        actions=_ways(campaign, at(page - 1), at(page + 1), at(0, ""), page, total, all_, search),
    )


def people_who(
    campaign: Campaign,
    who: Who,
    shown: Sequence[Delivery],
    did: ByPerson,
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
    """One page of those who did something with the message, or have not."""

    def at(page: int, search: str = search) -> actions.OpenPeople:
        return actions.OpenPeople(**on(campaign), who=who, link=link_id, page=page, search=search)

    title, explained = _WHO[who]
    body: list[ac.Element] = [text(explained, subtle=True)]
    if link_id:
        body.append(text(f"Link: {escape(link_name)}", subtle=True))
    buttons = _ways(campaign, at(page - 1), at(page + 1), at(0, ""), page, total, all_, search)
    if who == "waiting" and all_:
        remind = actions.Remind(**on(campaign), reminder=reminder_id)
        buttons.insert(0, link(f"Remind {people(all_)}", remind, main=True))
    return view(
        f"{title}: {people(all_)}",
        [
            *body,
            *_searched(search, total, all_),
            *[_recipient(one, did.get(one.recipient_id, ()), zone) for one in shown],
            *_pages(page, total),
        ],
        above=f"Report · {escape(titled(campaign))}",
        actions=buttons,
    )


def _searched(search: str, total: int, all_: int) -> list[ac.Element]:
    """The field to search in, where there are more than fit, and what was found."""
    if not search and all_ <= PAGE:
        return [] if all_ else [text("Nobody.")]
    found = []
    if search:
        found.append(
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
        *found,
    ]


def _ways(
    campaign: Campaign,
    previous: actions.Action,
    following: actions.Action,
    searched: actions.Action,
    page: int,
    total: int,
    all_: int,
    search: str,
) -> list[ac.CardAction]:
    buttons: list[ac.CardAction] = []
    if search or all_ > PAGE:
        buttons.append(button("Search", searched))
    if search:
        buttons.append(link("Show all", searched))
    if page:
        buttons.append(link("Previous", previous))
    if (page + 1) * PAGE < total:
        buttons.append(link("Next", following))
    buttons.append(link("Back", actions.OpenReport(**on(campaign))))
    return buttons


def _pages(page: int, total: int) -> list[ac.Element]:
    return [text(paged(page, PAGE, total), subtle=True, small=True)] if total > PAGE else []


def _recipient(delivery: Delivery, did: Sequence[Event], zone: ZoneInfo) -> ac.Element:
    name = escape(delivery.name or delivery.email or delivery.recipient_id)
    known = delivery.email and delivery.email != delivery.name
    lines: list[ac.Element] = [
        ac.TextBlock(f"**{name}**" + (f" · {escape(delivery.email)}" if known else ""), wrap=True)
    ]
    details = []
    if delivery.reason is not None:
        details.append(escape(reason(delivery.reason)))
    if delivery.settled_at is not None:
        details.append(escape(clock(delivery.settled_at, zone)))
    elif delivery.attempts or delivery.waiting is not None:
        details.append(f"next try {escape(clock(delivery.due_at, zone))}")
    if delivery.waiting is not None and delivery.waiting.absences:
        details.append(f"not there {count(delivery.waiting.absences, 'time', 'times')}")
    if delivery.attempts:
        details.append(count(delivery.attempts, "try", "tries"))
    details += [escape(one) for one in deeds(did, zone)]
    if details:
        lines.append(
            ac.TextBlock(
                " · ".join(details), is_subtle=True, size="small", spacing="none", wrap=True
            )
        )
    return ac.Container(lines, separator=True)


def deeds(did: Sequence[Event], zone: ZoneInfo) -> list[str]:
    """What somebody did, in few words."""
    words = []
    for event in did:
        if event.kind is EventKind.READ:
            words.append(f"read {clock(event.at, zone)}")
        elif event.kind is EventKind.ACKNOWLEDGED:
            words.append(f"confirmed {clock(event.at, zone)}")
    clicks = sum(event.kind is EventKind.CLICK for event in did)
    if clicks:
        words.append(count(clicks, "click", "clicks"))
    return [*words, *map(reaction, events.reactions_of(did))]
