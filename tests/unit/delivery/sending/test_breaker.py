"""When a campaign is paused by itself, and when not."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign import Fault
from campaigns.delivery import Attempt, Delivery
from campaigns.ledger.retry import Decision, Done, GiveUp, InDoubt, RetryAt
from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    Throttled,
    Transient,
    Unknown,
    Unreachable,
    outcome_tag,
)
from delivery.sending.breaker import (
    DOUBT_FOR,
    DOUBTS,
    FEWEST,
    MEMORY,
    NEARLY_ALL,
    SILENT_FOR,
    Breaker,
)
from delivery.sending.evidence import LASTED

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)

Step = tuple[Outcome, Decision]

SENT: Step = (Sent("1"), Done("1"))
BLOCKED: Step = (Unreachable(Reason.BLOCKED), GiveUp(reason=Reason.BLOCKED, unreachable=True))
STALE: Step = (Stale(), RetryAt(at=NOW, new_conversation=True))
GONE: Step = (Stale(), GiveUp(reason=Reason.CONVERSATION_GONE, unreachable=True))
NO_MESSAGE: Step = (Rejected(Reason.MESSAGE_GONE), GiveUp(reason=Reason.MESSAGE_GONE))
TOO_BIG: Step = (Rejected(Reason.TOO_BIG), GiveUp(reason=Reason.TOO_BIG))
MALFORMED: Step = (Rejected(Reason.BAD_REQUEST), GiveUp(reason=Reason.BAD_REQUEST))
WRONG_HOST: Step = (Rejected(Reason.WRONG_HOST), GiveUp(reason=Reason.WRONG_HOST))
EXPIRED: Step = (Rejected(Reason.UNAUTHORISED), RetryAt(at=NOW, new_token=True))
NO_SIGN_IN: Step = (Rejected(Reason.UNAUTHORISED), GiveUp(reason=Reason.UNAUTHORISED))
REFUSED: Step = (Transient(Reason.REFUSED), RetryAt(at=NOW))
REFUSED_FOR_GOOD: Step = (Transient(Reason.REFUSED), GiveUp(reason=Reason.REFUSED))
DOWN: Step = (Transient(Reason.NOT_CONNECTED), RetryAt(at=NOW))
DOWN_FOR_GOOD: Step = (Transient(Reason.NOT_CONNECTED), GiveUp(reason=Reason.NOT_CONNECTED))
ILL: Step = (Unknown(Reason.SERVER_ERROR), InDoubt(Reason.SERVER_ERROR))
THROTTLED: Step = (Throttled(1.0), RetryAt(at=NOW))
STUMBLED: Step = (Transient(Reason.INTERRUPTED), GiveUp(reason=Reason.INTERRUPTED))


def row(person: int) -> Delivery:
    return Delivery(recipient_id=str(person), due_at=NOW)


def watch(
    steps: Iterable[Step], *, people: int | None = None, every: float = 0.0
) -> Sequence[Fault | None]:
    """The breaker's answers to these, each about another person, so many seconds apart."""
    breaker = Breaker(people)
    return [
        breaker.observe(row(person), outcome, decision, NOW + timedelta(seconds=person * every))
        for person, (outcome, decision) in enumerate(steps)
    ]


def fault_in(steps: Iterable[Step], people: int, *, every: float = 0.0) -> Fault | None:
    """The first fault that is found."""
    return next(filter(None, watch(steps, people=people, every=every)), None)


