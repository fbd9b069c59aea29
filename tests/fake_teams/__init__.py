"""The fake Teams service: everything outside the bot that it talks to, on loopback.

In a test::

    async with FakeTeams() as fake:
        [user] = fake.add_users(1)
        fake.script(user.conversation_id, [Reply(429, retry_after=1)])
        ...
        assert [post.status for post in fake.received] == [429, 201]

As a process of its own: ``python -m tests.fake_teams --help``.
"""

from tests.fake_teams.exchange import Received
from tests.fake_teams.faults import CutOff, Fault, Reply, Slow
from tests.fake_teams.identity import Identity, TokenAnswer
from tests.fake_teams.people import FakeUser
from tests.fake_teams.server import Delivered, FakeTeams
from tests.fake_teams.web import FakeWeb, Page, png

__all__ = [
    "CutOff",
    "Delivered",
    "FakeTeams",
    "FakeUser",
    "FakeWeb",
    "Fault",
    "Identity",
    "Page",
    "Received",
    "Reply",
    "Slow",
    "TokenAnswer",
    "png",
]
