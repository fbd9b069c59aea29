from __future__ import annotations

import asyncio
from datetime import datetime, time

import msgspec
import pytest

from campaigns.audience import AllUsers, ListAudience
from campaigns.campaign import Campaign, CampaignKey, CardPlace, Status
from campaigns.content import Content
from campaigns.schedule.presence import PresenceRule
from campaigns.schedule.recurrence import Every, Recurrence, Series
from campaigns.schedule.schedule import Night, Schedule
from campaigns.schedule.windows import Window
from storage.base import Store
from storage.errors import Conflict
from tests.support.examples import NOW, OTHER_TENANT, SECOND, TENANT, campaign, started

EVERY_STATUS = tuple(Status)


async def test_a_campaign_is_given_back_as_it_was_added_with_revision_1(store: Store) -> None:
    new = campaign(
        "c",
        content=Content(message="Hi [FIRSTNAME] \N{WAVING HAND SIGN}"),
        audience=ListAudience("l"),
        recipients=3,
        started_at=NOW,
        progress=CardPlace("u", "activity"),
    )
    added = await store.campaigns.add(new)
    assert added == msgspec.structs.replace(new, revision=1)
    assert await store.campaigns.get(new.key) == added


async def test_an_unknown_campaign_is_none(store: Store) -> None:
    assert await store.campaigns.get(CampaignKey(TENANT, "c")) is None


async def test_adding_one_with_the_same_id_is_a_conflict(store: Store) -> None:
    first = await store.campaigns.add(campaign("c"))
    with pytest.raises(Conflict):
        await store.campaigns.add(campaign("c", name="Another"))
    assert await store.campaigns.get(first.key) == first


async def test_saving_counts_the_revision_up(store: Store) -> None:
    added = await store.campaigns.add(campaign("c"))
    saved = await store.campaigns.save(msgspec.structs.replace(added, audience=AllUsers()))
    assert saved == msgspec.structs.replace(added, audience=AllUsers(), revision=2)
    assert await store.campaigns.get(added.key) == saved


async def test_saving_with_a_stale_revision_is_a_conflict(store: Store) -> None:
    added = await store.campaigns.add(campaign("c"))
    saved = await store.campaigns.save(added)
    with pytest.raises(Conflict):
        await store.campaigns.save(msgspec.structs.replace(added, name="Too late"))
    assert await store.campaigns.get(added.key) == saved


async def test_of_many_who_save_the_same_revision_one_wins(store: Store) -> None:
    added = await store.campaigns.add(campaign("c"))
    results = await asyncio.gather(
        *(
            store.campaigns.save(msgspec.structs.replace(added, name=f"Name {number}"))
            for number in range(20)
        ),
        return_exceptions=True,
    )
    kept = [result for result in results if not isinstance(result, BaseException)]
    assert len(kept) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 19
    assert await store.campaigns.get(added.key) == kept[0]


async def test_saving_what_was_deleted_or_never_added_is_a_conflict(store: Store) -> None:
    added = await store.campaigns.add(campaign("c"))
    await store.campaigns.delete(added.key)
    with pytest.raises(Conflict):
        await store.campaigns.save(added)
    with pytest.raises(Conflict):
        await store.campaigns.save(campaign("never"))
    assert await store.campaigns.get(added.key) is None


async def test_deleting_says_whether_there_was_one(store: Store) -> None:
    added = await store.campaigns.add(campaign("c"))
    assert await store.campaigns.delete(added.key) is True
    assert await store.campaigns.delete(added.key) is False
    assert await store.campaigns.delete(CampaignKey(TENANT, "never")) is False
    assert (await store.campaigns.page(TENANT, EVERY_STATUS, offset=0, limit=9)).total == 0


async def test_an_id_can_be_used_again_after_deleting(store: Store) -> None:
    added = await store.campaigns.add(campaign("c"))
    await store.campaigns.delete(added.key)
    again = await store.campaigns.add(campaign("c", name="Again"))
    assert await store.campaigns.get(again.key) == again


async def test_a_tenant_does_not_see_another_tenants_campaigns(store: Store) -> None:
    here = await store.campaigns.add(campaign("c", TENANT, name="Here"))
    there = await store.campaigns.add(campaign("c", OTHER_TENANT, name="There"))
    assert await store.campaigns.get(here.key) == here
    assert await store.campaigns.delete(CampaignKey("third", "c")) is False
    page = await store.campaigns.page(OTHER_TENANT, EVERY_STATUS, offset=0, limit=9)
    assert (page.items, page.total) == ((there,), 1)
    assert await store.campaigns.count(OTHER_TENANT) == {Status.DRAFT: 1}
    assert await store.campaigns.delete(here.key) is True
    assert await store.campaigns.get(there.key) == there


async def test_pages_are_newest_first_by_start_or_else_by_change(store: Store) -> None:
    for kept in (
        campaign("old draft", at=NOW),
        started("sent early", Status.COMPLETED, at=NOW + 1 * SECOND),
        campaign("new draft", at=NOW + 2 * SECOND),
        msgspec.structs.replace(
            started("sent late", Status.SENDING, at=NOW + 3 * SECOND), updated_at=NOW - SECOND
        ),
    ):
        await store.campaigns.add(kept)
    page = await store.campaigns.page(TENANT, EVERY_STATUS, offset=0, limit=9)
    assert [kept.id for kept in page.items] == ["sent late", "new draft", "sent early", "old draft"]


