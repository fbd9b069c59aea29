"""A campaign that a fault has paused is taken up again by itself."""

from __future__ import annotations

import asyncio

import pytest

from campaigns.campaign import Fault, Status
from campaigns.outcome import Outcome, Reason, Rejected, Sent, Stale, Throttled, Transient, Unknown
from campaigns.probing import PROBED_FOR, WAITS
from delivery.sending.probe import TRIES
from delivery.sending.probes import LOOK
from tests.support.engine_room import Clock, Room, run
from tests.support.examples import every_row
from tests.support.fault_room import (
    MINUTE,
    Service,
    everybody_has_it_once,
    paused,
    present,
    until,
)

NO_SIGN_IN = Rejected(Reason.UNAUTHORISED)
MALFORMED = Rejected(Reason.BAD_REQUEST)
REFUSED = Transient(Reason.REFUSED)
NOT_CONNECTED = Transient(Reason.NOT_CONNECTED)
NO_ANSWER = Unknown(Reason.NO_ANSWER)


@pytest.mark.parametrize(
    ("trouble", "fault"),
    [
        (NOT_CONNECTED, Fault.DOWN),
        (REFUSED, Fault.DOWN),
        (NO_SIGN_IN, Fault.SIGN_IN),
    ],
)
def test_after_ten_minutes_of_trouble_it_goes_on_by_itself_and_its_author_is_told_twice(
    trouble: Outcome, fault: Fault
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, trouble, seconds=10 * MINUTE)
        campaign = await paused(room, service)
        began = clock.seconds
        assert campaign.run.fault is fault
        await asyncio.sleep(30.0)
        assert room.channel.notices == ["Paused: News"]
        assert service.since(began + 1.0) == 0

        ended = await room.until_ended(campaign)
        assert (ended.status, ended.run.fault) == (Status.COMPLETED, None)
        pause = ended.run.fault_pause
        assert pause is not None
        assert pause.ended_at is not None
        longest = WAITS[pause.failed_probes].total_seconds()
        # It went on by the first probe after the trouble.
        assert service.until <= (pause.ended_at - clock.now()).total_seconds() + clock.seconds
        assert clock.seconds <= service.until + longest + 2 * LOOK + MINUTE
        await asyncio.sleep(30.0)
        assert room.channel.notices[0] == "Paused: News"
        assert room.channel.notices.count("Going on again: News") == 1
        # Few tries, and only those of the probes.
        meanwhile = service.since(began + 1.0) - service.since(service.until)
        assert 0 < meanwhile <= 4 * (pause.failed_probes + 1)
        await everybody_has_it_once(room, campaign)
        await room.close()

    run(story)


def test_an_outage_in_which_all_come_into_doubt_costs_one_more_at_each_probe() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NO_ANSWER, seconds=30 * MINUTE)
        campaign = await paused(room, service, people=400)
        before = (await room.store.ledger.counts(campaign.key)).in_doubt
        assert 0 < before < 60
        await asyncio.sleep(30 * MINUTE - clock.seconds)
        still = await present(room, campaign)
        assert still.run.fault_pause is not None
        failed = still.run.fault_pause.failed_probes
        assert failed == 4  # after 1, 2, 5 and 10 minutes
        assert (await room.store.ledger.counts(campaign.key)).in_doubt == before + failed
        ended = await room.until_ended(campaign)
        assert ended.status is Status.COMPLETED
        counts = await room.store.ledger.counts(campaign.key)
        assert (counts.in_doubt, counts.success) == (before + failed, 400 - before - failed)
        assert room.channel.arrived.total() == len(room.channel.arrived)
        await room.close()

    run(story)


def test_a_refused_message_waits_for_a_person() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, MALFORMED, seconds=2 * MINUTE)
        campaign = await paused(room, service)
        tried = len(service.tries)
        await asyncio.sleep(60 * MINUTE)
        still = await present(room, campaign)
        assert (still.status, still.run.fault) == (Status.PAUSED, Fault.REFUSED)
        assert len(service.tries) == tried
        assert room.channel.notices == ["Paused: News"]
        await room.engine.resume(campaign.key)
        await room.until_ended(campaign)
        await everybody_has_it_once(room, campaign)
        await room.close()

    run(story)


