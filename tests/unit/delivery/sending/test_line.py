"""Before it leaves, it has not left: nothing is in doubt whose call was not made."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import followup, lists
from campaigns.audience import ListAudience
from campaigns.campaign import Campaign, Status
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.ledger import ledger
from campaigns.ledger.retry import STANDARD
from campaigns.message import Message
from campaigns.outcome import Reason, Sent, Transient, Unknown, Unreachable
from campaigns.user import Profile, User
from cards.message.personal import Personal
from delivery.engine import GRACE
from delivery.pacing.departure import ChatFull, HeldBack
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.sending.attempt import Attempts
from delivery.sending.claims import PUT_OFF, Claimed
from delivery.sending.deliveries import Deliveries
from delivery.sending.running import RunningCampaign
from delivery.sending.settlements import Settlements
from delivery.sending.troubles import Troubles
from delivery.supervision import Supervisor
from storage.base import Standing
from storage.errors import Damaged, StoreError, Unavailable
from tests.support.engine_room import TENANT, Clock, Room, person, run
from tests.support.examples import every_row
from tests.unit.delivery.starting.test_scheduled_survey import asking, survey


async def rows(room: Room, campaign: Campaign) -> dict[str, Delivery]:
    return {row.recipient_id: row for row in await every_row(room.store.ledger, campaign.key)}


async def statuses(room: Room, campaign: Campaign) -> Counter[DeliveryStatus]:
    return Counter(row.status for row in (await rows(room, campaign)).values())


async def without_chats(room: Room, people: int) -> None:
    """People whose chats have to be opened before anything is sent."""
    await room.open(0)
    for number in range(1, people + 1):
        known = person(str(number))
        reference = msgspec.structs.replace(known.reference, conversation_id="")
        await room.store.users.put(msgspec.structs.replace(known, reference=reference))


def refusing(real: Callable[..., Any], serves: Callable[[], bool]) -> Any:
    async def verb(*args: Any, **options: Any) -> Any:
        if not serves():
            raise Unavailable("not now")
        return await real(*args, **options)

    return verb


@pytest.mark.parametrize("seconds", [3.0, 3_000.0])
def test_a_store_that_refuses_while_a_chat_is_opened_puts_nobody_in_doubt(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=50.0)
        await without_chats(room, 30)
        await room.begin()
        real = room.store.users.change
        monkeypatch.setattr(
            room.store.users, "change", refusing(real, lambda: clock.seconds > seconds)
        )
        started = await room.engine.send(await room.draft())
        await room.until_ended(started, seconds=5_000.0)
        assert await statuses(room, started) == {DeliveryStatus.SENT: 30}
        # A refusing store is no attempt, however long it lasts.
        assert {row.attempts for row in (await rows(room, started)).values()} == {1}
        assert room.channel.tried.total() == 30
        await room.close()

    run(story)


class Greeting(Personal):
    """A message that needs the name of everyone."""

    needs_profile = True


def test_a_store_that_refuses_the_profile_puts_nobody_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=50.0, renderer=Greeting)
        await room.open(0)
        room.channel.profiles = lambda _: Unreachable(Reason.BLOCKED)
        await room.begin()
        for number in range(1, 11):
            await room.store.users.put(person(str(number), profile=Profile(), profile_known=False))
        room.channel.profiles = lambda _: Profile(name="Somebody")
        real = room.store.users.change
        monkeypatch.setattr(
            room.store.users, "change", refusing(real, lambda: clock.seconds > 20.0)
        )
        started = await room.engine.send(await room.draft())
        await room.until_ended(started)
        assert await statuses(room, started) == {DeliveryStatus.SENT: 10}
        await room.close()

    run(story)


class NeverReady(Personal):
    """A renderer that fails for everyone."""

    def message(self, user: User) -> Message:
        raise KeyError("a fault of ours")


def test_a_fault_of_the_renderer_ends_as_an_error_of_each_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, renderer=NeverReady)
        await room.open(300)
        await room.begin()
        started = await room.engine.send(await room.draft())
        ended = await room.until_ended(started)
        assert ended.status is Status.COMPLETED
        assert await statuses(room, started) == {DeliveryStatus.FAILED: 300}
        assert {row.reason for row in (await rows(room, started)).values()} == {Reason.NOT_PREPARED}
        assert not room.channel.tried
        await room.close()

    run(story)
    stacks = [record for record in caplog.records if record.exc_info and "deliver" in record.name]
    assert len(stacks) == 1


def test_a_fault_after_the_line_is_in_doubt() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)

        def breaks(_: str) -> Any:
            raise KeyError("the answer is not understood")

        room.channel.answer = breaks
        await room.open(3)
        await room.begin()
        started = await room.engine.send(await room.draft())
        await room.until_ended(started)
        assert await statuses(room, started) == {DeliveryStatus.IN_DOUBT: 3}
        await room.close()

    run(story)


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(start <= moment < start + 1.0 for moment in moments) for start in moments)


def test_calls_that_waited_for_a_token_leave_at_the_allowed_rate() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=50.0)
        await room.open(300)

        async def token() -> None:
            await asyncio.sleep(max(0.0, 5.0 - clock.seconds))

        room.channel.readying = token
        await room.begin()
        started = await room.engine.send(await room.draft())
        await room.until_ended(started)
        assert len(room.channel.left) == 300
        assert most_in_a_second(room.channel.left) <= 50
        await room.close()

    run(story)


def test_nothing_leaves_after_a_pause_though_it_waited_for_its_token() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=50.0)
        await room.open(100)
        token = asyncio.Event()

        async def waiting() -> None:
            await token.wait()

        room.channel.readying = waiting
        await room.begin()
        started = await room.engine.send(await room.draft())
        await asyncio.sleep(3.0)
        await room.engine.pause(started.key)
        token.set()
        await asyncio.sleep(3.0)
        assert not room.channel.left
        assert await statuses(room, started) == {DeliveryStatus.PENDING: 100}
        await room.engine.resume(started.key)
        await room.until_ended(started)
        assert room.channel.arrived.total() == 100
        await room.close()

    run(story)


def test_the_end_releases_at_once_what_waits_before_the_line() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=50.0)
        await room.open(100)
        room.channel.readying = asyncio.Event().wait  # type: ignore[assignment]
        await room.begin()
        started = await room.engine.send(await room.draft())
        await asyncio.sleep(3.0)
        assert (await statuses(room, started))[DeliveryStatus.CLAIMED]
        began = clock.seconds
        await room.engine.stop()
        assert clock.seconds - began < 1.0
        assert await statuses(room, started) == {DeliveryStatus.PENDING: 100}
        await room.crash()
        await room.store.close()

    run(story)


def test_a_claim_that_hangs_at_the_end_puts_nobody_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()

        async def hangs(*_: Any) -> Any:
            await asyncio.Event().wait()

        monkeypatch.setattr(room.store.users, "get_many", hangs)
        started = await room.engine.send(await room.draft())
        await asyncio.sleep(1.0)
        assert await statuses(room, started) == {DeliveryStatus.CLAIMED: 3}
        began = clock.seconds
        await room.engine.stop()
        assert clock.seconds - began < GRACE
        assert await statuses(room, started) == {DeliveryStatus.PENDING: 3}
        await room.crash()
        await room.store.close()

    run(story)


def test_permits_of_calls_that_were_not_made_are_given_back() -> None:
    """People who can't be reached any more, or are gone, cost none of the rate."""

    async def story(clock: Clock) -> None:
        room = Room(clock, rate=1.0)
        await room.open(60)
        await room.begin()
        draft = await room.draft()
        started = await room.engine.send(draft)
        await room.engine.pause(started.key)
        await asyncio.sleep(1.0)
        sent = (await statuses(room, started))[DeliveryStatus.SENT]
        assert sent <= 1
        for number in range(1, 61):
            await room.store.users.put(
                person(str(number), reachable=False, unreachable_because=Reason.BLOCKED)
            )
        await room.engine.resume(started.key)
        began = clock.seconds
        await room.until_ended(started)
        # At one call a second, sixty calls would take a minute.
        assert clock.seconds - began < 15.0
        await room.close()

    run(story)


