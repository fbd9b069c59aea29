"""Events: clicks, reads, reactions and acknowledgements of recipients.

Events are appended and never changed. A report's counts are made from them person by person, so the
counts of several groups of people add up to the whole.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from campaigns.moment import require_aware

PER_KIND = 500
"""Most events of one kind that are kept for one person and campaign; further ones are dropped. A
link that is called all day must not fill the store. Each kind has its own room, so reads and
acknowledgements always fit, whatever else came before."""


class EventKind(enum.Enum):
    """Kind of event, caused by a person or a program."""

    CLICK = "click"
    """A person opened a link; ``detail`` is the link's id."""
    PREVIEW = "preview"
    """A program, such as a link scanner, followed a link; ``detail`` as for a click."""
    READ = "read"
    """Teams reported that it was read."""
    REACTED = "reacted"
    """A person reacted; ``detail`` is the reaction, such as ``like``."""
    UNREACTED = "unreacted"
    """A person took the reaction back."""
    ACKNOWLEDGED = "acknowledged"
    """A person pressed "I have read this"."""


_ONCE = frozenset({EventKind.READ, EventKind.ACKNOWLEDGED})
"""Kinds of which only a person's first event counts. Teams may report it several times."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event of one campaign."""

    kind: EventKind
    at: datetime
    recipient_id: str = ""
    """Empty when the event must not be linked to a person."""
    detail: str = ""

    def __post_init__(self) -> None:
        require_aware(self.at)


class LinkCount(msgspec.Struct, frozen=True):
    """Number of clicks on a link, and of the people who clicked it."""

    clicks: int = 0
    people: int = 0


class Engagement(msgspec.Struct, frozen=True, kw_only=True):
    """Feedback on a campaign, in numbers of people unless stated otherwise."""

    clicked: int = 0
    """People who clicked at least one link."""
    clicks: int = 0
    """All clicks, including those that are linked to nobody."""
    previews: int = 0
    """Visits of link scanners and the like. No other number includes them."""
    links: dict[str, LinkCount] = {}
    """Counts by the link's id."""
    read: int = 0
    reacted: int = 0
    """People who have at least one reaction on it now."""
    reactions: dict[str, int] = {}
    """People who have a reaction on it now, by the reaction."""
    acknowledged: int = 0


def fresh(before: Sequence[Event], told: Iterable[Event]) -> list[Event]:
    """Returns those of the events told that are to be kept; all are of the same person.

    Left out are those that say nothing new, those beyond ``PER_KIND``, and those that were told and
    kept before, in case somebody tells them again for want of an answer.

    :param before: the person's events so far, in their order.
    """
    known = Counter(before)
    so_far = list(before)
    room = Counter(dict.fromkeys(EventKind, PER_KIND))
    room.subtract(event.kind for event in before)
    kept = []
    for event in told:
        if known[event] > 0:
            known[event] -= 1
        elif room[event.kind] > 0 and is_new(so_far, event):
            room[event.kind] -= 1
            so_far.append(event)
            kept.append(event)
    return kept


def is_new(before: Sequence[Event], event: Event) -> bool:
    """Returns True when the event adds anything to the earlier events of the same person.

    Teams reports some things twice, and people press twice.
    """
    if event.kind in _ONCE:
        return all(earlier.kind is not event.kind for earlier in before)
    if event.kind in (EventKind.REACTED, EventKind.UNREACTED):
        return (event.detail in reactions_of(before)) != (event.kind is EventKind.REACTED)
    return True


def reactions_of(events: Iterable[Event]) -> list[str]:
    """Returns the reactions that remain after these events of one person, in their order."""
    present: dict[str, None] = {}
    for event in events:
        if event.kind is EventKind.REACTED:
            present[event.detail] = None
        elif event.kind is EventKind.UNREACTED:
            present.pop(event.detail, None)
    return list(present)


def has(events: Iterable[Event], kind: EventKind) -> bool:
    """Returns True when there is an event of this kind among them."""
    return any(event.kind is kind for event in events)


def count(by_person: Iterable[Sequence[Event]], nameless: Iterable[Event] = ()) -> Engagement:
    """Returns the counts of these people's events.

    This is their definition: the faster ways of the stores must give the same.

    :param by_person: the events of each person.
    :param nameless: events that are linked to nobody. Their clicks and previews are counted, but no
        people.
    """
    clicks: Counter[str] = Counter()
    people: Counter[str] = Counter()
    reactions: Counter[str] = Counter()
    clicked = previews = read = reacted = acknowledged = 0
    for event in nameless:
        clicks[event.detail] += event.kind is EventKind.CLICK
        previews += event.kind is EventKind.PREVIEW
    for events in by_person:
        kinds = [event.kind for event in events]
        read += EventKind.READ in kinds
        acknowledged += EventKind.ACKNOWLEDGED in kinds
        previews += kinds.count(EventKind.PREVIEW)
        if EventKind.CLICK in kinds:
            own = [event.detail for event in events if event.kind is EventKind.CLICK]
            clicks.update(own)
            people.update(set(own))
            clicked += 1
        if EventKind.REACTED in kinds:
            present = reactions_of(events)
            reactions.update(present)
            reacted += bool(present)
    return Engagement(
        clicked=clicked,
        clicks=clicks.total(),
        previews=previews,
        links={link: LinkCount(number, people[link]) for link, number in clicks.items() if number},
        read=read,
        reacted=reacted,
        reactions=dict(reactions),
        acknowledged=acknowledged,
    )


def total(parts: Iterable[Engagement]) -> Engagement:
    """Returns the counts of all parts together. Nobody may be in two of them."""
    parts = list(parts)
    links: dict[str, LinkCount] = {}
    reactions: Counter[str] = Counter()
    for part in parts:
        for link, added in part.links.items():
            so_far = links.get(link, LinkCount())
            links[link] = LinkCount(so_far.clicks + added.clicks, so_far.people + added.people)
        reactions.update(part.reactions)
    return Engagement(
        clicked=sum(part.clicked for part in parts),
        clicks=sum(part.clicks for part in parts),
        previews=sum(part.previews for part in parts),
        links=links,
        read=sum(part.read for part in parts),
        reacted=sum(part.reacted for part in parts),
        reactions=dict(reactions),
        acknowledged=sum(part.acknowledged for part in parts),
    )