async def test_a_page_has_its_part_of_those_in_the_statuses_and_the_total(store: Store) -> None:
    for number in range(250):
        status = Status.SENDING if number % 2 else Status.DRAFT
        await store.campaigns.add(
            campaign(f"c{number:03d}", at=NOW + number * SECOND, status=status)
        )
    page = await store.campaigns.page(TENANT, [Status.SENDING], offset=3, limit=2)
    assert [kept.id for kept in page.items] == ["c243", "c241"]
    assert page.total == 125
    beyond = await store.campaigns.page(TENANT, [Status.SENDING], offset=125, limit=10)
    assert (beyond.items, beyond.total) == ((), 125)
    assert (await store.campaigns.page(TENANT, [], offset=0, limit=10)).total == 0


async def test_counts_follow_the_status(store: Store) -> None:
    added = await store.campaigns.add(campaign("c"))
    await store.campaigns.add(campaign("d"))
    await store.campaigns.save(msgspec.structs.replace(added, status=Status.SENDING))
    assert await store.campaigns.count(TENANT) == {Status.DRAFT: 1, Status.SENDING: 1}
    assert await store.campaigns.count("third") == {}


async def test_in_status_gives_the_campaigns_of_all_tenants(store: Store) -> None:
    here = await store.campaigns.add(campaign("c", TENANT, status=Status.SENDING))
    there = await store.campaigns.add(campaign("d", OTHER_TENANT, status=Status.PAUSED))
    await store.campaigns.add(campaign("e", status=Status.COMPLETED))
    found = await store.campaigns.in_status([Status.SENDING, Status.PAUSED])
    assert sorted(found, key=lambda kept: kept.id) == [here, there]


def scheduled(campaign_id: str, tenant_id: str = TENANT, *, at: datetime) -> Campaign:
    return campaign(
        campaign_id,
        tenant_id,
        status=Status.SCHEDULED,
        schedule=Schedule(
            at=at,
            zone="Europe/Paris",
            window=Window(first_day=at.date(), days=3, zone="Europe/Paris", own_zones=True),
            rule=PresenceRule.THERE,
            night=Night(),
            series=Series(
                id="s",
                recurrence=Recurrence(
                    every=Every.WEEK, days=(0, 4), time_of_day=time(9, 30), zone="Europe/Paris"
                ),
            ),
        ),
    )


async def test_a_schedule_is_given_back_as_it_was_kept(store: Store) -> None:
    new = scheduled("c", at=NOW)
    await store.campaigns.add(new)
    assert await store.campaigns.get(new.key) == msgspec.structs.replace(new, revision=1)


async def test_those_that_are_to_start_come_earliest_first_of_all_tenants(store: Store) -> None:
    for number, tenant in ((3, TENANT), (1, OTHER_TENANT), (2, TENANT), (5, TENANT)):
        await store.campaigns.add(scheduled(f"c{number}", tenant, at=NOW + number * SECOND))
    await store.campaigns.add(campaign("draft"))
    due = await store.campaigns.starting(NOW + 3 * SECOND, limit=9)
    assert [kept.id for kept in due] == ["c1", "c2", "c3"]
    assert [kept.id for kept in await store.campaigns.starting(NOW + 9 * SECOND, limit=2)] == [
        "c1",
        "c2",
    ]
    assert await store.campaigns.next_start(NOW + 3 * SECOND) == NOW + 5 * SECOND
    assert await store.campaigns.next_start(NOW + 5 * SECOND) is None


async def test_those_that_are_to_start_are_read_on_behind_the_last_and_by_their_tenants(
    store: Store,
) -> None:
    for number in range(12):
        tenant = OTHER_TENANT if number % 3 == 0 else TENANT
        await store.campaigns.add(
            scheduled(f"c{number:02d}", tenant, at=NOW + number // 4 * SECOND)
        )

    async def read_on(tenant_ids: set[str] | None) -> list[str]:
        found: list[Campaign] = []
        while due := await store.campaigns.starting(
            NOW + SECOND, limit=2, tenant_ids=tenant_ids, after=found[-1] if found else None
        ):
            assert len(due) <= 2
            found += due
        return [campaign.id for campaign in found]

    everything = await read_on(None)
    assert sorted(everything) == [f"c{number:02d}" for number in range(8)]
    assert set(everything[:4]) == {f"c{number:02d}" for number in range(4)}
    assert await read_on({OTHER_TENANT}) == ["c00", "c03", "c06"]
    assert sorted(await read_on({TENANT, OTHER_TENANT})) == sorted(everything)
    assert await read_on(set()) == []


async def test_what_is_no_longer_scheduled_does_not_start(store: Store) -> None:
    added = await store.campaigns.add(scheduled("c", at=NOW))
    await store.campaigns.save(msgspec.structs.replace(added, status=Status.DRAFT))
    assert not await store.campaigns.starting(NOW + SECOND, limit=9)
    assert await store.campaigns.next_start(NOW - SECOND) is None
    assert (await store.campaigns.calendar(TENANT, offset=0, limit=9)).total == 0


async def test_the_calendar_is_the_tenants_own_the_next_first(store: Store) -> None:
    for number in (4, 2, 3):
        await store.campaigns.add(scheduled(f"c{number}", at=NOW + number * SECOND))
    await store.campaigns.add(scheduled("theirs", OTHER_TENANT, at=NOW))
    page = await store.campaigns.calendar(TENANT, offset=1, limit=1)
    assert ([kept.id for kept in page.items], page.total) == (["c3"], 3)
