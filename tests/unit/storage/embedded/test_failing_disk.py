"""Each writing verb, with a disk that fails at each of its steps.

Done again, it ends as if the disk had served at once: in the running process, and after a restart.
When the process ends after the failure, the next one finds all of the change or nothing of it.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from campaigns.campaign import Status
from campaigns.delivery import DeliveryStatus
from campaigns.feedback.events import Event, EventKind
from campaigns.ledger import ledger as rows_of
from campaigns.outcome import Reason
from campaigns.surveys.answers import Answer, Response
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    SECOND,
    TENANT,
    campaign,
    ended,
    many,
    pending,
    people,
    template,
    user,
)
from tests.support.stores.disks import FailingDisk

pytestmark = pytest.mark.heavy

Work = Callable[[EmbeddedStore], Awaitable[object]]

DAY = date(2026, 3, 2)
GIVEN = Response("r1", {"q1": Answer(number=3)})
CLICK = Event(kind=EventKind.CLICK, at=NOW, recipient_id="a", detail="link")
NAMELESS = msgspec.structs.replace(CLICK, recipient_id="")


async def nothing(store: EmbeddedStore) -> None:
    pass


async def kept(store: EmbeddedStore) -> None:
    """A campaign with everything that belongs to one, and something of every other kind."""
    await store.campaigns.add(campaign(KEY.campaign_id, status=Status.COMPLETED))
    await store.campaigns.add(campaign("other"))
    await store.ledger.freeze(
        KEY, [pending("a"), pending("b"), pending("later", due_at=NOW + SECOND)]
    )
    await store.events.append(KEY, [CLICK, NAMELESS])
    await store.responses.record(KEY, "a", GIVEN, day=DAY, change=True)
    await store.users.put(user("u", email="old@example.com"))
    await store.lists.add(people("l"))
    await store.templates.add(template("t"))
    await store.secrets.get_or_keep("links", b"first")


async def claimed(store: EmbeddedStore) -> None:
    await kept(store)
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)


def settled(status: DeliveryStatus, reason: Reason | None = None) -> Work:
    async def work(store: EmbeddedStore) -> None:
        await claimed(store)
        await settle(store, status, reason)

    return work


async def settle(
    store: EmbeddedStore,
    status: DeliveryStatus = DeliveryStatus.SENT,
    reason: Reason | None = None,
) -> None:
    rows = [rows_of.claimed(pending(recipient_id), CLAIM) for recipient_id in ("a", "b")]
    results = [msgspec.structs.replace(ended(row, status), reason=reason) for row in rows]
    assert await store.ledger.settle(KEY, results) == {"a", "b"}


async def save(store: EmbeddedStore) -> None:
    before = campaign("other", revision=1)
    await store.campaigns.save(msgspec.structs.replace(before, name="Changed"))


VERBS: dict[str, tuple[Work, Work]] = {
    "put a user": (nothing, lambda store: store.users.put(user("u", email="a@example.com"))),
    "put a user again": (kept, lambda store: store.users.put(user("u", email="a@example.com"))),
    "change a user": (
        kept,
        lambda store: store.users.change(TENANT, "u", lambda _: user("u", locale="fr")),
    ),
    "add a campaign": (nothing, lambda store: store.campaigns.add(campaign("c"))),
    "save a campaign": (kept, save),
    "delete a campaign": (kept, lambda store: store.campaigns.delete(KEY)),
    "add a list": (kept, lambda store: store.lists.add(people("m"))),
    "delete a list": (kept, lambda store: store.lists.delete(TENANT, "l")),
    "add a template": (nothing, lambda store: store.templates.add(template("t"))),
    "freeze": (kept, lambda store: store.ledger.freeze(KEY, many(600))),
    "claim": (kept, lambda store: store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)),
    "settle": (claimed, settle),
    "cancel": (kept, lambda store: store.ledger.cancel(KEY, NOW)),
    "resend": (
        settled(DeliveryStatus.IN_DOUBT),
        lambda store: store.ledger.resend_in_doubt(KEY, NOW),
    ),
    "retry": (
        settled(DeliveryStatus.FAILED, Reason.TOO_BIG),
        lambda store: store.ledger.retry_failed(KEY, {Reason.TOO_BIG}, NOW),
    ),
    "drop deliveries": (kept, lambda store: store.ledger.drop(KEY)),
    "drop events": (kept, lambda store: store.events.drop(KEY)),
    "drop responses": (kept, lambda store: store.responses.drop(KEY)),
    "append events": (
        kept,
        lambda store: store.events.append(
            KEY,
            [
                msgspec.structs.replace(CLICK, at=NOW + SECOND),
                msgspec.structs.replace(CLICK, recipient_id="b"),
                msgspec.structs.replace(NAMELESS, at=NOW + SECOND),
            ],
        ),
    ),
    "record a response": (
        kept,
        lambda store: store.responses.record(
            KEY, "b", msgspec.structs.replace(GIVEN, id="r2"), day=DAY, change=True
        ),
    ),
    "change a response": (
        kept,
        lambda store: store.responses.record(
            KEY, "a", Response("r1", {"q1": Answer(number=5)}), day=DAY, change=True
        ),
    ),
    "keep a secret": (nothing, lambda store: store.secrets.get_or_keep("links", b"second")),
    "check": (kept, lambda store: store.check()),
}
"""What is there before, and the verb."""


async def everything(store: EmbeddedStore) -> Any:
    """All that is kept, without the order in which it came."""

    async def chunks(stream: Any) -> list[str]:
        values = [str(value) async for chunk in stream for value in chunk]
        return sorted(values)

    return {
        "users": await chunks(store.users.everyone()),
        "found": await store.users.by_emails(TENANT, ["a@example.com", "old@example.com"]),
        "campaigns": await store.campaigns.in_status(tuple(Status)),
        "lists": [str(document) async for document in store.lists.everything()],
        "templates": [str(document) async for document in store.templates.everything()],
        "secrets": await store.secrets.everything(),
        "deliveries": await chunks(store.ledger.rows(KEY)),
        "counts": await store.ledger.counts(KEY),
        "events": await chunks(store.events.rows(KEY)),
        "responses": await chunks(store.responses.rows(KEY)),
        "tally": +Counter(await store.responses.tally(KEY)),
        "people": await chunks(store.responses.people(KEY)),
        "days": await store.responses.days(KEY),
    }


async def opened(folder: Path, disk: FailingDisk) -> EmbeddedStore:
    store = EmbeddedStore(folder, files=disk)
    await store.open()
    return store


@pytest.fixture
async def before(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder as it is before the verb."""
    store = await opened(tmp_path / "before", FailingDisk())
    await VERBS[request.node.callspec.params["verb"]][0](store)
    await store.close()
    return tmp_path / "before"


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for a while"])
@pytest.mark.parametrize("verb", VERBS)
async def test_a_verb_that_failed_at_any_step_ends_the_same_when_it_is_done_again(
    tmp_path: Path, before: Path, verb: str, after: bool, lasting: bool
) -> None:
    _, work = VERBS[verb]
    there = await _state(before)
    reference = shutil.copytree(before, tmp_path / "reference")
    store = await opened(reference, FailingDisk())
    await work(store)
    wanted = await everything(store)
    await store.close()
    at = 0
    while True:
        folder = shutil.copytree(before, tmp_path / "folder")
        disk = FailingDisk()
        store = await opened(folder, disk)
        disk.fail(at, after=after, lasting=lasting)
        try:
            await work(store)
        except StoreError:
            if verb in WHOLE and not lasting:
                assert await _state(folder) in (there, wanted), (at, disk.steps)
            failed = True
        else:
            failed = False
        reached, steps = disk.failed, disk.steps
        disk.heal()
        if failed:
            await work(store)
        if not verb.startswith("delete a campaign"):
            # Its files may go a minute later.
            assert await everything(store) == wanted, (at, steps)
        await store.close()
        assert await _state(folder) == wanted, (at, steps)
        shutil.rmtree(folder)
        if not reached:
            break
        at += 1
    assert at > 1 or verb == "check"


WHOLE = VERBS.keys() - {
    # These take several writes. A crash between two leaves what the same verb completes.
    "freeze",
    "append events",
    "record a response",
    "drop events",
    "drop responses",
}


async def _state(folder: Path) -> Any:
    """What a process finds that opens the folder next; the folder stays as it is."""
    copy = shutil.copytree(folder, folder.with_name("copy"))
    store = await opened(copy, FailingDisk())
    state = await everything(store)
    await store.close()
    shutil.rmtree(copy)
    return state
