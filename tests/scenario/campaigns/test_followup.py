"""What can be done after a campaign was sent: correcting it, taking it back, sending it to
newcomers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from campaigns.campaign import Campaign, Purpose, Status
from campaigns.delivery import DeliveryStatus
from campaigns.outcome import Reason
from tests.fake_teams import FakeTeams, FakeUser, Received, Reply
from tests.support.chat import (
    TENANT,
    Bot,
    Person,
    buttons,
    card_of,
    counts,
    running,
    send,
    texts,
    until_stored,
    write,
)
from tests.support.staff import MESSAGE, NAME, MovedClock, accounts, got, rows, sends, staff

PEOPLE = 60
CORRECTED = "Hello [FIRSTNAME], the office is closed on Monday."


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def bot(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path, clock: MovedClock
) -> AsyncIterator[Bot]:
    async with running(
        teams_service, tmp_path / "store", admin=administrator, clock=clock, rate_per_second=50.0
    ) as bot:
        yield bot


@pytest.fixture
async def admin(teams_service: FakeTeams, bot: Bot, administrator: FakeUser) -> Person:
    person = Person(teams_service, bot, administrator)
    await person.installs()
    return person


async def sent_to_everyone(fake: FakeTeams, bot: Bot, admin: Person) -> list[FakeUser]:
    """A campaign to everyone, the admin included, who looks at its report."""
    people = await staff(fake, bot, PEOPLE - 1)
    await write(admin, name=NAME, message=MESSAGE)
    await send(admin)
    assert counts(admin.card)["Success"] == PEOPLE
    return [*people, admin.user]


async def follower(bot: Bot, purpose: Purpose) -> Campaign:
    """The one campaign that does this to another one."""
    page = await bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=50)
    [found] = [of for of in page.items if of.follow_up.purpose is purpose]
    return found


async def until_ended(bot: Bot, purpose: Purpose) -> Campaign:
    async def there() -> Campaign | None:
        of = await follower(bot, purpose)
        return of if of.run.ended_at is not None else None

    return await until_stored(there, f"the end of the {purpose.value}")


async def correct(admin: Person, message: str = CORRECTED) -> None:
    """From the report to the confirmed correction."""
    await admin.presses("Follow up")
    await admin.presses("Correct")
    await admin.presses("Next: preview", message=message)
    await admin.presses("Done")
    await admin.presses("Correct it for everyone")
    [yes] = [title for title in buttons(admin.card) if title.startswith("Yes, correct it for ")]
    await admin.presses(yes)


async def recall(admin: Person) -> None:
    """From the report to the confirmed recall."""
    await admin.presses("Follow up")
    await admin.presses("Recall")
    [yes] = [title for title in buttons(admin.card) if title.startswith("Yes, recall it from ")]
    await admin.presses(yes)


def changes(fake: FakeTeams, call: str, people: list[FakeUser]) -> dict[str, Received]:
    """The last such call about a campaign's message in each of these chats, by chat."""
    chats = {person.conversation_id for person in people}
    firsts = {post.conversation_id: post.activity_id for post in sends(fake)}
    return {
        post.conversation_id: post
        for post in fake.received
        if post.call == call
        and post.conversation_id in chats
        and post.activity_id == firsts[post.conversation_id]
    }


