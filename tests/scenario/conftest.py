"""The fake Teams service and, beside it, a bot that runs against it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fake_teams import FakeTeams, FakeUser, FakeWeb
from tests.support.chats.chat import PUBLIC_URL, TENANT, Bot, Person, running


@pytest.fixture
async def teams_service() -> AsyncIterator[FakeTeams]:
    """A fake service that refuses calls without a token of its sign-in."""
    async with FakeTeams(auth=True) as fake:
        yield fake


@pytest.fixture
def administrator(teams_service: FakeTeams) -> FakeUser:
    """The one admin, known to the bot by e-mail address."""
    [user] = teams_service.add_users(1, tenant=TENANT)
    return user


@pytest.fixture
def world_wide_web() -> FakeWeb | None:
    """The web in which the bot looks at pictures; None, unless a test module has one."""
    return None


@pytest.fixture
def public_url() -> str:
    """The bot's public address; when it is empty, links do not lead through the bot."""
    return PUBLIC_URL


@pytest.fixture
async def whole_bot(
    teams_service: FakeTeams,
    administrator: FakeUser,
    tmp_path: Path,
    world_wide_web: FakeWeb | None,
    public_url: str,
) -> AsyncIterator[Bot]:
    folder = tmp_path / "store"
    async with running(
        teams_service,
        folder,
        admin=administrator,
        pictures=world_wide_web,
        public_url=public_url,
    ) as bot:
        yield bot


@pytest.fixture
async def admin(teams_service: FakeTeams, whole_bot: Bot, administrator: FakeUser) -> Person:
    """The admin, who has just installed the app."""
    person = Person(teams_service, whole_bot, administrator)
    await person.installs()
    return person
