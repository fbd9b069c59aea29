"""Documents of campaigns that earlier versions kept side by side, without groups."""

from __future__ import annotations

import msgspec

from campaigns.audience import ListAudience
from campaigns.campaign import Campaign, CardPlace, Fault, Purpose, Status
from campaigns.earlier import upgraded
from tests.support.examples import campaign

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
