"""Readiness, which anybody may ask for as often as they like."""

from __future__ import annotations

import asyncio

import pytest

from bot.readiness import FAILING_ASKED_EVERY, STORE_ASKED_EVERY, SharedCheck, reasons, store_check
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError


class Looks:
    """A check that counts the looks, and takes as long as a test wants."""

    def __init__(self) -> None:
        self.count = 0
        self.go = asyncio.Event()
        self.go.set()
        self.now = 100.0
        self.failing = True
        self.error: Exception | None = None

    async def __call__(self) -> str:
        self.count += 1
        number = self.count
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return f"look {number}" if self.failing else ""

    def clock(self) -> float:
        return self.now


async def test_all_who_ask_within_two_seconds_share_one_look() -> None:
    looks = Looks()
    looks.failing = False
    check = SharedCheck(looks, 2.0, looks.clock)
    assert await asyncio.gather(*(check() for _ in range(1_000))) == [""] * 1_000
    looks.now += 1.75
    await check()
    assert looks.count == 1
    looks.now += 0.25
    await check()
    assert looks.count == 2


async def test_what_fails_is_looked_at_again_sooner() -> None:
    looks = Looks()
    check = SharedCheck(looks, 2.0, looks.clock)
    assert await asyncio.gather(*(check() for _ in range(1_000))) == ["look 1"] * 1_000
    looks.now += FAILING_ASKED_EVERY
    looks.failing = False
    assert await check() == ""
    assert looks.count == 2


async def test_a_look_with_a_fault_of_ours_is_not_the_last_one() -> None:
    looks = Looks()
    looks.error = ZeroDivisionError()
    check = SharedCheck(looks, 2.0, looks.clock)
    with pytest.raises(ZeroDivisionError):
        await check()
    looks.error = None
    looks.now += FAILING_ASKED_EVERY
    assert await check() == "look 2"


async def test_a_look_that_hangs_is_the_only_one() -> None:
    looks = Looks()
    looks.go.clear()
    check = SharedCheck(looks, 2.0, looks.clock)
    first = asyncio.create_task(check())
    await asyncio.sleep(0)
    first.cancel()  # as a caller does who waits no longer
    await asyncio.gather(first, return_exceptions=True)
    looks.now += 60.0
    others = asyncio.gather(*(check() for _ in range(10)))
    await asyncio.sleep(0)
    looks.go.set()
    assert await others == ["look 1"] * 10
    assert looks.count == 1


async def test_the_store_is_not_asked_for_each_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def full(store: EmbeddedStore) -> None:
        nonlocal asked
        asked += 1
        raise StoreError("The disk is full.")

    monkeypatch.setattr(EmbeddedStore, "check", full)
    assert STORE_ASKED_EVERY >= 1.0
    check = store_check(EmbeddedStore(None), every=3_600.0)
    answers = [await reasons({"store": check}) for _ in range(20)]
    assert answers == [{"store": "The disk is full."}] * 20
    assert asked == 1
