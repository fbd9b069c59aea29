"""A start with everything paused, on every store and by several processes at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from campaigns import lifecycle, scheduling
from campaigns.audience import AllUsers, FrozenAudience
from campaigns.campaign import Campaign, Fault, Status
from campaigns.content import Content
from campaigns.errors import NotPossible
from campaigns.schedule.schedule import Schedule
from delivery.clock import SystemClock
from delivery.starting.paused import pause_everything
from storage.base import Store
from tests.support.examples import NOW, campaign


def ready(campaign_id: str, tenant_id: str = "tenant-1") -> Campaign:
    return campaign(campaign_id, tenant_id=tenant_id, content=Content("Hello"), audience=AllUsers())


def being_sent(campaign_id: str, tenant_id: str = "tenant-1") -> Campaign:
    return lifecycle.start(ready(campaign_id, tenant_id), audience=FrozenAudience(), now=NOW)


def completed(campaign_id: str) -> Campaign:
    return lifecycle.complete(lifecycle.frozen(being_sent(campaign_id), 0, NOW), NOW)


CASES = {
    "draft": (ready("a"), Status.DRAFT, None),
    "scheduled": (
        scheduling.schedule(ready("a"), Schedule(at=NOW + timedelta(days=1), zone="UTC"), NOW),
        Status.SCHEDULED,
        None,
    ),
    "sending": (being_sent("a"), Status.PAUSED, Fault.STARTED_PAUSED),
    "sending, of another tenant": (
        being_sent("a", "tenant-2"),
        Status.PAUSED,
        Fault.STARTED_PAUSED,
    ),
    "sending again": (lifecycle.reopen(completed("a"), NOW), Status.PAUSED, Fault.STARTED_PAUSED),
    "paused by a person": (lifecycle.pause(being_sent("a"), NOW), Status.PAUSED, None),
    "paused, because Teams was down": (
        lifecycle.pause(being_sent("a"), NOW, Fault.DOWN),
        Status.PAUSED,
        Fault.STARTED_PAUSED,
    ),
    "stopped": (lifecycle.stop(being_sent("a"), NOW), Status.STOPPED, None),
    "completed": (completed("a"), Status.COMPLETED, None),
}


@pytest.mark.parametrize(("before", "status", "fault"), CASES.values(), ids=CASES)
async def test_what_would_go_on_by_itself_is_paused_and_nothing_else_is_changed(
    store: Store, before: Campaign, status: Status, fault: Fault | None
) -> None:
    kept = await store.campaigns.add(before)
    await asyncio.gather(*(pause_everything(store, SystemClock()) for _ in range(3)))
    after = await store.campaigns.get(before.key)
    assert after is not None
    assert (after.status, after.run.fault) == (status, fault)
    changed = msgspec.structs.replace(
        after,
        status=kept.status,
        run=kept.run,
        updated_at=kept.updated_at,
        revision=kept.revision,
    )
    assert changed == kept
    # What a fault has paused is not taken up by itself any more, either.
    pause = kept.run.fault_pause if fault is None else None
    expected = msgspec.structs.replace(kept.run, fault=after.run.fault, fault_pause=pause)
    assert after.run == expected
    assert (after == kept) is (fault is None)


def test_a_person_takes_it_up_again() -> None:
    held = lifecycle.hold(being_sent("a"), NOW)
    assert lifecycle.resume(held, NOW).run.fault is None
    with pytest.raises(NotPossible):
        lifecycle.hold(lifecycle.pause(being_sent("a"), NOW), NOW)
