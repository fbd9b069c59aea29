"""An admin whose draft can be scheduled."""

from __future__ import annotations

import pytest

from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.staff import MESSAGE, NAME
from tests.support.chats.chat import Bot, Person, write


@pytest.fixture
async def author(teams_service: FakeTeams, bot: Bot, administrator: FakeUser) -> Person:
    """The admin, looking at a draft that can be sent."""
    person = Person(teams_service, bot, administrator)
    await person.installs()
    await write(person, name=NAME, message=MESSAGE)
    return person
