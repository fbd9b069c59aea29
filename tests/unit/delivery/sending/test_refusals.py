"""Answers that Teams gives in passing: nobody loses a message or is struck off by a bad moment."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable

import pytest

from campaigns import followup
from campaigns.campaign import Campaign, CampaignKey, Fault, Purpose, Status
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.ledger.retry import STANDARD
from campaigns.outcome import Outcome, Reason, Rejected, Sent, Transient, Unreachable
from campaigns.user import Profile, User
from cards.message.personal import Personal
from delivery.people.contacts import Sighting
from delivery.sending.attempt import TRIES_UNTIL_GONE
from teams.answers import Call, classify
from tests.support.engine_room import TENANT, Clock, Room, person, run
from tests.support.examples import every_row

DAY = 86_400.0


def answered(status: int, code: str = "", text: str = "", *, call: Call = Call.SEND) -> Outcome:
    """The outcome of this answer, as the connector classifies it."""
    body = json.dumps({"error": {"code": code, "message": text}}).encode() if code else b""
    outcome = classify(status, {}, body, call=call)
    assert not isinstance(outcome, Sent)
    return outcome


NOT_DECRYPTED = answered(403, "BadArgument", "Failed to decrypt conversation id")
NO_CHAT = answered(404, "ConversationNotFound", "Conversation not found.")
SWITCHED_OFF = answered(403, "BotDisabledByAdmin")
UNKNOWN = answered(403, "Unknown")


async def rows_of(room: Room, key: CampaignKey) -> dict[str, Delivery]:
    return {row.recipient_id: row for row in await every_row(room.store.ledger, key)}


async def known(room: Room, user_id: str) -> User:
    user = await room.store.users.get(TENANT, user_id)
    assert user is not None
    return user


def first(times: int, refusal: Outcome) -> Callable[[str], Outcome]:
    """Answers with a refusal so many times each, and then takes it."""
    asked: Counter[str] = Counter()

    def answer(of_whom: str) -> Outcome:
        asked[of_whom] += 1
        return refusal if asked[of_whom] <= times else Sent(f"message {of_whom}")

    return answer


def sending(answer: Callable[[str], Outcome]) -> Callable[[str], tuple[float, Outcome, bool]]:
    def send(recipient_id: str) -> tuple[float, Outcome, bool]:
        outcome = answer(recipient_id)
        return 0.0, outcome, isinstance(outcome, Sent)

    return send


async def sent(room: Room, campaign_id: str) -> tuple[Campaign, dict[str, Delivery]]:
    """A campaign to all users, sent to its end."""
    ended = await room.until_ended(await room.engine.send(await room.draft(campaign_id)))
    return ended, await rows_of(room, ended.key)


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(NOT_DECRYPTED, id="403 BadArgument"),
        pytest.param(UNKNOWN, id="403 Unknown"),
        pytest.param(answered(403), id="403"),
        pytest.param(answered(404, "NotFound"), id="404 NotFound"),
        pytest.param(answered(409, "Conflict"), id="409"),
        pytest.param(answered(302), id="302"),
        pytest.param(answered(407), id="407"),
        pytest.param(NO_CHAT, id="404 ConversationNotFound"),
    ],
)
def test_all_get_it_once_after_one_refusal_each(refusal: Outcome) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(first(1, refusal))
        await room.open(40)
        await room.begin()
        ended, rows = await sent(room, "news")
        assert ended.status is Status.COMPLETED
        assert {row.status for row in rows.values()} == {DeliveryStatus.SENT}
        assert room.channel.arrived == dict.fromkeys(rows, 1)
        assert len(rows) == 40
        await room.close()

    run(story)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_chat_that_is_not_found_for_some_seconds_is_asked_for_again(purpose: Purpose) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        tries: defaultdict[str, list[float]] = defaultdict(list)

        def not_found_for_six_seconds(whose: str) -> Outcome:
            tries[whose].append(clock.seconds)
            return NO_CHAT if clock.seconds - tries[whose][0] < 6.0 else Sent(f"message {whose}")

        await room.open(3)
        await room.begin()
        if purpose is Purpose.SEND:
            room.channel.answer = sending(not_found_for_six_seconds)
            ended, rows = await sent(room, "news")
        else:
            room.channel.answer = sending(lambda who: Sent(f"message {who}"))
            original, _ = await sent(room, "news")
            room.channel.changes = room.channel.deletes = not_found_for_six_seconds
            ended, rows = await followed(room, original, purpose)
        assert ended.status is Status.COMPLETED
        assert {row.status for row in rows.values()} == {DeliveryStatus.SENT}
        assert len(tries) == 3
        for times in tries.values():
            # Back-off, not one more try at once; and not the whole back-off either.
            assert 2 < len(times) <= STANDARD.max_attempts
        assert all([(await known(room, user_id)).reachable for user_id in rows])
        await room.close()

    run(story)


class Greeting(Personal):
    """A message that needs the name of everyone."""

    needs_profile = True


def test_a_chat_that_is_gone_when_the_name_is_read_is_opened_anew() -> None:
    """The name is read in the chat, so this is where it shows first."""

    async def story(clock: Clock) -> None:
        room = Room(clock, renderer=Greeting)

        def in_the_new_chat(who: str) -> Profile | Outcome:
            return Profile(name=f"Person {who}") if who in room.channel.opened else NO_CHAT

        room.channel.profiles = in_the_new_chat
        await room.open(0)
        await room.begin()
        for number in range(1, 4):
            await room.store.users.put(person(str(number), profile=Profile(), profile_known=False))
        ended, rows = await sent(room, "news")
        assert ended.status is Status.COMPLETED
        assert {row.status for row in rows.values()} == {DeliveryStatus.SENT}
        assert room.channel.arrived == dict.fromkeys(rows, 1)
        await room.close()

    run(story)


async def followed(
    room: Room, original: Campaign, purpose: Purpose
) -> tuple[Campaign, dict[str, Delivery]]:
    """The campaign's correction or recall, sent to its end."""
    makes = followup.recall if purpose is Purpose.RECALL else followup.correction
    draft = makes(original, purpose.value, author_id="author", now=room.clock.now())
    saved = await room.store.campaigns.add(draft)
    ended = await room.until_ended(await room.engine.send(saved))
    return ended, await rows_of(room, ended.key)