# Of so many people, so many have this trouble, and the others get the message.
SHARES: list[tuple[str, Step, int, int, Fault | None]] = [
    # what it is, the trouble, how many have it, of how many people, the fault
    ("8 of 30 who are refused without a reason", REFUSED_FOR_GOOD, 8, 30, None),
    ("30 of 100", REFUSED_FOR_GOOD, 30, 100, None),
    ("32 of 40", REFUSED_FOR_GOOD, 32, 40, None),
    ("35 of 40 are not nearly everybody", REFUSED_FOR_GOOD, 35, 40, None),
    ("36 of 40 are", REFUSED_FOR_GOOD, 36, 40, Fault.DOWN),
    ("8 for whom the message is too big, with their names", TOO_BIG, 8, 30, None),
    ("8 who are malformed by something of theirs", MALFORMED, 8, 30, None),
    ("everybody, malformed", MALFORMED, 30, 30, Fault.REFUSED),
    ("everybody, too big", TOO_BIG, 30, 30, Fault.REFUSED),
    ("8 whose host refuses the sign-in", NO_SIGN_IN, 8, 30, None),
    ("everybody, sign-in", NO_SIGN_IN, 30, 30, Fault.SIGN_IN),
    ("everybody, with a foreign address", WRONG_HOST, 30, 30, Fault.DOWN),
    ("everybody, never connected", DOWN_FOR_GOOD, 30, 30, Fault.DOWN),
    ("a small campaign is paused, too", NO_SIGN_IN, 5, 5, Fault.SIGN_IN),
    ("with one who is served it is not", NO_SIGN_IN, 4, 5, None),
    ("9 of 10", MALFORMED, 9, 10, Fault.REFUSED),
    ("8 of 10", MALFORMED, 8, 10, None),
    ("a tiny campaign simply ends", MALFORMED, 4, 4, None),
    # What is about the person is no trouble of ours, however many they are.
    ("everybody has blocked the app", BLOCKED, 30, 30, None),
    # A chat that is not found may be found in the next minute: unless nearly all are lost for good.
    ("8 whose chats are gone", GONE, 8, 30, None),
    ("every chat is gone", GONE, 30, 30, Fault.DOWN),
    ("nobody has the message any more", NO_MESSAGE, 30, 30, None),
    ("everybody is asked to wait", THROTTLED, 30, 30, None),
    ("our own stumbles say nothing of Teams", STUMBLED, 30, 30, None),
    # A token that has just expired is refused many times at once, and the next one is good.
    ("an expired token", EXPIRED, 300, 300, None),
]


@pytest.mark.parametrize(
    ("step", "troubled", "people", "fault"),
    [row[1:] for row in SHARES],
    ids=[row[0] for row in SHARES],
)
def test_a_share_of_the_people_decides_in_whatever_order_they_come(
    step: Step, troubled: int, people: int, fault: Fault | None
) -> None:
    steps = [step] * troubled + [SENT] * (people - troubled)
    shuffled = list(steps)
    random.Random(1).shuffle(shuffled)
    for order in (steps, steps[::-1], shuffled):
        assert fault_in(order, people) is fault


@given(
    people=st.integers(FEWEST, MEMORY),
    share=st.floats(0, 1),
    kinds=st.lists(st.sampled_from([TOO_BIG, MALFORMED, NO_SIGN_IN, REFUSED_FOR_GOOD]), min_size=1),
    every=st.sampled_from([0.0, 0.02, 1.0]),
    dice=st.randoms(use_true_random=False),
)
def test_the_same_shares_give_the_same_verdict_in_any_order(
    people: int, share: float, kinds: list[Step], every: float, dice: random.Random
) -> None:
    troubled = round(people * share)
    steps = [kinds[number % len(kinds)] for number in range(troubled)]
    steps += [dice.choice([SENT, BLOCKED, NO_MESSAGE]) for _ in range(people - troubled)]
    dice.shuffle(steps)
    enough = troubled >= FEWEST and troubled * 100 >= people * NEARLY_ALL
    found = fault_in(steps, people, every=every)
    if every * people < SILENT_FOR.total_seconds():
        assert (found is not None) == enough
    elif enough:
        # Slower ones may also find that the sign-in was refused to everybody for a minute.
        assert found is not None


@given(
    people=st.integers(MEMORY, 5_000),
    share=st.floats(0, 1),
    dice=st.randoms(use_true_random=False),
)
def test_a_large_campaign_is_judged_by_its_latest_people(
    people: int, share: float, dice: random.Random
) -> None:
    steps = [MALFORMED if dice.random() < share else SENT for _ in range(people)]
    found = fault_in(steps, people)
    if share > 0.98:
        assert found is Fault.REFUSED
    if share < 0.75:
        assert found is None