def test_after_a_day_it_is_left_to_a_person_who_is_told() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NO_SIGN_IN, seconds=3 * PROBED_FOR.total_seconds())
        campaign = await paused(room, service)
        await asyncio.sleep(PROBED_FOR.total_seconds() + 60 * MINUTE)
        tried = len(service.tries)
        await asyncio.sleep(PROBED_FOR.total_seconds())
        still = await present(room, campaign)
        assert (still.status, still.run.fault) == (Status.PAUSED, Fault.SIGN_IN)
        assert len(service.tries) == tried
        assert room.channel.notices == ["Paused: News"] * 2
        # The rows have not grown without end.
        rows = await every_row(room.store.ledger, campaign.key)
        assert max(len(row.trace) for row in rows) < 60
        service.until = clock.seconds
        await room.engine.resume(campaign.key)
        await room.until_ended(campaign)
        await everybody_has_it_once(room, campaign)
        await room.close()

    run(story)


@pytest.mark.parametrize("later", [Throttled(30.0), Stale()])
def test_probes_that_serve_nobody_have_failed_whatever_the_answer(later: Outcome) -> None:
    """Otherwise Teams would be asked every minute, and for longer than a day."""

    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NOT_CONNECTED, seconds=3 * PROBED_FOR.total_seconds())
        campaign = await paused(room, service)
        service.trouble = later
        tried = len(service.tries)
        await asyncio.sleep(PROBED_FOR.total_seconds() + 60 * MINUTE)
        assert len(service.tries) - tried < 110 * TRIES
        still = await present(room, campaign)
        assert still.run.fault_pause is not None
        assert still.run.fault_pause.probe_at is None
        service.until = clock.seconds
        await asyncio.sleep(60 * MINUTE)
        assert (await present(room, campaign)).status is Status.PAUSED
        await room.engine.resume(campaign.key)
        await room.until_ended(campaign)
        await everybody_has_it_once(room, campaign)
        await room.close()

    run(story)


@pytest.mark.parametrize("trouble", [NO_SIGN_IN, NOT_CONNECTED])
def test_a_small_campaign_of_which_everybody_was_tried_is_taken_up_too(trouble: Outcome) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        service = Service(clock, trouble, seconds=30 * MINUTE)
        campaign = await paused(room, service, people=5)
        await room.until_ended(campaign)
        await everybody_has_it_once(room, campaign, people=5)
        await room.close()

    run(story)


def test_it_does_not_go_on_while_the_probes_go_well_for_one_only() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        service = Service(clock, NO_SIGN_IN, seconds=10 * MINUTE)
        campaign = await paused(room, service)
        lucky: set[str] = set()

        def one_a_probe(recipient_id: str) -> tuple[float, Outcome, bool]:
            if clock.seconds < service.until and not lucky:
                lucky.add(recipient_id)
                return 0.1, Sent("1"), True
            return service(recipient_id)

        room.channel.answer = one_a_probe
        await asyncio.sleep(2 * MINUTE)
        assert lucky
        assert (await present(room, campaign)).status is Status.PAUSED
        await room.until_ended(campaign)
        await everybody_has_it_once(room, campaign)
        await room.close()

    run(story)


def test_where_the_trouble_comes_and_goes_the_pauses_grow() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=1.0)
        service = Service(clock, NO_SIGN_IN, seconds=9_999_999.0)
        campaign = await paused(room, service, people=400)
        since_pause = 0

        def well_until_it_goes_on(recipient_id: str) -> tuple[float, Outcome, bool]:
            nonlocal since_pause
            since_pause += 1
            return (0.1, Sent("1"), True) if since_pause <= 2 else service(recipient_id)

        room.channel.answer = well_until_it_goes_on
        lengths = []
        for _ in range(3):
            since_pause = 0
            went_on = await until(
                room, campaign, lambda present: present.status is Status.SENDING, 3_600.0
            )
            pause = went_on.run.fault_pause
            assert pause is not None
            assert pause.ended_at is not None
            lengths.append(round((pause.ended_at - pause.began_at).total_seconds() / MINUTE))
            await until(room, campaign, lambda present: present.status is Status.PAUSED, 3_600.0)
        assert lengths == [1, 2, 5]
        await room.close()

    run(story)
