"""An admin whose draft can be scheduled."""

from __future__ import annotations

import pytest

from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chat import Bot, Person, write
from tests.support.staff import MESSAGE, NAME


@pytest.fixture
async def author(teams_service: FakeTeams, bot: Bot, administrator: FakeUser) -> Person:
    """The admin, looking at a draft that can be sent."""
    person = Person(teams_service, bot, administrator)
    await person.installs()
    await write(person, name=NAME, message=MESSAGE)
    return person