def test_those_who_do_not_come_to_a_call_are_no_evidence_either_way() -> None:
    breaker = Breaker(40)
    breaker.left_out(30)
    answers = [breaker.observe(row(person), *MALFORMED, NOW) for person in range(9)]
    assert answers == [None] * 8 + [Fault.REFUSED]


def test_until_the_people_are_counted_it_takes_as_many_as_in_a_large_campaign() -> None:
    breaker = Breaker()
    assert not any(breaker.observe(row(person), *MALFORMED, NOW) for person in range(40))
    breaker.expect(10)
    breaker.expect(1_000)  # it is known by now
    assert breaker.observe(row(40), *MALFORMED, NOW) is None
    answers = [breaker.observe(row(person), *MALFORMED, NOW) for person in range(41, 45)]
    assert answers[-1] is Fault.REFUSED


def test_one_person_counts_once_and_with_what_is_known_last() -> None:
    breaker = Breaker(10)
    for _ in range(50):
        assert breaker.observe(row(1), *MALFORMED, NOW) is None
    for person in range(2, 10):
        assert breaker.observe(row(person), *MALFORMED, NOW) is (
            None if person < 9 else Fault.REFUSED
        )
    breaker = Breaker(10)
    for person in range(8):
        breaker.observe(row(person), *MALFORMED, NOW)
    breaker.observe(row(0), *SENT, NOW)  # tried again
    assert breaker.observe(row(8), *MALFORMED, NOW) is None
    assert breaker.observe(row(9), *MALFORMED, NOW) is Fault.REFUSED


@pytest.mark.parametrize(
    ("troubles", "fault"),
    [
        ({NO_SIGN_IN: 20, MALFORMED: 5, REFUSED_FOR_GOOD: 5}, Fault.SIGN_IN),
        ({NO_SIGN_IN: 5, MALFORMED: 20, REFUSED_FOR_GOOD: 5}, Fault.REFUSED),
        ({NO_SIGN_IN: 5, MALFORMED: 5, REFUSED_FOR_GOOD: 20}, Fault.DOWN),
    ],
)
def test_the_fault_is_the_one_that_most_people_speak_for(
    troubles: dict[Step, int], fault: Fault
) -> None:
    steps = [step for step, number in troubles.items() for _ in range(number)]
    random.Random(2).shuffle(steps)
    assert fault_in(steps, 30) is fault


# --- refusals whose meaning is not known


def refused_before(person: int, *ago: timedelta, reason: Reason = Reason.REFUSED) -> Delivery:
    tag = outcome_tag(Transient(reason))
    trace = tuple(Attempt(at=NOW - before, outcome=tag, reason=reason) for before in ago)
    return msgspec.structs.replace(row(person), trace=trace)


def begun_before(length: timedelta, people: int = 20) -> Breaker:
    breaker = Breaker(people)
    breaker.observe(row(99), *THROTTLED, NOW - length)
    return breaker


def test_a_refusal_of_unknown_meaning_counts_when_it_has_lasted() -> None:
    second = timedelta(seconds=1)
    for ago, fault in ((LASTED, Fault.DOWN), (LASTED - second, None)):
        breaker = begun_before(2 * LASTED)
        answers = [
            breaker.observe(refused_before(person, ago, second), *REFUSED, NOW)
            for person in range(20)
        ]
        assert next(filter(None, answers), None) is fault


def test_a_moment_in_which_everybody_is_refused_is_no_fault() -> None:
    assert not any(watch([REFUSED] * 2_000 + [SENT] * 2_000, people=4_000, every=0.02))


def test_another_answer_between_or_an_earlier_run_does_not_count() -> None:
    breaker = begun_before(2 * LASTED)
    other = outcome_tag(Throttled(None))
    for person in range(20):
        before = refused_before(person, 2 * LASTED)
        between = Attempt(at=NOW - LASTED / 2, outcome=other, reason=Reason.THROTTLED)
        tried = msgspec.structs.replace(before, trace=(*before.trace, between))
        assert breaker.observe(tried, *REFUSED, NOW) is None
    breaker = begun_before(LASTED / 2)
    for person in range(20):
        assert breaker.observe(refused_before(person, LASTED), *REFUSED, NOW) is None


