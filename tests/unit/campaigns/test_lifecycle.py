"""The life of a campaign: each status, and the operations that it allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from campaigns import audience, drafting, lifecycle, readiness
from campaigns.audience import AllUsers, FrozenAudience
from campaigns.campaign import Campaign, Status
from campaigns.content import Content, Format
from campaigns.errors import NotPossible, RefusalDetails, RefusalKey
from campaigns.refusals.campaigns import CampaignRefusal
from campaigns.refusals.sending import Incomplete, Step
from tests.support.campaigns.statuses import LATER, NOW, draft, in_status

OPERATIONS: dict[str, Callable[[Campaign], Campaign]] = {
    "rename": lambda campaign: drafting.rename(campaign, "Summer", Format.SUCCESS, LATER),
    "write": lambda campaign: drafting.write(campaign, Content("Hi"), LATER),
    "keep": lambda campaign: drafting.keep(campaign, Content(""), LATER),
    "target": lambda campaign: drafting.target(campaign, AllUsers(), LATER),
    "start": lambda campaign: lifecycle.start(
        campaign, audience=FrozenAudience(name="Sales"), now=LATER
    ),
    "frozen": lambda campaign: lifecycle.frozen(campaign, 7, LATER),
    "pause": lambda campaign: lifecycle.pause(campaign, LATER),
    "resume": lambda campaign: lifecycle.resume(campaign, LATER),
    "stop": lambda campaign: lifecycle.stop(campaign, LATER),
    "wound_up": lambda campaign: lifecycle.wound_up(campaign, LATER),
    "complete": lambda campaign: lifecycle.complete(campaign, LATER),
    "reopen": lambda campaign: lifecycle.reopen(campaign, LATER),
}

# The status after each operation, by the status before; a dot: refused.
LIFECYCLE = """
            draft      scheduled  sending    paused     completed  stopped
