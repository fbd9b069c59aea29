"""A campaign that a fault has paused is taken up again by itself, and people always come first."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import lists
from campaigns.audience import ListAudience
from campaigns.campaign import Campaign, Fault, Status
from campaigns.delivery import DeliveryStatus
from campaigns.errors import NotPossible
from campaigns.outcome import Outcome, Reason, Rejected, Sent, Throttled, Transient, Unknown
from campaigns.probing import PROBED_FOR, WAITS
from delivery.sending.probes import LOOK
from tests.support.engine_room import TENANT, Clock, Room, person, run
from tests.support.examples import every_row

PEOPLE = 40
MINUTE = 60.0

NO_SIGN_IN = Rejected(Reason.UNAUTHORISED)
MALFORMED = Rejected(Reason.BAD_REQUEST)
REFUSED = Transient(Reason.REFUSED)
NOT_CONNECTED = Transient(Reason.NOT_CONNECTED)
NO_ANSWER = Unknown(Reason.NO_ANSWER)


class Service:
    """Teams: out of order for some seconds after the start, and right after that."""

    def __init__(self, clock: Clock, trouble: Outcome, *, seconds: float) -> None:
        self.clock = clock
        self.trouble = trouble
        self.until = clock.seconds + seconds
        self.tries: list[tuple[float, str]] = []
        self._tried = asyncio.Event()

    def __call__(self, recipient_id: str) -> tuple[float, Outcome, bool]:
        self.tries.append((self.clock.seconds, recipient_id))
        self._tried.set()
        if self.clock.seconds < self.until:
            return 0.1, self.trouble, False
        return 0.1, Sent("1"), True

    async def next_try(self) -> None:
        self._tried.clear()
        await self._tried.wait()

    def since(self, moment: float) -> int:
        return sum(seconds >= moment for seconds, _ in self.tries)


async def paused(room: Room, service: Service, *, people: int = PEOPLE) -> Campaign:
    """A campaign that this trouble has paused."""
    room.channel.answer = service
    await room.open(people)
    await room.store.users.put(person("author"))  # who is told
    await room.store.lists.add(
        lists.create(
            TENANT,
            "all",
            name="All",
            addresses=[f"{number}@example.com" for number in range(1, people + 1)],
            author_id="author",
            now=room.clock.now(),
        )
    )
    await room.begin()
    started = await room.engine.send(await room.draft(audience=ListAudience("all")))
    return await until(room, started, lambda present: present.status is Status.PAUSED, 600.0)


async def present(room: Room, campaign: Campaign) -> Campaign:
    found = await room.store.campaigns.get(campaign.key)
    assert found is not None
    return found


async def until(
    room: Room, campaign: Campaign, done: Callable[[Campaign], bool], seconds: float
) -> Campaign:
    deadline = room.clock.seconds + seconds
    while not done(found := await present(room, campaign)):
        assert room.clock.seconds < deadline, found
        await asyncio.sleep(0.5)
    return found


async def everybody_has_it_once(room: Room, campaign: Campaign, people: int = PEOPLE) -> None:
    rows = await every_row(room.store.ledger, campaign.key)
    assert {row.status for row in rows} == {DeliveryStatus.SENT}
    assert len(rows) == people
    assert room.channel.arrived == {str(number): 1 for number in range(1, people + 1)}


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
                assert (counts.open, counts.error) == (0, 0)
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