GONE = [
    pytest.param(403, "Unknown", "", TRIES_UNTIL_GONE, id="403 Unknown"),
    pytest.param(403, "ServiceError", "Unknown", TRIES_UNTIL_GONE, id="403 ServiceError Unknown"),
    pytest.param(400, "BadArgument", "not a known activity id", 1, id="400"),
    pytest.param(404, "ActivityNotFoundInConversation", "", 1, id="404"),
]


@pytest.mark.parametrize(("status", "code", "text", "tries"), GONE)
@pytest.mark.parametrize("purpose", [Purpose.CORRECT, Purpose.RECALL])
def test_messages_that_are_gone_end_no_correction_and_no_recall(
    purpose: Purpose, status: int, code: str, text: str, tries: int
) -> None:
    """Seven of nine people have deleted it."""
    call = Call.UPDATE if purpose is Purpose.CORRECT else Call.DELETE
    refusal = answered(status, code, text, call=call)

    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(lambda who: Sent(f"message {who}"))
        await room.open(9)
        await room.begin()
        original, _ = await sent(room, "news")

        def change(activity_id: str) -> Outcome:
            return Sent(activity_id) if activity_id in ("message 1", "message 2") else refusal

        room.channel.changes = room.channel.deletes = change
        ended, rows = await followed(room, original, purpose)
        assert ended.status is Status.COMPLETED
        assert len(rows) == 9
        kept = {user_id for user_id, row in rows.items() if row.status is DeliveryStatus.SENT}
        if purpose is Purpose.RECALL:
            assert kept == set(rows)
        else:
            assert kept == {"1", "2"}
            gone = {row.reason for user_id, row in rows.items() if user_id not in kept}
            assert gone == {Reason.MESSAGE_GONE}
        assert rows["9"].attempts == tries
        assert all([(await known(room, user_id)).reachable for user_id in rows])
        await room.close()

    run(story)


