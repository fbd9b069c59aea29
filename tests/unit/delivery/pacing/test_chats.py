"""The calls in one conversation stay inside its limits, and little is remembered of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.pacing.chats import WINDOWS, Chats
from tests.fake_teams.limits import PER_CONVERSATION, SlidingWindows


@pytest.mark.parametrize(
    ("calls", "every", "wait"),
    [
        (6, 0.0, 0.0),
        (7, 0.0, 1.0),  # 7 in 1 s
        (8, 0.2, 0.6),  # 8 in 2 s
        (60, 0.4, 6.4),  # 60 in 30 s
        (59, 0.4, 0.0),
        (WINDOWS[-1][0], 2.0, 3600 - 2.0 * (WINDOWS[-1][0] - 1)),  # in an hour
    ],
)
def test_each_window_is_kept(calls: int, every: float, wait: float) -> None:
    conversations = Chats()
    for number in range(calls):
        conversations.note("a:1", number * every)
    assert conversations.wait("a:1", (calls - 1) * every) == pytest.approx(wait)
    assert conversations.wait("a:2", 0.0) == 0


@given(st.lists(st.tuples(st.integers(1, 80), st.floats(0, 900)), max_size=40))
@settings(deadline=None, max_examples=50)
def test_a_strict_service_never_refuses_a_call_that_had_room(
    bursts: list[tuple[int, float]],
) -> None:
    conversations, service = Chats(), SlidingWindows(PER_CONVERSATION)
    now = 0.0
    for calls, pause in bursts:
        for _ in range(calls):
            now += conversations.wait("a:1", now) + 1e-6
            assert conversations.wait("a:1", now) == 0
            assert service.wait("a:1", now) <= 0
            service.count("a:1", now)
            conversations.note("a:1", now)
        now += pause
        conversations.note("someone else", now)  # So that it sweeps.


def test_what_was_forgotten_and_what_is_remembered_fit_into_the_hour() -> None:
    """The worst case: as many calls as can be forgotten, then as many as may be made at once."""
    conversations, service = Chats(), SlidingWindows(PER_CONVERSATION)
    now = 0.0
    for call in range(20_000):
        now += max(conversations.wait("a:1", now), 30.0 if call < 118 else 0.0) + 1e-6
        conversations.note("someone else", now)
        assert service.wait("a:1", now) <= 0
        service.count("a:1", now)
        conversations.note("a:1", now)
        if now > 7200:
            break


def test_a_campaign_to_many_people_leaves_few_to_remember() -> None:
    conversations = Chats()
    most = 0
    for number in range(100_000):
        conversations.note(f"a:{number}", number / 50)
        most = max(most, len(conversations))
    assert most <= 3001
    conversations.note("a:last", 1e6)
    assert len(conversations) == 1


def test_of_a_busy_conversation_no_more_than_its_limit_is_remembered() -> None:
    conversations = Chats()
    for number in range(20_000):
        conversations.note("a:1", number * 1.0)
    assert conversations.wait("a:1", 19_999.0) == pytest.approx(3600 - (WINDOWS[-1][0] - 1))
    assert len(conversations._calls["a:1"]) <= 2 * WINDOWS[-1][0]
