"""Asking Microsoft Graph what the directory knows of people."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from campaigns.outcome import Reason, Rejected, Throttled, Transient, Unknown
from campaigns.user import Details
from teams.graph import BATCH, Graph
from teams.tokens import NoToken
from tests.fake_teams import FakeTeams, Reply

TENANT = "tenant-1"


@pytest.fixture
async def fake() -> AsyncIterator[FakeTeams]:
    async with FakeTeams() as fake:
        yield fake


@pytest.fixture
async def graph(fake: FakeTeams) -> AsyncIterator[Graph]:
    async with Graph(lambda tenant: NoToken(), fake.graph_url) as graph:
        yield graph


async def test_twenty_people_are_one_call_and_each_is_told_apart(
    fake: FakeTeams, graph: Graph
) -> None:
    people = fake.add_users(BATCH)
    for number, user in enumerate(people):
        user.department, user.city = f"Department {number}", "Zürich"
    people[3].in_directory = False
    found, kept = await graph.details(TENANT, [user.id for user in people])
    assert kept is None
    assert found[people[0].id] == Details(department="Department 0", city="Zürich")
    assert found[people[3].id] == Details()
    assert len(found) == BATCH
    assert sum("$batch" in call for call in fake.graph.calls) == 1


async def test_one_that_is_throttled_leaves_the_others_found(fake: FakeTeams, graph: Graph) -> None:
    people = fake.add_users(3)
    fake.graph.inner_script.append(Reply(429, "TooManyRequests", retry_after=7))
    found, kept = await graph.details(TENANT, [user.id for user in people])
    assert found.keys() == {people[0].id, people[1].id}
    assert isinstance(kept, Throttled)
    assert kept.retry_after == 7


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(429, retry_after=3), Throttled),
        (Reply(503), Unknown),
        (Reply(401), Rejected),
        (Reply(403, "Authorization_RequestDenied"), Rejected),
        (Reply(200, body={"odd": []}), Transient),
    ],
)
async def test_what_is_no_answer_is_told_by_its_kind(
    fake: FakeTeams, graph: Graph, reply: Reply, kind: type
) -> None:
    [user] = fake.add_users(1)
    fake.graph.script.extend([reply, reply])
    found, kept = await graph.details(TENANT, [user.id])
    assert found == {}
    assert isinstance(kept, kind)
    if reply.status in (401, 403):
        assert isinstance(kept, Rejected)
        assert kept.reason is Reason.UNAUTHORISED
    pages = [page async for page in graph.everyone(TENANT)]
    assert [(page[0], type(page[1])) for page in pages] == [({}, kind)]


async def test_everyone_is_read_page_by_page(fake: FakeTeams, graph: Graph) -> None:
    people = fake.add_users(25)
    fake.graph.largest_page = 10
    for user in people:
        user.job_title = f"Head of {user.given_name}"
    found: dict[str, Details] = {}
    async for page, kept in graph.everyone(TENANT):
        assert kept is None
        found |= page
    assert found == {user.id: Details(job_title=user.job_title) for user in people}
    assert len(fake.graph.calls) == 3


async def test_a_next_page_elsewhere_is_not_followed(fake: FakeTeams, graph: Graph) -> None:
    body = {"value": [], "@odata.nextLink": "https://evil.example/v1.0/users"}
    fake.graph.script.append(Reply(200, body=body))
    *_, (_, kept) = [page async for page in graph.everyone(TENANT)]
    assert isinstance(kept, Rejected)
    assert kept.reason is Reason.WRONG_HOST


async def test_nothing_that_listens_is_no_failure_of_ours(fake: FakeTeams) -> None:
    async with Graph(lambda tenant: NoToken(), "http://127.0.0.1:9") as graph:
        found, kept = await graph.details(TENANT, ["x"])
    assert found == {}
    assert isinstance(kept, Transient)