@pytest.mark.parametrize("purpose", [Purpose.CORRECT, Purpose.RECALL])
def test_a_message_that_is_unknown_for_a_moment_is_changed_all_the_same(purpose: Purpose) -> None:
    """Or else a message would be reported as recalled and stay in the chat."""

    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(lambda who: Sent(f"message {who}"))
        await room.open(3)
        await room.begin()
        original, _ = await sent(room, "news")
        call = Call.UPDATE if purpose is Purpose.CORRECT else Call.DELETE
        refusal = answered(403, "Unknown", call=call)
        changes = first(TRIES_UNTIL_GONE - 1, refusal)
        room.channel.changes = room.channel.deletes = changes
        _, rows = await followed(room, original, purpose)
        assert {row.status for row in rows.values()} == {DeliveryStatus.SENT}
        done = [*room.channel.updates, *room.channel.deleted]
        assert Counter(done) == {f"message {n}": TRIES_UNTIL_GONE for n in (1, 2, 3)}
        await room.close()

    run(story)


@pytest.mark.parametrize("purpose", [Purpose.CORRECT, Purpose.RECALL])
def test_a_real_failure_of_a_change_stays_one(purpose: Purpose) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(lambda who: Sent(f"message {who}"))
        await room.open(3)
        await room.begin()
        original, _ = await sent(room, "news")
        refusal = answered(403, "SomethingNew", call=Call.DELETE)
        room.channel.changes = room.channel.deletes = lambda _: refusal
        for day in range(3):
            ended, rows = await followed(room, original, purpose)
            assert ended.status is Status.COMPLETED
            found = {(row.status, row.reason) for row in rows.values()}
            assert found == {(DeliveryStatus.FAILED, Reason.REFUSED)}
            # That a message can't be changed says nothing about a new one.
            assert all([(await known(room, user_id)).reachable for user_id in rows])
            await room.store.campaigns.delete(ended.key)
            await room.store.ledger.drop(ended.key)
            await room.clock.sleep((day + 1) * DAY - clock.seconds)
        await room.close()

    run(story)


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        pytest.param(NO_CHAT, Reason.CONVERSATION_GONE, id="chat gone"),
        pytest.param(UNKNOWN, Reason.REFUSED, id="refused"),
    ],
)
def test_only_the_same_end_on_another_day_strikes_somebody_off(
    refusal: Outcome, reason: Reason
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(lambda who: refusal if who == "2" else Sent(f"message {who}"))
        await room.open(3)
        await room.begin()
        for campaign_id in ("first", "second"):
            _, rows = await sent(room, campaign_id)
            assert (rows["2"].status, rows["2"].reason) == (DeliveryStatus.FAILED, reason)
            assert rows["2"].attempts == STANDARD.max_attempts
            # The code is kept for whoever looks into it.
            assert rows["2"].trace[-1].answer.code == refusal.answer.code  # type: ignore[union-attr]
            assert (await known(room, "2")).reachable
        await clock.sleep(DAY - clock.seconds)
        _, rows = await sent(room, "next day")
        assert rows["2"].status is DeliveryStatus.FAILED
        struck_off = await known(room, "2")
        assert (struck_off.reachable, struck_off.unreachable_because) == (False, reason)
        assert all([(await known(room, user_id)).reachable for user_id in ("1", "3")])
        # Whatever they do brings them back, with nothing held against them.
        await room.contacts.seen(
            Sighting(tenant_id=TENANT, user_id="2", reference=person("2").reference, at=clock.now())
        )
        back = await known(room, "2")
        assert (back.reachable, back.last_failure) == (True, None)
        await sent(room, "after that")
        assert (await known(room, "2")).reachable
        await room.close()

    run(story)


def test_a_success_between_two_bad_days_counts() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        bad = True
        room.channel.answer = sending(lambda who: NO_CHAT if bad else Sent(f"message {who}"))
        await room.open(1)
        await room.begin()
        for day, bad in enumerate([True, False, True]):
            await sent(room, f"day {day}")
            user = await known(room, "1")
            assert user.reachable
            assert (user.last_failure is not None) == bad
            await clock.sleep((day + 1) * DAY - clock.seconds)
        await room.close()

    run(story)


def test_two_ends_a_moment_before_and_after_midnight_are_one_bad_moment() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(lambda _: NO_CHAT)
        await room.open(1)
        await room.begin()
        # The day begins at nine.
        await clock.sleep(14.5 * 3_600.0)
        await sent(room, "before")
        assert clock.now().day == 5
        await clock.sleep(15.5 * 3_600.0 - clock.seconds)
        await sent(room, "after")
        assert clock.now().day == 6
        assert (await known(room, "1")).reachable
        await room.close()

    run(story)


def test_an_app_that_the_organisation_switches_off_and_on_reaches_everybody_again() -> None:
    """No event tells of it, so whoever was struck off meanwhile would be for good."""

    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(lambda _: SWITCHED_OFF)
        await room.open(4)
        await room.begin()
        for day in range(3):
            _, rows = await sent(room, f"off {day}")
            found = {(row.status, row.reason, row.attempts) for row in rows.values()}
            assert found == {(DeliveryStatus.FAILED, Reason.DISABLED_BY_ADMIN, 1)}
            await clock.sleep((day + 1) * DAY - clock.seconds)
        room.channel.answer = sending(lambda who: Sent(f"message {who}"))
        _, rows = await sent(room, "on")
        assert {row.status for row in rows.values()} == {DeliveryStatus.SENT}
        assert len(rows) == 4
        await room.close()

    run(story)


def test_whoever_blocks_the_app_is_struck_off_at_once() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(
            lambda who: Unreachable(Reason.BLOCKED) if who == "2" else Sent(f"message {who}")
        )
        await room.open(3)
        await room.begin()
        await sent(room, "news")
        blocked = await known(room, "2")
        assert (blocked.reachable, blocked.unreachable_because) == (False, Reason.BLOCKED)
        await room.close()

    run(story)


@pytest.mark.parametrize(
    "stumble", [Transient(Reason.NOT_CONNECTED), Rejected(Reason.UNAUTHORISED)]
)
def test_what_a_fault_ended_has_a_full_round_of_tries_after_resume(stumble: Outcome) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(lambda _: stumble)
        await room.open(12)
        await room.begin()
        started = await room.engine.send(await room.draft())
        campaign = await until_paused(room, started)
        assert campaign.run.fault in (Fault.DOWN, Fault.SIGN_IN)
        await clock.sleep(25 * 3_600.0)
        # One more stumble each, of whatever kind.
        room.channel.answer = sending(first(1, Rejected(Reason.UNAUTHORISED)))
        await room.engine.resume(campaign.key)
        ended = await room.until_ended(campaign)
        assert ended.status is Status.COMPLETED
        rows = await rows_of(room, campaign.key)
        assert {row.status for row in rows.values()} == {DeliveryStatus.SENT}
        assert room.channel.arrived == dict.fromkeys(rows, 1)
        await room.close()

    run(story)


NO_SIGN_IN = Rejected(Reason.UNAUTHORISED)


@pytest.mark.parametrize("seconds", [2.0, 60.0, 3_600.0])
@pytest.mark.parametrize(("people", "served"), [(30, 10), (100, 30), (100, 60)])
def test_nobody_is_lost_by_a_sign_in_that_is_refused_after_some_have_got_it(
    people: int, served: int, seconds: float
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        began: list[float] = []

        def refused_for_a_while(who: str) -> Outcome:
            if room.channel.arrived.total() >= served:
                began.append(clock.seconds)
                if clock.seconds - began[0] < seconds:
                    return NO_SIGN_IN
            return Sent(f"message {who}")

        room.channel.answer = sending(refused_for_a_while)
        await room.open(people)
        await room.begin()
        ended = await room.until_ended(
            await room.engine.send(await room.draft()), seconds=3 * 3_600.0
        )
        rows = await rows_of(room, ended.key)
        assert {row.status for row in rows.values()} == {DeliveryStatus.SENT}
        assert room.channel.arrived == dict.fromkeys(rows, 1)
        await room.close()

    run(story)


@pytest.mark.parametrize("people", [1, 4, 8])
def test_a_few_people_are_not_lost_by_a_sign_in_that_is_refused_for_a_minute(people: int) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = sending(
            lambda who: NO_SIGN_IN if clock.seconds < 60.0 else Sent(f"message {who}")
        )
        await room.open(people)
        await room.begin()
        _, rows = await sent(room, "news")
        assert {row.status for row in rows.values()} == {DeliveryStatus.SENT}
        await room.close()

    run(story)


async def until_paused(room: Room, campaign: Campaign) -> Campaign:
    deadline = room.clock.seconds + 4_000.0
    while True:
        now = await room.store.campaigns.get(campaign.key)
        assert now is not None
        if now.status is Status.PAUSED:
            return now
        assert room.clock.seconds < deadline, now
        await room.clock.sleep(1.0)