async def list_of(room: Room, name: str, people: list[str]) -> ListAudience:
    await room.store.lists.add(
        lists.create(
            TENANT,
            name,
            name=name,
            addresses=[f"{who}@example.com" for who in people],
            author_id="author",
            now=room.clock.now(),
        )
    )
    return ListAudience(name)


def damaging_users(room: Room, ids: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    real = room.store.users.get_many

    async def get_many(tenant_id: str, user_ids: Any) -> Any:
        if ids & set(user_ids):
            raise Damaged("A row is not understood.")
        return await real(tenant_id, user_ids)

    monkeypatch.setattr(room.store.users, "get_many", get_many)


def test_a_damaged_person_is_an_error_of_this_person_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=50.0)
        await room.open(20)
        await room.begin()
        damaging_users(room, {"7", "11"}, monkeypatch)
        started = await room.engine.send(await room.draft())
        ended = await room.until_ended(started)
        assert ended.status is Status.COMPLETED
        found = await rows(room, started)
        for who in ("7", "11"):
            failed = found.pop(who)
            assert (failed.status, failed.reason) == (DeliveryStatus.FAILED, Reason.DAMAGED)
        assert {row.status for row in found.values()} == {DeliveryStatus.SENT}
        assert set(room.channel.tried) == set(found)
        await room.close()

    run(story)
    assert any("delivery to 7" in line or "delivery to 11" in line for line in caplog.messages)


