"""Documents of campaigns that earlier versions kept side by side, without groups."""

from __future__ import annotations

import contextlib
from datetime import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.audience import (
    AllUsers,
    Audience,
    FrozenAudience,
    ListAudience,
    NewcomersAudience,
    ReceivedAudience,
    UnansweredAudience,
    WaitingAudience,
)
from campaigns.campaign import Campaign, CardPlace, Fault, Purpose, Status
from campaigns.delivery import PresenceWait
from campaigns.earlier import upgraded
from campaigns.schedule.recurrence import Every, Recurrence
from campaigns.schedule.schedule import Schedule
from cards.audiences import frozen_audience_name
from tests.support.examples import NOW, campaign

FLAT = {
    "replaced": {"message": "Before"},
    "missed": "nobody",
    "purpose": "correct",
    "followers": ["a", "b"],
    "poll": {"closed": True},
    "audience_name": "Managers",
    "sender_id": "sender",
    "started_at": "2026-03-01T14:00:00Z",
    "ended_at": "2026-03-01T15:00:00Z",
    "recipients": 7,
    "fault": "down",
    "reopened": True,
    "progress": {"user_id": "u", "activity_id": "1:2"},
}


def test_every_field_finds_its_group() -> None:
    document = msgspec.to_builtins(campaign("c", audience=ListAudience("l"), status=Status.PAUSED))
    for group in ("draft", "run", "follow_up", "survey_state"):
        del document[group]
    read = msgspec.convert(upgraded(document | FLAT), Campaign)
    assert read.draft.replaced is not None
    assert read.draft.replaced.message == "Before"
    assert read.follow_up.purpose is Purpose.CORRECT
    assert read.follow_up.followers == ("a", "b")
    assert read.survey_state.closed
    assert read.run.audience.name == "Managers"
    assert (read.run.sender_id, read.run.recipients) == ("sender", 7)
    assert read.run.started_at is not None
    assert read.run.ended_at is not None
    assert (read.run.fault, read.run.reopened) == (Fault.DOWN, True)
    assert read.run.progress == CardPlace("u", "1:2")
    assert read.audience == ListAudience("l")


def test_a_document_of_today_stays_as_it_is() -> None:
    document = msgspec.to_builtins(campaign("c"))
    assert upgraded(document) is document


@pytest.mark.parametrize(
    ("audience", "called", "kept"),
    [
        (None, "", FrozenAudience()),
        (AllUsers(), "", FrozenAudience()),
        (AllUsers(), "All users", FrozenAudience()),
        (ListAudience("l"), "All users", FrozenAudience(name="All users")),
        (ListAudience("l"), "Newcomers (3 people)", FrozenAudience(name="Newcomers (3 people)")),
        (NewcomersAudience("c"), "Newcomers (1 person)", FrozenAudience(people=1)),
        (NewcomersAudience("c"), "Newcomers", FrozenAudience()),
        (
            ReceivedAudience("c"),
            "Everyone who has the message (1,234 people)",
            FrozenAudience(people=1234),
        ),
        (UnansweredAudience("c"), "Those who have not answered", FrozenAudience()),
        (
            UnansweredAudience("c"),
            "Those who have not answered (0 people)",
            FrozenAudience(people=0),
        ),
        (
            WaitingAudience("c"),
            "Those who have not confirmed “Spring”",
            FrozenAudience(name="Spring"),
        ),
        (
            WaitingAudience("c"),
            "Those who have not confirmed “A “quoted” name”",
            FrozenAudience(name="A “quoted” name"),
        ),
        (WaitingAudience("c"), "Those who have not confirmed a deleted campaign", FrozenAudience()),
        (WaitingAudience("c"), "All users", FrozenAudience(called="All users")),
        (ReceivedAudience("c"), "Spring news", FrozenAudience(called="Spring news")),
    ],
)
def test_what_an_audience_was_called_becomes_its_name_and_number(
    audience: Audience | None, called: str, kept: FrozenAudience
) -> None:
    document = msgspec.to_builtins(campaign("c", audience=audience))
    for group in ("draft", "run", "follow_up", "survey_state"):
        del document[group]
    read = msgspec.convert(upgraded(document | {"audience_name": called}), Campaign)
    assert read.run.audience == kept
    # On cards it is called as before.
    assert frozen_audience_name(read) == (called or ("All users" if audience else ""))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just({"type": "list"}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*FLAT, "audience"]), ANYTHING))
def test_a_damaged_document_is_refused_by_the_decoder(damaged: dict[str, object]) -> None:
    document = msgspec.to_builtins(campaign("c"))
    for group in ("draft", "run", "follow_up", "survey_state"):
        del document[group]
    # The stores know this error, and name the place of the damage.
    with contextlib.suppress(msgspec.ValidationError):
        msgspec.convert(upgraded(document | FLAT | damaged), Campaign)


@pytest.mark.parametrize("called", ["Newcomers (, people)", f"Newcomers ({'9' * 5_000} people)"])
def test_a_number_that_is_none_is_kept_as_words(called: str) -> None:
    document = {"audience": {"type": "newcomers", "campaign_id": "c"}, "audience_name": called}
    assert upgraded(document)["run"]["audience"] == {"called": called}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Schedule(at=NOW, zone="UTC", scheduled_by="u"), "by"),
        (Recurrence(every=Every.WEEK, days=(0,), time_of_day=time(9), zone="UTC"), "at"),
        (PresenceWait(rounds=2), "runs"),
    ],
)
def test_a_field_with_a_new_name_is_stored_under_its_first_one(
    value: msgspec.Struct, name: str
) -> None:
    stored = msgspec.to_builtins(value)
    assert stored[name]
    assert msgspec.convert(stored, type(value)) == value