# --- silence


@pytest.mark.parametrize(
    ("step", "fault"), [(DOWN, Fault.DOWN), (ILL, Fault.DOWN), (NO_SIGN_IN, Fault.SIGN_IN)]
)
def test_silence_counts_when_it_lasts_and_few_people_are_enough(step: Step, fault: Fault) -> None:
    seconds = SILENT_FOR.total_seconds()
    assert watch([step] * 6, every=seconds / 5) == [None] * 5 + [fault]
    assert not any(watch([step] * FEWEST, every=seconds / FEWEST))


@pytest.mark.parametrize("step", [DOWN, ILL])
def test_a_few_slow_answers_in_a_quiet_hour_are_no_outage(step: Step) -> None:
    assert not any(watch([step] * (FEWEST - 1), every=600))


def test_one_person_who_is_tried_again_and_again_is_no_outage() -> None:
    breaker = Breaker(3)
    for minute in range(15):
        for person in range(3):
            moment = NOW + timedelta(minutes=minute)
            assert breaker.observe(row(person), *DOWN, moment) is None


@pytest.mark.parametrize("between", [SENT, BLOCKED, THROTTLED, TOO_BIG, STALE, REFUSED])
def test_an_answer_shows_that_teams_is_there(between: Step) -> None:
    half = SILENT_FOR.total_seconds() / 2
    assert not any(watch([DOWN, DOWN, DOWN, between, DOWN, DOWN, DOWN], every=half))


def test_a_single_answer_among_many_does_not_hide_an_outage() -> None:
    one_in_25 = [*[DOWN] * 12, SENT, *[DOWN] * 12] * 10
    assert fault_in(one_in_25, 1_000, every=1.0) is Fault.DOWN
    assert fault_in([DOWN, DOWN, DOWN, SENT] * 100, 1_000, every=1.0) is None


def test_when_everybody_comes_into_doubt_it_pauses_early() -> None:
    """At 50 per second; the price of each further second is 50 people in doubt."""
    answers = watch([ILL] * 3_000, people=50_000, every=0.02)
    first = next(number for number, fault in enumerate(answers) if fault is not None)
    assert answers[first] is Fault.DOWN
    assert first <= 50 * DOUBT_FOR.total_seconds() + 1


def test_a_moment_that_puts_many_in_doubt_is_no_outage() -> None:
    """All connections break at once, and the next ones hold."""
    assert not any(watch([ILL] * 700 + [SENT] * 700, people=5_000, every=0.005))
    assert not any(watch([ILL] * (DOUBTS - 1) + [SENT] * 50, people=500, every=1.0))


def test_calls_that_did_not_leave_are_given_a_minute() -> None:
    seconds = SILENT_FOR.total_seconds()
    assert not any(watch([DOWN] * 1_000, every=seconds / 1_001))


def test_what_goes_well_never_makes_a_fault() -> None:
    breaker = Breaker(1_000)
    for person in range(30):
        breaker.observe(row(person), *ILL, NOW)
    assert breaker.observe(row(31), *SENT, NOW + 2 * SILENT_FOR) is None


def test_being_throttled_is_no_fault() -> None:
    assert not any(watch([THROTTLED] * 1_000, every=1.0))


def test_however_many_people_come_few_are_remembered() -> None:
    breaker = Breaker(1_000_000)
    for person in range(5_000):
        step = (ILL, DOWN, NO_SIGN_IN, SENT)[person % 4]
        breaker.observe(row(person), *step, NOW)
    for person in range(5_000):
        breaker.observe(row(person), *ILL, NOW)
    assert len(breaker._verdicts) <= MEMORY
    assert len(breaker._silence) <= MEMORY
    assert len(breaker._doubts) <= MEMORY