rename      draft      .          .          .          .          .
write       draft      .          .          .          .          .
keep        draft      .          .          .          .          .
target      draft      .          .          .          .          .
start       sending    sending    .          .          .          .
frozen      .          .          sending    paused     .          stopped
pause       .          .          paused     .          .          .
resume      .          .          .          sending    .          .
stop        .          .          stopped    stopped    .          .
wound_up    .          .          .          .          .          stopped
complete    .          .          completed  .          .          .
reopen      .          .          .          .          sending    sending
"""


def lifecycle_rows() -> list[tuple[str, Status, Status | None]]:
    head, *rows = (line.split() for line in LIFECYCLE.strip().splitlines())
    return [
        (operation, Status(before), None if after == "." else Status(after))
        for operation, *cells in rows
        for before, after in zip(head, cells, strict=True)
    ]


def test_the_table_has_every_operation_and_every_status() -> None:
    rows = lifecycle_rows()
    assert {operation for operation, _, _ in rows} == set(OPERATIONS)
    assert {before for _, before, _ in rows} == set(Status)


@pytest.mark.parametrize(("operation", "before", "after"), lifecycle_rows())
def test_each_status_allows_what_the_table_says(
    operation: str, before: Status, after: Status | None
) -> None:
    campaign = in_status(before)
    if after is None:
        with pytest.raises(NotPossible) as refused:
            OPERATIONS[operation](campaign)
        assert isinstance(refused.value.refusal, RefusalKey | RefusalDetails)
    else:
        changed = OPERATIONS[operation](campaign)
        assert changed.status is after
        assert changed.updated_at == LATER
        assert (changed.key, changed.created_at) == (campaign.key, NOW)


@pytest.mark.parametrize("status", Status)
def test_a_campaign_that_is_being_sent_can_not_be_deleted(status: Status) -> None:
    if status in (Status.SENDING, Status.PAUSED):
        with pytest.raises(NotPossible):
            lifecycle.require_deletable(in_status(status))
    else:
        lifecycle.require_deletable(in_status(status))


def test_a_scheduled_campaign_says_how_it_can_be_changed() -> None:
    with pytest.raises(NotPossible) as refused:
        drafting.write(in_status(Status.SCHEDULED), Content("Hi"), LATER)
    assert refused.value.refusal is CampaignRefusal.SCHEDULED


def test_start_and_end_are_timed() -> None:
    sending = lifecycle.start(
        in_status(Status.DRAFT), audience=FrozenAudience(name="Sales"), now=NOW
    )
    assert (sending.run.started_at, sending.run.audience.name) == (NOW, "Sales")
    done = lifecycle.complete(lifecycle.frozen(sending, 7, NOW), LATER)
    assert (done.run.started_at, done.run.ended_at, done.run.recipients) == (NOW, LATER, 7)
    again = lifecycle.reopen(done, LATER)
    assert (again.run.started_at, again.run.ended_at, again.run.recipients) == (NOW, None, 7)


def test_a_stopped_campaign_has_ended_when_it_is_wound_up() -> None:
    stopped = lifecycle.stop(in_status(Status.SENDING), NOW)
    assert stopped.run.ended_at is None
    assert lifecycle.wound_up(stopped, LATER).run.ended_at == LATER


def test_a_campaign_is_not_completed_before_its_audience_is_frozen() -> None:
    """No delivery is open at first, because there is none yet."""
    sending = lifecycle.start(
        in_status(Status.DRAFT), audience=FrozenAudience(name="Sales"), now=NOW
    )
    with pytest.raises(NotPossible):
        lifecycle.complete(sending, LATER)
    assert lifecycle.complete(lifecycle.frozen(sending, 0, NOW), LATER).status is Status.COMPLETED


def test_a_campaign_stopped_while_being_frozen_is_not_reopened() -> None:
    """Else resending what is in doubt would freeze, and send to, the rest of the audience."""
    sending = lifecycle.start(
        in_status(Status.DRAFT), audience=FrozenAudience(name="Sales"), now=NOW
    )
    stopped = lifecycle.wound_up(lifecycle.stop(sending, NOW), NOW)
    with pytest.raises(NotPossible) as refused:
        lifecycle.reopen(stopped, LATER)
    assert refused.value.refusal is CampaignRefusal.RECIPIENTS_UNKNOWN
    assert lifecycle.reopen(lifecycle.frozen(stopped, 3, NOW), LATER).run.recipients == 3


def test_a_campaign_that_is_still_being_stopped_is_not_reopened() -> None:
    """Else deliveries that are about to be cancelled would be sent."""
    stopped = lifecycle.stop(in_status(Status.SENDING), NOW)
    with pytest.raises(NotPossible) as refused:
        lifecycle.reopen(stopped, LATER)
    assert refused.value.refusal is CampaignRefusal.STOPPING
    assert lifecycle.reopen(lifecycle.wound_up(stopped, NOW), LATER).status is Status.SENDING


@pytest.mark.parametrize(
    ("message", "audience", "steps"),
    [
        ("", None, [Step.WRITE_MESSAGE, Step.CHOOSE_RECIPIENTS]),
        ("\u200b", AllUsers(), [Step.WRITE_MESSAGE]),
        ("Hi [WHO]", AllUsers(), [Step.CORRECT_MESSAGE]),
        ("Hi", None, [Step.CHOOSE_RECIPIENTS]),
        ("Hi", AllUsers(), []),
    ],
)
def test_an_incomplete_campaign_says_what_is_missing_and_does_not_start(
    message: str, audience: audience.Audience | None, steps: list[Step]
) -> None:
    campaign = drafting.keep(draft(), Content(message), NOW)
    if audience is not None:
        campaign = drafting.target(campaign, audience, NOW)
    assert readiness.missing(campaign) == tuple(steps)
    if steps:
        with pytest.raises(NotPossible) as refused:
            lifecycle.start(campaign, audience=FrozenAudience(name="All"), now=NOW)
        assert refused.value.refusal == Incomplete(tuple(steps))
    else:
        assert (
            lifecycle.start(campaign, audience=FrozenAudience(name="All"), now=NOW).status
            is Status.SENDING
        )


class Lifecycle(RuleBasedStateMachine):
    """Whatever is pressed in whatever order, a campaign stays one that makes sense."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.campaign = draft()
        self.sent: tuple[Content, audience.Audience | None, str] | None = None
        self.first_start: datetime | None = None

    @rule(
        operation=st.sampled_from(sorted(OPERATIONS)),
        minutes=st.integers(min_value=0, max_value=90),
    )
    def attempt(self, operation: str, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        before = self.campaign
        steps: dict[str, Callable[[], Campaign]] = {
            "rename": lambda: drafting.rename(before, "Summer", Format.SUCCESS, self.now),
            "write": lambda: drafting.write(before, Content("Hi"), self.now),
            "keep": lambda: drafting.keep(before, Content("[WHO]"), self.now),
            "target": lambda: drafting.target(before, AllUsers(), self.now),
            "start": lambda: lifecycle.start(
                before, audience=FrozenAudience(name="All"), now=self.now
            ),
            "frozen": lambda: lifecycle.frozen(before, 7, self.now),
            "pause": lambda: lifecycle.pause(before, self.now),
            "resume": lambda: lifecycle.resume(before, self.now),
            "stop": lambda: lifecycle.stop(before, self.now),
            "wound_up": lambda: lifecycle.wound_up(before, self.now),
            "complete": lambda: lifecycle.complete(before, self.now),
            "reopen": lambda: lifecycle.reopen(before, self.now),
        }
        try:
            self.campaign = steps[operation]()
        except NotPossible:
            assert self.campaign is before
            return
        if operation == "start":
            assert self.sent is None, "started twice"
            self.sent = (self.campaign.content, self.campaign.audience, self.campaign.name)
            self.first_start = self.now

    @precondition(lambda self: self.campaign.status is Status.DRAFT)
    @rule()
    def make_ready(self) -> None:
        written = drafting.write(self.campaign, Content("Hello"), self.now)
        self.campaign = drafting.target(written, AllUsers(), self.now)

    @invariant()
    def what_was_sent_never_changes(self) -> None:
        campaign = self.campaign
        assert campaign.status.has_started == (self.sent is not None)
        if self.sent is not None:
            assert (campaign.content, campaign.audience, campaign.name) == self.sent
            assert campaign.run.started_at == self.first_start
            assert readiness.missing(campaign) == ()

    @invariant()
    def its_times_fit_its_status(self) -> None:
        campaign = self.campaign
        assert campaign.created_at <= campaign.updated_at <= self.now
        assert (campaign.run.started_at is not None) == campaign.status.has_started
        if campaign.run.ended_at is not None:
            assert campaign.status.has_ended
            assert campaign.run.started_at is not None
            assert campaign.run.started_at <= campaign.run.ended_at
        if campaign.status is Status.COMPLETED:
            assert campaign.run.ended_at is not None
            assert campaign.run.recipients is not None
        if not campaign.status.has_started:
            assert campaign.run.recipients is None


TestLifecycle = Lifecycle.TestCase


# Times


@pytest.mark.parametrize("operation", [*OPERATIONS, "draft"])
def test_a_time_without_a_zone_is_refused(operation: str) -> None:
    naive = NOW.replace(tzinfo=None)
    possible = next(
        (
            in_status(before)
            for name, before, after in lifecycle_rows()
            if name == operation and after
        ),
        draft(),
    )
    calls: dict[str, Callable[[], object]] = {
        "draft": lambda: drafting.draft(
            "t", "c", name="n", format=Format.IDEA, author_id="u", now=naive
        ),
        "rename": lambda: drafting.rename(possible, "n", Format.IDEA, naive),
        "write": lambda: drafting.write(possible, Content("Hi"), naive),
        "keep": lambda: drafting.keep(possible, Content("Hi"), naive),
        "target": lambda: drafting.target(possible, AllUsers(), naive),
        "start": lambda: lifecycle.start(possible, audience=FrozenAudience(), now=naive),
        "frozen": lambda: lifecycle.frozen(possible, 1, naive),
        "pause": lambda: lifecycle.pause(possible, naive),
        "resume": lambda: lifecycle.resume(possible, naive),
        "stop": lambda: lifecycle.stop(possible, naive),
        "wound_up": lambda: lifecycle.wound_up(possible, naive),
        "complete": lambda: lifecycle.complete(possible, naive),
        "reopen": lambda: lifecycle.reopen(possible, naive),
    }
    with pytest.raises(ValueError, match="without a time zone"):
        calls[operation]()


def test_a_stored_time_without_a_zone_is_refused() -> None:
    stored = msgspec.json.encode(draft())
    assert msgspec.json.decode(stored, type=Campaign) == draft()
    with pytest.raises(msgspec.ValidationError, match="without a time zone"):
        msgspec.json.decode(stored.replace(b"09:00:00Z", b"09:00:00"), type=Campaign)