def test_many_refusals_at_once_and_slow_marks_leave_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=1_000.0)
        await room.open(2_000)
        await room.begin()

        def answer(_: str) -> Any:
            if clock.seconds < 5.0:
                return 5.0 - clock.seconds, Unreachable(Reason.DISABLED_BY_ADMIN), False
            return 0.0, Sent("1"), True

        room.channel.answer = answer
        real = room.store.users.change

        async def slow(*args: Any) -> Any:
            await asyncio.sleep(1.0)
            return await real(*args)

        monkeypatch.setattr(room.store.users, "change", slow)
        started = await room.engine.send(await room.draft())
        ended = await room.until_ended(started, seconds=900.0)
        assert ended.status is Status.COMPLETED
        await room.close()

    run(story)


async def in_doubt(room: Room) -> Campaign:
    room.channel.answer = lambda _: (0.0, Unknown(Reason.NO_ANSWER), False)
    ended = await room.until_ended(await room.engine.send(await room.draft()))
    room.channel.answer = lambda _: (0.0, Sent("1"), True)
    return ended


@pytest.mark.parametrize("part", ["abandoned", "resend_in_doubt", "next_due"])
def test_resending_is_carried_on_when_the_store_refuses_right_after_it_was_saved(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        ended = await in_doubt(room)
        real = getattr(room.store.ledger, part)
        failed: list[str] = []

        async def once(*args: Any, **options: Any) -> Any:
            if not failed:
                failed.append(part)
                raise Unavailable("not now")
            return await real(*args, **options)

        monkeypatch.setattr(room.store.ledger, part, once)
        assert await room.engine.resend(ended.key)
        again = await room.until_ended(ended, seconds=100.0)
        assert again.status is Status.COMPLETED
        assert failed
        assert await statuses(room, ended) == {DeliveryStatus.SENT: 3}
        await room.close()

    run(story)


@pytest.mark.parametrize("request_", ["send", "pause", "resume", "end", "resend"])
def test_a_request_that_was_saved_is_carried_out_though_its_answer_was_lost(
    request_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=1.0)
        await room.open(10)
        await room.begin()
        if request_ == "resend":
            campaign = await in_doubt(room)
        else:
            campaign = await room.draft()
            if request_ != "send":
                campaign = await room.engine.send(campaign)
            if request_ == "resume":
                await asyncio.sleep(2.0)
                await room.engine.pause(campaign.key)
        await asyncio.sleep(3.0)
        real = room.store.campaigns.save
        lost: list[Campaign] = []

        async def save(changed: Campaign) -> Campaign:
            saved = await real(changed)
            if not lost:
                lost.append(saved)
                raise Unavailable("the answer is lost")
            return saved

        monkeypatch.setattr(room.store.campaigns, "save", save)
        asked: Callable[[Any], Any] = getattr(room.engine, request_)
        with pytest.raises(Unavailable):
            await asked(campaign if request_ == "send" else campaign.key)
        await asyncio.sleep(1.0)
        left = len(room.channel.left)
        if request_ == "pause":
            await asyncio.sleep(20.0)
            assert len(room.channel.left) <= left + 1
            await room.engine.resume(campaign.key)
        await room.until_ended(campaign, seconds=200.0)
        await room.close()

    run(story)


def test_a_damaged_ledger_takes_no_room_from_the_other_campaigns(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=1_000.0)
        await room.open(1_500)
        await room.begin()
        real, repaired = room.store.ledger.settle, asyncio.Event()

        async def settle(key: Any, deliveries: Any) -> None:
            if key.campaign_id == "a" and not repaired.is_set():
                raise Damaged("ledger/a/00000.json is damaged.")
            await real(key, deliveries)

        monkeypatch.setattr(room.store.ledger, "settle", settle)
        first = await room.engine.send(await room.draft("a"))
        await asyncio.sleep(5.0)
        second = await room.engine.send(await room.draft("b"))
        await room.until_ended(second, seconds=60.0)
        sent = room.channel.arrived.total()
        repaired.set()
        await room.until_ended(first, seconds=300.0)
        assert room.channel.arrived.total() == 3_000 > sent
        assert set(room.channel.arrived.values()) == {2}
        await room.close()

    with caplog.at_level(logging.ERROR):
        run(story)
    assert (
        len(
            [line for line in caplog.messages if "campaign a of" in line and "stands still" in line]
        )
        == 1
    )


def test_a_campaign_that_stands_still_is_taken_up_again_when_it_is_repaired(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        real, repaired, claims = room.store.ledger.claim, asyncio.Event(), 0

        async def claim(*args: Any, **options: Any) -> Any:
            nonlocal claims
            claims += 1
            if not repaired.is_set():
                raise Damaged("ledger/news/00000.json is damaged.")
            return await real(*args, **options)

        monkeypatch.setattr(room.store.ledger, "claim", claim)
        started = await room.engine.send(await room.draft())
        await asyncio.sleep(3_600.0)
        # At first sooner, and then once a minute.
        assert claims <= 70
        repaired.set()
        await room.until_ended(started, seconds=120.0)
        assert room.channel.arrived.total() == 3
        await room.close()

    run(story)
    assert len([line for line in caplog.messages if "stands still" in line]) == 1


def test_a_person_takes_up_what_stands_still_without_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        real, repaired = room.store.ledger.claim, asyncio.Event()

        async def claim(*args: Any, **options: Any) -> Any:
            if not repaired.is_set():
                raise Damaged("ledger/news/00000.json is damaged.")
            return await real(*args, **options)

        monkeypatch.setattr(room.store.ledger, "claim", claim)
        started = await room.engine.send(await room.draft())
        await asyncio.sleep(5.0)
        repaired.set()
        await room.engine.pause(started.key)
        await room.engine.resume(started.key)
        await room.until_ended(started, seconds=5.0)
        await room.close()

    run(story)


@pytest.mark.parametrize("error", [Damaged("answered/x.json is damaged."), Unavailable("not now")])
def test_who_has_answered_is_not_known_and_nothing_runs_hot(
    error: StoreError, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=50.0)
        await room.open(20)
        await room.begin()
        original = await room.store.campaigns.add(asking(await room.store.surveys.add(survey())))
        original = await room.until_ended(await room.engine.send(original))
        correction = followup.correction(original, "corr", author_id="author", now=clock.now())
        correction = await room.store.campaigns.add(correction)
        await room.store.campaigns.save(followup.followed(original, "corr"))
        known, claims = asyncio.Event(), 0
        claim, answered = room.store.ledger.claim, room.store.responses.answered

        async def counted(*args: Any, **options: Any) -> Any:
            nonlocal claims
            claims += 1
            return await claim(*args, **options)

        async def broken(*args: Any) -> Any:
            if not known.is_set():
                raise type(error)(*error.args)
            return await answered(*args)

        monkeypatch.setattr(room.store.ledger, "claim", counted)
        monkeypatch.setattr(room.store.responses, "answered", broken)
        started = await room.engine.send(correction)
        other = await room.engine.send(await room.draft("other"))
        await room.until_ended(other, seconds=20.0)
        claims = 0
        await asyncio.sleep(600.0)
        assert claims <= 600.0 / PUT_OFF.total_seconds() + 5
        assert not room.channel.updates
        known.set()
        await room.until_ended(started, seconds=120.0)
        assert len(room.channel.updates) == 20
        await room.close()

    run(story)


class TwoProcesses:
    """Leases as the database gives them: from second 100 on another process should have ours."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.released: list[str] = []

    async def beat(self, owner: str, **_: Any) -> Standing:
        ours = not self.released
        return Standing(
            tenants=frozenset({TENANT} if ours else ()),
            others=1,
            surplus=int(ours and self._clock.seconds > 100.0),
        )

    async def release(self, owner: str, tenant_ids: Collection[str]) -> None:
        self.released += tenant_ids

    async def leave(self, owner: str) -> None:
        pass


def test_a_campaign_that_stands_still_does_not_keep_its_tenant_from_another_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        leases = TwoProcesses(clock)
        monkeypatch.setattr(room.store, "leases", leases)
        await room.begin()
        await asyncio.sleep(3.0)

        async def damaged(*_: Any, **__: Any) -> Any:
            raise Damaged("A delivery is not understood.")

        monkeypatch.setattr(room.store.ledger, "claim", damaged)
        await room.engine.send(await room.draft())
        await asyncio.sleep(200.0)
        assert leases.released == [TENANT]
        await room.close()

    run(story)


def test_a_full_chat_gives_its_permit_back() -> None:
    """Two campaigns to one person: the chat is full, and the permits are not lost."""

    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        await room.open(1)
        await room.begin()
        started = [await room.engine.send(await room.draft(f"news-{n}")) for n in range(12)]
        for campaign in started:
            await room.until_ended(campaign, seconds=120.0)
        assert room.channel.arrived == {"1": 12}
        assert most_in_a_second(room.channel.left) <= 5
        await room.close()

    run(story)


STEPS = st.lists(
    st.sampled_from(["sent", "held", "full", "unreachable", "no token", "fault", "cancelled"]),
    min_size=1,
    max_size=30,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(ends=STEPS)
def test_a_permit_is_used_once_or_given_back_once(ends: list[str]) -> None:
    """However the deliveries end, the pacer has as many permits as calls have not left."""

    class Counting(Pacer):
        given_back = 0

        def give_back(self, tenant_id: str, permits: int) -> None:
            self.given_back += permits
            super().give_back(tenant_id, permits)

    async def story(clock: Clock) -> None:
        room = Room(clock, rate=1_000.0)
        await room.open(len(ends))
        channel = room.channel
        kinds = {str(number): end for number, end in enumerate(ends, 1)}
        pacer = Counting(clock, 1_000.0, monotonic=clock.monotonic)
        settlements = Settlements(
            room.store, clock, Supervisor().crew(), lambda *_: None, lambda *_: None
        )
        attempts = Attempts(channel, Contacts(room.store, channel, pacer), pacer, Personal)
        deliveries = Deliveries(
            attempts=attempts,
            contacts=Contacts(room.store, channel, pacer),
            pacer=pacer,
            clock=clock,
            settlements=settlements,
            troubles=Troubles(),
            faulted=lambda *_: None,
            made_room=lambda: None,
            rules=STANDARD,
            dice=lambda: 0.5,
        )
        send = channel.send

        async def ending(reference: Any, message: Any, line: Any) -> Any:
            match kinds[reference.account_id]:
                case "held":
                    raise HeldBack
                case "full":
                    raise ChatFull(1.0)
                case "no token":
                    return Transient(Reason.NOT_CONNECTED)
                case "fault":
                    raise KeyError("a fault of ours")
                case "cancelled":
                    await asyncio.Event().wait()
            return await send(reference, message, line)

        channel.send = ending  # type: ignore[method-assign]
        draft = await room.draft()
        running = RunningCampaign(draft, Personal(draft))
        now = clock.now()
        rows = [
            ledger.claimed(Delivery(recipient_id=who, due_at=now), Claim("me", now))
            for who in kinds
        ]
        people = {who: person(who, reachable=end != "unreachable") for who, end in kinds.items()}
        await room.store.ledger.freeze(draft.key, [ledger.released(row) for row in rows])
        running.claimed(len(rows))
        deliveries.send(running, Claimed(rows, people, len(rows)))
        await asyncio.sleep(1.0)
        deliveries.let_nothing_leave()
        await deliveries.finish()
        await settlements.finish()
        assert len(channel.left) == ends.count("sent")
        assert pacer.given_back == len(ends) - ends.count("sent")
        await room.store.close()

    run(story)
