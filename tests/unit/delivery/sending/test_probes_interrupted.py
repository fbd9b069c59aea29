"""People come before a probe, and it goes on after whatever interrupts it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.campaign import CampaignKey, Fault, Status
from campaigns.delivery import DeliveryStatus
from campaigns.errors import NotPossible
from campaigns.outcome import Outcome, Reason, Rejected, Sent, Throttled, Transient, Unknown
from tests.support.engine_room import Clock, Room, run
from tests.support.examples import every_row
from tests.support.fault_room import (
    MINUTE,
    PEOPLE,
    Service,
    everybody_has_it_once,
    paused,
    present,
    until,
)

NO_SIGN_IN = Rejected(Reason.UNAUTHORISED)
REFUSED = Transient(Reason.REFUSED)
NOT_CONNECTED = Transient(Reason.NOT_CONNECTED)
NO_ANSWER = Unknown(Reason.NO_ANSWER)


# --- people come first


def test_what_a_person_has_paused_is_left_alone() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        await room.open(PEOPLE)
        await room.begin()
        campaign = await room.engine.send(await room.draft())
        await asyncio.sleep(2.0)
        await room.engine.pause(campaign.key)
        await asyncio.sleep(2.0)
        arrived = room.channel.arrived.total()
        assert 0 < arrived < PEOPLE
        await asyncio.sleep(60 * MINUTE)
        assert room.channel.arrived.total() == arrived
        await room.close()

    run(story)


def test_pausing_what_a_fault_has_paused_keeps_it_paused() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NO_SIGN_IN, seconds=MINUTE)
        campaign = await paused(room, service)
        kept = await room.engine.pause(campaign.key)
        assert kept is not None
        assert (kept.status, kept.run.fault) == (Status.PAUSED, Fault.SIGN_IN)
        with pytest.raises(NotPossible):
            await room.engine.pause(campaign.key)
        tried = len(service.tries)
        await asyncio.sleep(60 * MINUTE)
        assert len(service.tries) == tried
        await room.engine.resume(campaign.key)
        await room.until_ended(campaign)
        await everybody_has_it_once(room, campaign)
        await room.close()

    run(story)


@pytest.mark.parametrize("verb", ["resume", "pause", "end"])
@pytest.mark.parametrize("after", [0.05, 0.15, 0.25])
def test_a_press_in_the_midst_of_a_probe_wins_and_does_not_wait(verb: str, after: float) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NO_SIGN_IN, seconds=30.0)
        campaign = await paused(room, service)
        await service.next_try()
        # The first delivery of the probe is on its way, for 0.1 seconds.
        await asyncio.sleep(after)
        pressed = clock.seconds
        try:
            await getattr(room.engine, verb)(campaign.key)
        except NotPossible:
            assert after == 0.25
            assert verb == "resume"  # it goes on already
        assert clock.seconds - pressed < 0.05
        await asyncio.sleep(10 * MINUTE)
        now = await present(room, campaign)
        counts = await room.store.ledger.counts(campaign.key)
        assert counts.recipients == PEOPLE
        assert room.channel.arrived.total() == counts.success
        match verb:
            case "resume":
                assert now.status is Status.COMPLETED
                await everybody_has_it_once(room, campaign)
            case "pause":
                assert now.status is Status.PAUSED
                assert counts.success <= 6
                await room.engine.resume(campaign.key)
                await room.until_ended(campaign)
                await everybody_has_it_once(room, campaign)
            case "end":
                assert now.status is Status.STOPPED
                assert counts.open == 0
                assert counts.success + counts.error + counts.cancelled == PEOPLE
        await room.close()

    run(story)


# --- processes end, and clocks are set


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000),
    trouble=st.sampled_from([NO_SIGN_IN, NOT_CONNECTED, REFUSED, NO_ANSWER, Throttled(30.0)]),
    ends=st.lists(
        st.tuples(st.sampled_from(["crash", "end", "resume"]), st.floats(0.0, 90.0)), max_size=6
    ),
)
def test_whenever_the_process_ends_nothing_is_lost_or_doubled(
    seed: int, trouble: Outcome, ends: list[tuple[str, float]]
) -> None:
    async def story(clock: Clock) -> None:
        dice = random.Random(seed)
        room = Room(clock, rate=20.0)
        service = Service(clock, NO_SIGN_IN, seconds=5 * MINUTE)
        campaign = await paused(room, service)
        service.trouble = trouble
        await asyncio.sleep(1.0)  # what was under way has been answered
        for verb, after in ends:
            await asyncio.sleep(after)
            if dice.random() < 0.7:
                # In the midst of a probe, if there is one soon.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(service.next_try(), 200.0)
                await asyncio.sleep(dice.choice([0.0, 0.05, 0.1, 0.12, 0.2]))
            try:
                if verb == "resume":
                    await room.engine.resume(campaign.key)
                    continue
                if verb == "end":
                    await room.engine.stop()
                await room.crash()
                await room.begin()
            except NotPossible:
                pass
        ended = await room.until_ended(campaign, seconds=8_000.0)
        assert ended.status is Status.COMPLETED
        rows = await every_row(room.store.ledger, campaign.key)
        assert len(rows) == PEOPLE
        for row in rows:
            arrived = room.channel.arrived[row.recipient_id]
            assert arrived <= 1
            match row.status:
                case DeliveryStatus.SENT:
                    assert arrived == 1
                case DeliveryStatus.FAILED:
                    # Only while a person had it go on in the midst of the trouble.
                    assert arrived == 0
                    assert "resume" in (verb for verb, _ in ends)
                case _:
                    assert row.status is DeliveryStatus.IN_DOUBT
        await room.close()

    run(story)


def test_it_is_probed_at_once_when_the_clock_has_been_set_back() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NO_SIGN_IN, seconds=30.0)
        campaign = await paused(room, service)
        pause = (await present(room, campaign)).run.fault_pause
        assert pause is not None
        assert pause.probe_at is not None
        tomorrow = msgspec.structs.replace(pause, probe_at=pause.probe_at + timedelta(days=1))
        now = await present(room, campaign)
        run_of = msgspec.structs.replace(now.run, fault_pause=tomorrow)
        await room.store.campaigns.save(msgspec.structs.replace(now, run=run_of))
        await asyncio.sleep(MINUTE)
        await room.until_ended(campaign)
        assert clock.seconds < 5 * MINUTE
        await room.close()

    run(story)


def test_what_an_earlier_version_has_paused_waits_for_the_person_it_has_told_so() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NO_SIGN_IN, seconds=30.0)
        campaign = await paused(room, service)
        await asyncio.sleep(5.0)
        await room.engine.stop()
        await room.crash()
        now = await present(room, campaign)
        earlier = msgspec.structs.replace(now.run, fault_pause=None)
        await room.store.campaigns.save(msgspec.structs.replace(now, run=earlier))
        tried = len(service.tries)
        await room.begin()
        await asyncio.sleep(60 * MINUTE)
        assert len(service.tries) == tried
        assert room.channel.notices == ["Paused: News"]
        await room.engine.resume(campaign.key)
        await room.until_ended(campaign)
        await everybody_has_it_once(room, campaign)
        await room.close()

    run(story)


def test_a_sender_who_was_not_told_before_the_process_ended_is_told_by_the_next() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NO_SIGN_IN, seconds=20 * MINUTE)
        room.channel.to_author = lambda: NOT_CONNECTED
        campaign = await paused(room, service)
        await asyncio.sleep(40.0)
        assert not room.channel.notices
        await room.crash()
        room.channel.to_author = lambda: Sent("notice")
        await room.begin()
        await asyncio.sleep(1.0)
        assert room.channel.notices == ["Paused: News"]
        await room.until_ended(campaign)
        await room.close()

    run(story)


# --- one campaign's trouble is not another's


@pytest.mark.parametrize("trouble", ["fails", "hangs"])
def test_a_probe_that_fails_or_hangs_keeps_no_other_campaign_paused(
    trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NOT_CONNECTED, seconds=5 * MINUTE)
        first = await paused(room, service)
        second = await room.engine.send(await room.draft("second", first.audience))
        await until(room, second, lambda campaign: campaign.status is Status.PAUSED, 600.0)
        next_due = room.store.ledger.next_due

        async def in_trouble(key: CampaignKey) -> datetime | None:
            if key != first.key:
                return await next_due(key)
            if trouble == "fails":
                raise RuntimeError("first")
            await asyncio.sleep(100 * 86_400)
            raise AssertionError

        monkeypatch.setattr(room.store.ledger, "next_due", in_trouble)
        await until(room, second, lambda campaign: campaign.status is Status.COMPLETED, 1_200.0)
        assert (await present(room, first)).status is Status.PAUSED
        if trouble == "fails":
            assert {failing.name for failing in room.supervisor.failing} == {
                "probe of campaign news of tenant-1"
            }
            monkeypatch.undo()
            await room.until_ended(first)
        await room.close()

    run(story)
