"""All of an embedded store is moved into a database."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from campaigns.report import Counts
from campaigns.surveys.answers import Response
from storage.base import Recorded, Store
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from storage.postgres.store import PostgresStore
from storage.transfer import move
from tests.support.examples import (
    KEY,
    NOW,
    OTHER_TENANT,
    TENANT,
    campaign,
    template,
    user,
)
from tests.support.stores.moves import (
    ASKED,
    EVENTS,
    LIKED,
    PEOPLE,
    SENDING,
    SENT,
    SIGNS,
    TOLD,
    UNLIKED,
    moved,
    require_not_marked,
)


async def test_everything_is_there_as_it_was(folder: Path, target: PostgresStore) -> None:
    assert await moved(folder, target) == TOLD
    assert await target.ledger.counts(KEY) == Counts(success=10, in_doubt=5, ongoing=1_188)
    kept = await target.campaigns.get(KEY)
    assert kept == msgspec.structs.replace(SENDING, revision=1)
    assert [
        kept_list.revision
        for kept_list in (await target.lists.page(TENANT, offset=0, limit=9)).items
    ] == [2]
    kept_template = await target.templates.get(OTHER_TENANT, "t")
    assert kept_template == msgspec.structs.replace(
        template("t", OTHER_TENANT, name="There"), revision=1
    )
    gone = await target.users.get(TENANT, "gone")
    assert gone is not None
    assert not gone.reachable
    # Deliveries that were claimed when the process ended are in doubt for the next one.
    await target.leases.beat("me", seconds=10.0, wanted=[], now=NOW)
    assert len(await target.ledger.abandoned(KEY, NOW, holder="me")) == 5


async def test_what_came_back_is_there_in_its_order(folder: Path, target: PostgresStore) -> None:
    await moved(folder, target)
    engagement = await target.events.engagement(KEY)
    assert (engagement.clicks, engagement.clicked) == (2 * 1_203 + 7, 1_203)
    assert engagement.reactions == {"like": 1}
    found = await target.events.by_recipient(KEY, [LIKED, UNLIKED])
    assert {person: list(own) for person, own in found.items()} == {
        person: [event for event in EVENTS if event.recipient_id == person]
        for person in (LIKED, UNLIKED)
    }
    assert (await target.events.engagement(SENT.key)).read == 1


async def test_who_has_answered_does_not_answer_again(folder: Path, target: PostgresStore) -> None:
    await moved(folder, target)
    again = await target.responses.record(
        KEY, PEOPLE[7], Response("another", {}), day=date(2026, 3, 5), change=True
    )
    assert again is Recorded.ELSEWHERE
    assert await target.surveys.get(TENANT, "s") == msgspec.structs.replace(ASKED, revision=1)


async def test_links_that_people_have_stay_good(folder: Path, target: PostgresStore) -> None:
    await target.secrets.get_or_keep("links", b"of a bot that was only started")
    await moved(folder, target)
    assert await target.secrets.get_or_keep("links", b"another") == SIGNS


async def test_a_folder_without_a_key_leaves_no_key_of_a_bot_that_was_only_started(
    tmp_path: Path, target: PostgresStore
) -> None:
    source = EmbeddedStore(tmp_path / "data")
    await source.open()
    await source.users.put(user("u1"))
    await source.close()
    await target.secrets.get_or_keep("links", b"of a bot that was only started")
    await moved(tmp_path / "data", target)
    assert await target.secrets.everything() == {}
    assert await target.users.get(TENANT, "u1") == user("u1")


async def test_links_that_people_have_from_the_database_stay_good_too(
    folder: Path, target: PostgresStore
) -> None:
    await target.secrets.get_or_keep("links", b"of a bot that has sent")
    await target.campaigns.add(campaign("another"))
    with pytest.raises(StoreError, match="another key"):
        await moved(folder, target)
    assert await target.secrets.get_or_keep("links", b"") == b"of a bot that has sent"
    assert await target.users.get(TENANT, "u1") is None
    await require_not_marked(folder)


class Watched(EmbeddedStore):
    """A store that remembers which of its parts were asked for."""

    def __init__(self, folder: Path) -> None:
        self.asked_for: set[str] = set()
        super().__init__(folder, moving_out=True)

    def __getattribute__(self, name: str) -> Any:
        asked_for: set[str] = super().__getattribute__("__dict__").get("asked_for", set())
        asked_for.add(name)
        return super().__getattribute__(name)


async def test_nothing_that_a_store_keeps_is_forgotten(folder: Path, target: PostgresStore) -> None:
    source = Watched(folder)
    await source.open()
    source.asked_for.clear()
    await move(source, target, lambda _: None)
    asked_for = frozenset(source.asked_for)
    await source.close()
    keeps = {name for name, member in vars(Store).items() if isinstance(member, property)}
    # Leases and answers that are under way end with the processes.
    assert keeps - asked_for == {"leases", "inbox"}
