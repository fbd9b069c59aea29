from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta

import pytest

from campaigns.campaign import CampaignKey
from campaigns.feedback import events
from campaigns.feedback.events import PER_KIND, Engagement, Event, EventKind, LinkCount
from storage.base import Store
from tests.support.examples import KEY, NOW, OTHER_TENANT, SECOND, ids, many

ANN, BOB, *_ = PEOPLE = ids(many(600))


def event(person: str, kind: EventKind, detail: str = "", *, after: int = 0) -> Event:
    return Event(kind=kind, at=NOW + after * SECOND, recipient_id=person, detail=detail)


def click(person: str, link: str = "a", *, after: int = 0) -> Event:
    return event(person, EventKind.CLICK, link, after=after)


@pytest.fixture(autouse=True)
async def sent(store: Store) -> None:
    await store.ledger.freeze(KEY, many(600))


async def test_events_are_given_back_in_the_order_in_which_they_came(store: Store) -> None:
    first, second = click(ANN), event(ANN, EventKind.REACTED, "like", after=1)
    assert await store.events.append(KEY, [first]) == 1
    assert await store.events.append(KEY, [click(BOB), second]) == 2
    found = await store.events.by_recipient(KEY, [ANN, PEOPLE[5], "nobody"])
    assert {person: list(own) for person, own in found.items()} == {ANN: [first, second]}


async def test_the_numbers_are_those_of_the_definition(store: Store) -> None:
    every = [
        event(person, kind, detail, after=number)
        for number, person in enumerate(PEOPLE[::7])
        for kind, detail in (
            (EventKind.CLICK, "a" if number % 2 else "b"),
            (EventKind.CLICK, "a"),
            (EventKind.PREVIEW, "b"),
            (EventKind.READ, ""),
            (EventKind.REACTED, "like" if number % 3 else "heart"),
            (EventKind.UNREACTED, "like" if number % 5 else "heart"),
            (EventKind.ACKNOWLEDGED, ""),
        )[number % 4 :]
    ]
    nameless = [click("", link) for link in "aab"]
    await asyncio.gather(
        *(store.events.append(KEY, every[start : start + 9]) for start in range(0, len(every), 9)),
        store.events.append(KEY, nameless),
    )
    found = await store.events.by_recipient(KEY, PEOPLE)
    assert await store.events.engagement(KEY) == events.count(found.values(), nameless)
    engagement = await store.events.engagement(KEY)
    assert engagement.links["a"].clicks > engagement.links["a"].people > 0
    assert engagement.clicks == sum(link.clicks for link in engagement.links.values())


async def test_without_events_everything_is_zero(store: Store) -> None:
    assert await store.events.engagement(KEY) == Engagement()
    assert await store.events.engagement(CampaignKey(OTHER_TENANT, "none")) == Engagement()
    assert await store.events.by_recipient(KEY, [ANN]) == {}
    assert await store.events.append(KEY, []) == 0


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        # Teams tells of every later read, and people press twice.
        ([EventKind.READ, EventKind.READ], 1),
        ([EventKind.ACKNOWLEDGED, EventKind.ACKNOWLEDGED], 1),
        # Delivered again.
        ([EventKind.REACTED, EventKind.REACTED], 1),
        ([EventKind.UNREACTED], 0),
        ([EventKind.REACTED, EventKind.UNREACTED, EventKind.UNREACTED, EventKind.REACTED], 3),
        # Each of these is one more.
        ([EventKind.CLICK, EventKind.CLICK, EventKind.PREVIEW, EventKind.PREVIEW], 4),
    ],
)
async def test_what_says_nothing_new_is_not_kept(
    store: Store, told: Sequence[EventKind], kept: int
) -> None:
    happened = [event(ANN, kind, "like", after=number) for number, kind in enumerate(told)]
    together = await store.events.append(KEY, happened)
    assert together == kept
    one_by_one = [
        await store.events.append(KEY, [event(BOB, each.kind, "like", after=number)])
        for number, each in enumerate(happened)
    ]
    assert sum(one_by_one) == kept


async def test_the_same_told_many_times_at_once_is_kept_once(store: Store) -> None:
    read = event(ANN, EventKind.READ)
    kept = await asyncio.gather(*(store.events.append(KEY, [read]) for _ in range(20)))
    assert sum(kept) == 1
    assert len((await store.events.by_recipient(KEY, [ANN]))[ANN]) == 1


async def test_reactions_count_while_they_are_there(store: Store) -> None:
    await store.events.append(KEY, [event(ANN, EventKind.REACTED, "like")])
    await store.events.append(KEY, [event(ANN, EventKind.REACTED, "heart")])
    await store.events.append(KEY, [event(BOB, EventKind.REACTED, "like")])
    engagement = await store.events.engagement(KEY)
    assert (engagement.reactions, engagement.reacted) == ({"like": 2, "heart": 1}, 2)
    await store.events.append(KEY, [event(BOB, EventKind.UNREACTED, "like")])
    engagement = await store.events.engagement(KEY)
    assert (engagement.reactions, engagement.reacted) == ({"like": 1, "heart": 1}, 1)


async def test_of_who_is_no_recipient_nothing_is_kept(store: Store) -> None:
    stranger = CampaignKey(OTHER_TENANT, KEY.campaign_id)
    assert await store.events.append(KEY, [click("mallory"), click(ANN)]) == 1
    assert await store.events.append(stranger, [click(ANN)]) == 0
    assert await store.events.engagement(stranger) == Engagement()
    assert (await store.events.engagement(KEY)).links == {"a": LinkCount(1, 1)}


