"""Finds the people who did something with a message, among all who got it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.feedback import events
from campaigns.feedback.events import Event, EventKind
from cards.actions import PeopleGroup
from storage.base import Store


class PeoplePage(msgspec.Struct, frozen=True):
    """One page of people."""

    items: tuple[Delivery, ...]
    events: Mapping[str, Sequence[Event]]
    """Each person's events, by recipient id."""
    total: int
    """Number of people who match the search."""
    in_all: int
    """Number of people without a search."""


async def find_people(
    store: Store,
    key: CampaignKey,
    group: PeopleGroup,
    *,
    link_id: str = "",
    search: str = "",
    offset: int,
    limit: int,
) -> PeoplePage:
    """Returns a page of the people in this group.

    Reads all deliveries of the campaign, which takes 0.4 s for 100,000.

    :param group: the people who read, clicked, reacted or acknowledged; ``waiting``: those who have
        not acknowledged.
    :param link_id: for ``clicked``: the only link that counts; empty: any.
    :param search: a part of the name or address.
    """
    shown: list[Delivery] = []
    shown_events: dict[str, Sequence[Event]] = {}
    total = in_all = 0
    wanted = search.casefold()
    async for chunk in store.ledger.rows(key):
        received = {
            delivery.recipient_id: delivery
            for delivery in chunk
            if delivery.status is DeliveryStatus.SENT
        }
        events_of_chunk = await store.events.by_recipient(key, received)
        for recipient_id, delivery in received.items():
            own_events = events_of_chunk.get(recipient_id, ())
            if not _matches(group, own_events, link_id):
                continue
            in_all += 1
            if wanted in delivery.name.casefold() or wanted in delivery.email.casefold():
                if offset <= total < offset + limit:
                    shown.append(delivery)
                    shown_events[recipient_id] = own_events
                total += 1
    return PeoplePage(tuple(shown), shown_events, total, in_all)


def _matches(group: PeopleGroup, own_events: Sequence[Event], link_id: str) -> bool:
    match group:
        case "read":
            return events.has(own_events, EventKind.READ)
        case "clicked":
            return any(
                event.kind is EventKind.CLICK and link_id in ("", event.detail)
                for event in own_events
            )
        case "reacted":
            return bool(events.reactions_of(own_events))
        case "acknowledged":
            return events.has(own_events, EventKind.ACKNOWLEDGED)
        case "waiting":
            return not events.has(own_events, EventKind.ACKNOWLEDGED)