async def test_a_correction_changes_every_message_in_place_and_notifies_nobody(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    before = len(sends(teams_service))
    await correct(admin)
    correction = await until_ended(bot, Purpose.CORRECT)

    updates = changes(teams_service, "update", people)
    assert len(updates) == PEOPLE
    for person in people:
        shown = texts(card_of(updates[person.conversation_id]))
        assert f"Hello {person.given_name}, the office is closed on Monday." in shown
        assert shown[-1] == "Edited"
    assert len(sends(teams_service)) == before
    tallied = await bot.store.ledger.counts(correction.key)
    assert (tallied.recipients, tallied.success) == (PEOPLE, PEOPLE)

    await admin.says("campaigns")
    [shelf] = [title for title in buttons(admin.card) if title.startswith("Completed (2)")]
    await admin.presses(shelf)
    assert any(line.startswith("Correction · 60 people") for line in texts(admin.card))


async def test_a_second_correction_begins_with_what_people_have_now(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await correct(admin)
    await until_ended(bot, Purpose.CORRECT)
    admin.card, admin.card_id = report
    await admin.presses("Follow up")
    assert "Correction" in texts(admin.card)
    await admin.presses("Correct")
    [field] = [part for part in admin.card["body"] if part.get("id") == "message"]
    assert field["value"] == CORRECTED


async def test_who_can_not_be_corrected_is_named_with_the_reason_and_passing_trouble_is_repeated(
    teams_service: FakeTeams, bot: Bot, admin: Person, clock: MovedClock
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    blocked, deleted, busy, cut = people[:4]
    ids = {post.conversation_id: post.activity_id for post in sends(teams_service)}
    blocked.installed = False
    teams_service.lose_message(ids[deleted.conversation_id])
    teams_service.script(busy.conversation_id, [Reply(502)])
    teams_service.script(cut.conversation_id, [Reply(503, done=True)])
    await correct(admin)

    async def tried() -> bool:
        of = await follower(bot, Purpose.CORRECT)
        return (await bot.store.ledger.counts(of.key)).rescheduled == 2

    await until_stored(tried, "two retries")
    clock.move(60.0)
    correction = await until_ended(bot, Purpose.CORRECT)
    found = await rows(bot, correction.key)
    assert found[blocked.id].reason is Reason.NOT_INSTALLED
    assert found[deleted.id].reason is Reason.MESSAGE_GONE
    assert found[busy.id].status is found[cut.id].status is DeliveryStatus.SENT
    tallied = await bot.store.ledger.counts(correction.key)
    assert (tallied.success, tallied.error, tallied.in_doubt) == (PEOPLE - 2, 2, 0)
    assert len(changes(teams_service, "update", [busy, cut])) == 2


async def test_a_recall_takes_every_message_back_once_however_often_it_is_pressed(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    gone = people[0]
    ids = {post.conversation_id: post.activity_id for post in sends(teams_service)}
    teams_service.lose_message(ids[gone.conversation_id])
    await admin.presses("Follow up")
    question = await admin.presses("Recall")
    assert any("This can't be undone." in line for line in texts(question))
    pressed = admin.press(f"Yes, recall it from {PEOPLE} people")
    await asyncio.gather(admin.does(pressed), admin.does(pressed))
    await admin.gets(pressed)
    recall = await until_ended(bot, Purpose.RECALL)
    tallied = await bot.store.ledger.counts(recall.key)
    assert (tallied.recipients, tallied.success) == (PEOPLE, PEOPLE)
    deletions = [post for post in teams_service.received if post.call == "delete"]
    assert len(deletions) == PEOPLE
    assert not any(map(teams_service.has_message, ids.values()))


async def test_what_was_recalled_can_not_be_corrected(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await admin.presses("Follow up")
    await admin.presses("Recall")
    await admin.presses(f"Yes, recall it from {PEOPLE} people")
    await until_ended(bot, Purpose.RECALL)
    admin.card, admin.card_id = report
    offered = await admin.presses("Follow up")
    assert "Correct" not in buttons(offered)
    assert {"Recall again", "Send to newcomers"} <= set(buttons(offered))


async def test_what_was_recalled_goes_to_newcomers_only_after_a_question(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await recall(admin)
    await until_ended(bot, Purpose.RECALL)
    new = await staff(teams_service, bot, 2)
    admin.card, admin.card_id = report
    await admin.presses("Follow up")
    question = await admin.presses("Send to newcomers")
    assert "This message was recalled." in texts(question)
    assert "Send a recalled message to newcomers?" in texts(question)
    page = await bot.store.campaigns.page(TENANT, (Status.DRAFT,), offset=0, limit=9)
    assert page.total == 0
    await admin.presses("Yes, prepare it for newcomers")
    assert "Recipients: Newcomers (2 people)" in texts(admin.card)
    confirmation = await admin.presses("Send now")
    assert "This message was recalled from everyone else's chats." in texts(confirmation)
    await admin.presses("Back")
    await send(admin)
    assert got(teams_service) == accounts(*people, *new)


async def test_what_is_made_of_a_corrected_campaign_has_what_people_have_now(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await correct(admin)
    await until_ended(bot, Purpose.CORRECT)
    now = f"Hello {admin.user.given_name}, the office is closed on Monday."
    first = f"Hello {admin.user.given_name}, the office is closed."

    admin.card, admin.card_id = report
    shown = texts(await admin.presses("Information"))
    assert now in shown
    assert first not in shown
    [said] = [line for line in shown if line.startswith("**Corrected** on ")]
    assert said.endswith(f" by {admin.user.name}. This is the corrected one:")
    shown = texts(await admin.presses("Show as first sent"))
    assert first in shown
    assert now not in shown
    assert now in texts(await admin.presses("Show as corrected"))

    admin.card, admin.card_id = report
    await admin.presses("Clone")
    assert now in texts(await admin.presses("Clone", name="A clone"))

    admin.card, admin.card_id = report
    await admin.presses("Save as template")
    await admin.presses("Save", name="A template")
    [template] = (await bot.store.templates.page(TENANT, offset=0, limit=9)).items
    assert template.content.message == CORRECTED


async def test_the_information_says_who_recalled_it(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await recall(admin)
    await until_ended(bot, Purpose.RECALL)
    admin.card, admin.card_id = report
    shown = texts(await admin.presses("Information"))
    assert any(
        line.startswith("**Recalled** on ") and line.endswith(f" by {admin.user.name}.")
        for line in shown
    )


async def test_original_correction_and_recall_are_told_apart(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await correct(admin)
    await until_ended(bot, Purpose.CORRECT)
    admin.card, admin.card_id = report
    await recall(admin)
    await until_ended(bot, Purpose.RECALL)
    await admin.says("campaigns")
    await admin.presses("Completed (3)")
    names = {NAME, f"Correction of {NAME}", f"Recall of {NAME}"}
    assert names <= set(texts(admin.card))
    opened = await admin.presses(f"Open Recall of {NAME}")
    assert f"Recall of {NAME}" in texts(opened)
    shown = await admin.presses("Show these recipients: success")
    assert "The message is not in these people's chats any more." in texts(shown)


async def test_newcomers_get_it_and_nobody_gets_it_twice(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    await admin.presses("Follow up")
    answer = await admin.presses("Send to newcomers")
    assert any(line.startswith("Nobody has joined since") for line in texts(answer))

    new = await staff(teams_service, bot, 5)
    draft = await admin.presses("Send to newcomers")
    assert "Recipients: Newcomers (5 people)" in texts(draft)
    assert "Recipients" not in buttons(draft)
    await send(admin)
    assert got(teams_service) == accounts(*people, *new)

    latest = await staff(teams_service, bot, 1)
    await admin.says("campaigns")
    [shelf] = [title for title in buttons(admin.card) if title.startswith("Completed (")]
    await admin.presses(shelf)
    [original] = [
        of
        for of in (await bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=9)).items
        if of.original_key is None
    ]
    data = {"do": "follow up", "campaign": original.id, "revision": 0}
    await admin.gets(admin.press_with(data))
    assert "Newcomers" in texts(admin.card)
    await admin.presses("Send to newcomers")
    await send(admin)
    assert got(teams_service) == accounts(*people, *new, *latest)


async def test_who_could_not_be_reached_and_came_back_is_a_newcomer(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await staff(teams_service, bot, 3)
    away = Person(teams_service, bot, people[0])
    people[0].installed = False
    await write(admin, name=NAME, message=MESSAGE)
    await send(admin)
    assert counts(admin.card)["Error"] == 1
    people[0].installed = True
    await away.installs()
    await admin.presses("Follow up")
    await admin.presses("Send to newcomers")
    await send(admin)
    assert got(teams_service) == accounts(*people, admin.user)


async def test_two_who_begin_a_correction_at_once_work_on_the_same_one(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    await admin.presses("Follow up")
    one = admin.press("Correct")
    other = {**one, "id": "another press", "value": {**one["value"]}}
    data = {**one["value"]["action"]["data"], "follower": "another"}
    other["value"]["action"] = {**one["value"]["action"], "data": data}
    await asyncio.gather(admin.does(one), admin.does(other))
    correction = await follower(bot, Purpose.CORRECT)
    assert correction.status is Status.DRAFT
    await admin.gets(admin.press_with({**data, "follower": "a-third-one"}))
    assert any("This one comes first" in line for line in texts(admin.card))
    assert await follower(bot, Purpose.CORRECT) == correction


async def test_the_recipients_of_a_correction_can_not_be_changed(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    await admin.presses("Follow up")
    await admin.presses("Correct")
    correction = await follower(bot, Purpose.CORRECT)
    data = {
        "do": "save recipients",
        "campaign": correction.id,
        "revision": correction.revision,
        "audience": "all",
    }
    await admin.gets(admin.press_with(data))
    assert (await follower(bot, Purpose.CORRECT)).audience == correction.audience
    assert any("recipients are given" in line for line in texts(admin.card))