async def test_of_one_person_and_kind_so_many_are_kept_and_no_more(store: Store) -> None:
    many_clicks = [click(ANN, after=number) for number in range(PER_KIND - 1)]
    assert await store.events.append(KEY, many_clicks) == PER_KIND - 1
    more = [click(ANN, after=PER_KIND), click(ANN, after=PER_KIND + 1), click(BOB)]
    assert await store.events.append(KEY, more) == 2


@pytest.mark.parametrize("noise", [EventKind.PREVIEW, EventKind.CLICK])
async def test_what_counts_once_fits_whatever_else_came_before(
    store: Store, noise: EventKind
) -> None:
    await store.events.append(
        KEY, [event(ANN, noise, "a", after=number) for number in range(2 * PER_KIND)]
    )
    for kind in EventKind:
        if kind is not noise:
            assert await store.events.append(KEY, [event(ANN, kind, "like")]) == 1
    engagement = await store.events.engagement(KEY)
    assert (engagement.read, engagement.acknowledged, engagement.reacted) == (1, 1, 0)


async def test_the_same_events_told_again_are_kept_once(store: Store) -> None:
    """A caller does so when the answer was lost."""
    told = [
        click(ANN),
        click(ANN),
        event(ANN, EventKind.REACTED, "like"),
        event(ANN, EventKind.UNREACTED, "like"),
        event(BOB, EventKind.PREVIEW, "a"),
        click(""),
        click(""),
        click("", "b"),
    ]
    assert await store.events.append(KEY, told) == len(told)
    assert await store.events.append(KEY, told) == 0
    assert await store.events.append(KEY, [click("", after=1), *told]) == 1
    kept = [event async for chunk in store.events.rows(KEY) for event in chunk]
    assert sorted(kept, key=str) == sorted([*told, click("", after=1)], key=str)


async def test_dropped_events_are_gone_and_a_new_campaign_starts_with_none(store: Store) -> None:
    await store.events.append(KEY, [click(ANN), click("")])
    await store.ledger.drop(KEY)
    await store.events.drop(KEY)
    assert await store.events.append(KEY, [click(ANN), click("")]) == 0
    assert await store.events.engagement(KEY) == Engagement()
    await store.ledger.freeze(KEY, many(3))
    assert await store.events.by_recipient(KEY, [ANN]) == {}
    assert await store.events.append(KEY, [click(ANN)]) == 1
    assert (await store.events.engagement(KEY)).clicks == 1


async def test_the_first_secret_of_a_name_stays(store: Store) -> None:
    kept = await asyncio.gather(
        *(store.secrets.get_or_keep("links", bytes([number]) * 32) for number in range(5))
    )
    assert len(set(kept)) == 1
    assert await store.secrets.get_or_keep("links", b"another") == kept[0]
    assert await store.secrets.get_or_keep("other", b"\x00\xff") == b"\x00\xff"


async def test_secrets_are_given_by_their_names(store: Store) -> None:
    assert await store.secrets.everything() == {}
    await store.secrets.get_or_keep("links", b"\x00\xff")
    await store.secrets.get_or_keep("other", b"another")
    assert await store.secrets.everything() == {"links": b"\x00\xff", "other": b"another"}


async def test_all_events_are_streamed_and_each_persons_in_their_order(store: Store) -> None:
    other = CampaignKey(OTHER_TENANT, KEY.campaign_id)
    await store.ledger.freeze(other, many(3))
    await store.events.append(other, [click(BOB)])
    told = [
        *(click(person, after=number) for number in range(3) for person in PEOPLE[:300]),
        *(click(ANN, "b", after=number) for number in range(400)),  # one person's in two chunks
        *(
            event(BOB, kind, "like")
            for kind in (EventKind.REACTED, EventKind.UNREACTED, EventKind.REACTED)
        ),
        *(click("") for _ in range(1_200)),
    ]
    assert await store.events.append(KEY, told) == len(told)
    chunks = [chunk async for chunk in store.events.rows(KEY)]
    assert max(map(len, chunks)) <= 1_000
    streamed = [event for chunk in chunks for event in chunk]
    # Sorting keeps the order of those that are the same person's.
    assert sorted(streamed, key=_whose) == sorted(told, key=_whose)
    people = [person for person, _ in itertools.groupby(streamed, _whose) if person]
    assert sorted(people) == sorted(PEOPLE[:300])
    assert [event async for chunk in store.events.rows(other) for event in chunk] == [click(BOB)]


async def test_without_events_nothing_is_streamed(store: Store) -> None:
    await store.events.append(KEY, [click(ANN), click("")])
    await store.ledger.drop(KEY)
    await store.events.drop(KEY)
    for key in (KEY, CampaignKey(OTHER_TENANT, "none")):
        assert [event async for chunk in store.events.rows(key) for event in chunk] == []


def _whose(event: Event) -> str:
    return event.recipient_id


async def test_events_fit_a_time_that_is_long_past(store: Store) -> None:
    before = Event(kind=EventKind.READ, at=NOW - timedelta(days=900), recipient_id=ANN)
    await store.events.append(KEY, [before])
    assert list((await store.events.by_recipient(KEY, [ANN]))[ANN]) == [before]
