"""An admin of the bot whose clock can be moved."""

from __future__ import annotations

import pytest

from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chats.chat import Bot, Person


@pytest.fixture
async def admin(teams_service: FakeTeams, bot: Bot, administrator: FakeUser) -> Person:
    person = Person(teams_service, bot, administrator)
    await person.installs()
    return person
