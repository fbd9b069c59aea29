"""What people do with what they were sent: clicks, reads, reactions, acknowledgements.

Events are appended and never changed. What a report counts is derived from them, person by person,
so that the counts of parts add up to the whole.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from campaigns.moment import require_aware

PER_PERSON = 500
"""Events kept of one person and campaign. A link that somebody calls all day must not fill the
store; what is over this is dropped."""


class EventKind(enum.Enum):
    """What somebody, or something, did."""

    CLICK = "click"
    """Opened a link; ``detail`` is the link's id."""
    PREVIEW = "preview"
    """A program looked at where a link leads, such as a link scanner; ``detail`` as for a click."""
    READ = "read"
    """Teams said that it was read."""
    REACTED = "reacted"
    """``detail`` is the reaction, such as ``like``."""
    UNREACTED = "unreacted"
    """Took the reaction back."""
    ACKNOWLEDGED = "acknowledged"
    """Pressed "I have read this"."""


_ONCE = frozenset({EventKind.READ, EventKind.ACKNOWLEDGED})
"""Of these only the first counts, however often Teams tells of it."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened to one campaign."""

    kind: EventKind
    at: datetime
    recipient_id: str = ""
    """Empty: nobody is to know whose it was."""
    detail: str = ""

    def __post_init__(self) -> None:
        require_aware(self.at)


class LinkCount(msgspec.Struct, frozen=True):
    """How often a link was clicked, and by how many."""

    clicks: int = 0
    people: int = 0


class Engagement(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, in numbers of people unless it says otherwise."""

    clicked: int = 0
    """Clicked at least one link."""
    clicks: int = 0
    """Clicks in all, also those that nobody is to know whose they were."""
    previews: int = 0
    """Visits of link scanners and the like; in no other number."""
    links: dict[str, LinkCount] = {}
    """By the link's id."""
    read: int = 0
    reacted: int = 0
    """Have at least one reaction on it now."""
    reactions: dict[str, int] = {}
    """People who have this reaction on it now."""
    acknowledged: int = 0


def is_new(before: Sequence[Event], event: Event) -> bool:
    """Whether the event says anything after those of the same person.

    Teams tells some things twice, and people press twice.
    """
    if event.kind in _ONCE:
        return all(one.kind is not event.kind for one in before)
    if event.kind in (EventKind.REACTED, EventKind.UNREACTED):
        return (event.detail in reactions_of(before)) != (event.kind is EventKind.REACTED)
    return True


def reactions_of(events: Iterable[Event]) -> list[str]:
    """The reactions that are still there after these events of one person, in their order."""
    present: dict[str, None] = {}
    for event in events:
        if event.kind is EventKind.REACTED:
            present[event.detail] = None
        elif event.kind is EventKind.UNREACTED:
            present.pop(event.detail, None)
    return list(present)


def has(events: Iterable[Event], kind: EventKind) -> bool:
    """Whether there is an event of this kind among them."""
    return any(event.kind is kind for event in events)


def count(by_person: Iterable[Sequence[Event]], nameless: Iterable[Event] = ()) -> Engagement:
    """The numbers of these people's events: the definition that faster ways must equal.

    :param nameless: what nobody is to know whose it was; it counts as clicks, and as nobody's.
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
    """The numbers of all of them together, when nobody is in two of them."""
    parts = list(parts)
    links: dict[str, LinkCount] = {}
    reactions: Counter[str] = Counter()
    for part in parts:
        for link, number in part.links.items():
            so_far = links.get(link, LinkCount())
            links[link] = LinkCount(so_far.clicks + number.clicks, so_far.people + number.people)
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
