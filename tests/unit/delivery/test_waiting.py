"""Waiting for the store: told when it begins, once a minute, and when it is over."""

from __future__ import annotations

import logging

import pytest

from delivery.waiting import Waiting
from storage.errors import StoreError
from tests.support.virtual_time import VirtualTime

FULL = StoreError("x can't be written: No space left on device.")


def test_a_night_with_a_full_disk_is_a_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = VirtualTime()
    waiting = Waiting(logging.getLogger("test"), clock, "results")
    with caplog.at_level(logging.INFO, "test"):
        waiting.over()
        for _ in range(600):
            waiting.still("3 results wait for the store", FULL)
            clock.seconds += 1.0
        waiting.over()
        waiting.over()
    first, *others, last = caplog.messages
    assert first == f"3 results wait for the store: {FULL}"
    assert others == [first] * 9
    assert last == "results: the store serves again, after 600 s"


def test_a_second_trouble_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = VirtualTime()
    waiting = Waiting(logging.getLogger("test"), clock, "results")
    with caplog.at_level(logging.WARNING, "test"):
        for _ in range(2):
            waiting.still("results wait", FULL)
            clock.seconds += 1.0
            waiting.over()
    assert len(caplog.messages) == 2
