"""Results become durable, many with one write, and wait for a store that can't be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from campaigns.campaign import CampaignKey
from campaigns.delivery import Delivery
from cards.message.personal import Personal
from delivery.sending.running import RunningCampaign
from delivery.sending.settlements import ENOUGH, GATHER, Settlements
from delivery.supervision import Supervisor
from delivery.waiting import STORE_PAUSE
from storage.base import Store
from storage.errors import Damaged, StoreError, Unavailable
from tests.support.examples import NOW, campaign
from tests.support.virtual_time import VirtualTime, run


class Ledger:
    """Keeps what is written, and fails so often before."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.writes: list[tuple[CampaignKey, list[str]]] = []

    async def settle(self, key: CampaignKey, rows: Sequence[Delivery]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.writes.append((key, [row.recipient_id for row in rows]))


class Desk:
    """Settlements over such a ledger, and what they have told."""

    def __init__(self, clock: VirtualTime, *failures: Exception) -> None:
        self.ledger = Ledger(*failures)
        self.told: list[tuple[CampaignKey, int]] = []
        store: Any = type("_Store", (), {"ledger": self.ledger})()
        self.given_up: list[CampaignKey] = []
        self.settlements = Settlements(
            cast(Store, store),
            clock,
            Supervisor().crew(),
            lambda running, rows: self.told.append((running.key, rows)),
            lambda running, _: self.given_up.append(running.key),
        )


def running(campaign_id: str) -> RunningCampaign:
    example = campaign(campaign_id)
    return RunningCampaign(example, Personal(example))


def rows(count: int) -> list[Delivery]:
    return [Delivery(recipient_id=str(n), name="", email="", due_at=NOW) for n in range(count)]


def test_results_that_come_together_are_written_together() -> None:
    async def story(clock: VirtualTime) -> None:
        desk, news = Desk(clock), running("news")
        durable = [desk.settlements.put(news, row) for row in rows(3)]
        assert desk.settlements.unwritten == 3
        assert not any(event.is_set() for event in durable)
        began = clock.seconds
        await desk.settlements.finish()
        assert clock.seconds - began == pytest.approx(GATHER, abs=0.01)
        assert desk.ledger.writes == [(news.key, ["0", "1", "2"])]
        assert desk.told == [(news.key, 3)]
        assert desk.settlements.unwritten == 0
        assert all(event.is_set() for event in durable)

    run(story)


def test_each_campaign_has_a_write_of_its_own() -> None:
    async def story(clock: VirtualTime) -> None:
        desk = Desk(clock)
        for name in ("news", "offers"):
            for row in rows(2):
                desk.settlements.put(running(name), row)
        await desk.settlements.finish()
        assert [(key.campaign_id, ids) for key, ids in desk.ledger.writes] == [
            ("news", ["0", "1"]),
            ("offers", ["0", "1"]),
        ]

    run(story)


def test_enough_results_are_written_without_waiting_for_more() -> None:
    async def story(clock: VirtualTime) -> None:
        desk, news = Desk(clock), running("news")
        first, *_, last = [desk.settlements.put(news, row) for row in rows(ENOUGH + 1)]
        began = clock.seconds
        await first.wait()
        assert clock.seconds == began
        assert not last.is_set()
        await desk.settlements.finish()
        assert [len(ids) for _, ids in desk.ledger.writes] == [ENOUGH, 1]

    run(story)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (Unavailable("no connection"), GATHER + 2 * STORE_PAUSE),
        # Later and later: waiting does not mend a row.
        (Damaged("a row"), GATHER + STORE_PAUSE + 2 * STORE_PAUSE),
    ],
)
def test_no_result_is_given_up_while_the_store_does_not_take_it(
    error: StoreError, seconds: float
) -> None:
    async def story(clock: VirtualTime) -> None:
        desk, news = Desk(clock, error, error), running("news")
        began = clock.seconds
        desk.settlements.put(news, *rows(1))
        await desk.settlements.finish()
        assert clock.seconds - began == pytest.approx(seconds, abs=0.01)
        assert desk.ledger.writes == [(news.key, ["0"])]
        assert desk.told == [(news.key, 1)]

    run(story)


def test_a_write_that_meets_a_bug_is_made_again() -> None:
    async def story(clock: VirtualTime) -> None:
        desk, news = Desk(clock, RuntimeError("a bug"), RuntimeError("a bug")), running("news")
        durable = desk.settlements.put(news, *rows(1))
        await desk.settlements.finish()
        assert durable.is_set()
        assert desk.ledger.writes == [(news.key, ["0"])]
        assert desk.told == [(news.key, 1)]
        assert desk.settlements.unwritten == 0

    run(story)
