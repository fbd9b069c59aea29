"""When a pause by a fault is probed, and that a person's decision ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from campaigns import lifecycle, probing
from campaigns.campaign import Campaign, Fault, FaultPause, Run, Status
from campaigns.errors import NotPossible
from campaigns.probing import LEAST_PROBES, PROBED_FOR, SOON, WAITS
from tests.support.examples import campaign

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def sending() -> Campaign:
    return campaign("news", status=Status.SENDING, started_at=NOW, recipients=40)


def paused(fault: Fault = Fault.DOWN) -> Campaign:
    return lifecycle.pause(sending(), NOW, fault)


def pause_of(changed: Campaign) -> FaultPause:
    assert changed.run.fault_pause is not None
    return changed.run.fault_pause


@pytest.mark.parametrize(
    ("fault", "probe_at"),
    [(Fault.DOWN, NOW + WAITS[0]), (Fault.SIGN_IN, NOW + WAITS[0]), (Fault.REFUSED, None)],
)
def test_a_refused_message_is_not_probed_and_anything_else_is(
    fault: Fault, probe_at: datetime | None
) -> None:
    changed = paused(fault)
    assert pause_of(changed) == FaultPause(fault=fault, began_at=NOW, probe_at=probe_at)
    assert probing.is_taken_up(changed) == (probe_at is not None)


def test_what_a_person_pauses_is_not_probed() -> None:
    changed = lifecycle.pause(sending(), NOW)
    assert changed.run.fault_pause is None
    assert not probing.is_taken_up(changed)
    assert not probing.probe_is_due(changed, NOW + 100 * MINUTE)


def test_the_waits_grow_and_have_an_end() -> None:
    changed, now, waits = paused(), NOW, []
    while (probe_at := pause_of(changed).probe_at) is not None:
        assert not probing.probe_is_due(changed, probe_at - timedelta(seconds=1))
        assert probing.probe_is_due(changed, probe_at)
        waits.append(probe_at - now)
        now = probe_at
        changed = probing.probe_failed(changed, pause_of(changed), now)
    assert waits[: len(WAITS)] == list(WAITS)
    assert set(waits[len(WAITS) :]) == {WAITS[-1]}
    assert PROBED_FOR <= now - NOW < PROBED_FOR + WAITS[-1]
    assert changed.status is Status.PAUSED
    assert probing.has_news(changed)


def test_a_probe_that_told_nothing_is_made_again_after_the_same_wait() -> None:
    changed = probing.probe_told_nothing(paused(), pause_of(paused()), NOW + MINUTE)
    assert pause_of(changed).probe_at == NOW + MINUTE + WAITS[0]
    assert pause_of(changed).failed_probes == 0


def test_it_goes_on_by_itself_and_its_sender_is_to_be_told() -> None:
    told = probing.sender_told(paused(), pause_of(paused()), NOW)
    assert not probing.has_news(told)
    later = NOW + 3 * MINUTE
    changed = lifecycle.take_up(told, pause_of(told), later)
    assert (changed.status, changed.run.fault) == (Status.SENDING, None)
    assert pause_of(changed) == FaultPause(fault=Fault.DOWN, began_at=NOW, ended_at=later)
    assert probing.has_news(changed)
    assert not probing.probe_is_due(changed, later + 100 * MINUTE)


def test_a_pause_soon_after_another_one_goes_on_with_its_waits() -> None:
    changed, now = paused(), NOW
    for wait in WAITS[1:3]:
        now += MINUTE
        changed = lifecycle.pause(
            lifecycle.take_up(changed, pause_of(changed), now), now, Fault.DOWN
        )
        assert pause_of(changed).probe_at == now + wait
    went_on = lifecycle.take_up(changed, pause_of(changed), now)
    assert pause_of(lifecycle.pause(went_on, now + SOON, Fault.DOWN)).failed_probes == 0


@pytest.mark.parametrize(
    "decides",
    [
        lambda campaign: lifecycle.resume(campaign, NOW),
        lambda campaign: lifecycle.stop(campaign, NOW),
        lambda campaign: lifecycle.pause(campaign, NOW),
        # Resumed, and paused by another fault.
        lambda campaign: lifecycle.pause(lifecycle.resume(campaign, NOW), NOW + MINUTE, Fault.DOWN),
    ],
    ids=["resume", "stop", "pause", "another pause"],
)
def test_a_probes_result_does_not_count_when_a_person_has_decided(
    decides: Callable[[Campaign], Campaign],
) -> None:
    before = paused()
    decided = decides(before)
    for follows in (lifecycle.take_up, probing.probe_failed, probing.probe_told_nothing):
        with pytest.raises(NotPossible):
            follows(decided, pause_of(before), NOW + MINUTE)


def test_a_person_may_keep_it_paused_once() -> None:
    kept = lifecycle.pause(paused(Fault.SIGN_IN), NOW + MINUTE)
    assert (kept.status, kept.run.fault) == (Status.PAUSED, Fault.SIGN_IN)
    assert not probing.is_taken_up(kept)
    assert not probing.has_news(kept)
    with pytest.raises(NotPossible):
        lifecycle.pause(kept, NOW)
    with pytest.raises(NotPossible):
        lifecycle.pause(paused(Fault.REFUSED), NOW)
    with pytest.raises(NotPossible):
        lifecycle.pause(paused(), NOW, Fault.DOWN)


def test_a_clock_that_is_set_does_not_hide_a_probe() -> None:
    changed = paused()
    assert probing.probe_is_due(changed, NOW - timedelta(hours=1))
    assert probing.probe_is_due(changed, NOW + timedelta(days=400))


def test_news_are_noted_only_as_they_were_told() -> None:
    changed = paused()
    news = pause_of(changed)
    went_on = lifecycle.take_up(changed, news, NOW + MINUTE)
    assert probing.sender_told(went_on, news, NOW) == went_on
    assert probing.sender_told(lifecycle.resume(changed, NOW), news, NOW).run.fault_pause is None


def test_what_an_earlier_version_kept_opens_and_is_left_to_people() -> None:
    run = msgspec.json.decode(b'{"fault": "down", "recipients": 40}', type=Run)
    earlier = msgspec.structs.replace(paused(), run=run)
    assert run.fault_pause is None
    assert not probing.is_taken_up(earlier)
    assert not probing.has_news(earlier)
    assert lifecycle.resume(earlier, NOW).status is Status.SENDING


@pytest.mark.parametrize("ahead", [timedelta(days=1), timedelta(days=365)])
def test_a_clock_that_was_ahead_or_a_process_that_was_down_leaves_nothing_to_a_person(
    ahead: timedelta,
) -> None:
    changed = paused()
    for _ in range(LEAST_PROBES - 1):
        changed = probing.probe_failed(changed, pause_of(changed), NOW + ahead)
        assert probing.is_taken_up(changed)
    changed = probing.probe_failed(changed, pause_of(changed), NOW + ahead)
    assert not probing.is_taken_up(changed)
    assert probing.has_news(changed)
