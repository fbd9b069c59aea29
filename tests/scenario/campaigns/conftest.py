"""A clock that tests can move, and a bot that goes by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chats.chat import Bot, running
from tests.support.chats.clocks import MovedClock


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def bot(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path, clock: MovedClock
) -> AsyncIterator[Bot]:
    """A bot at the allowed rate, unlike ``whole_bot``, which sends faster."""
    async with running(
        teams_service, tmp_path / "store", admin=administrator, clock=clock, rate_per_second=50.0
    ) as bot:
        yield bot
