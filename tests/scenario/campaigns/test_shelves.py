"""Finding campaigns again, cloning and deleting them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from campaigns.campaign import Campaign, CampaignKey, Run, Status
from campaigns.content import Content, Format
from tests.fake_teams import FakeTeams
from tests.support.chats.cards import buttons, shows, texts, value_of
from tests.support.chats.chat import TENANT, Bot, Person, send, write

NAME = "Office closed on Friday"


async def keep(bot: Bot, count: int, *, status: Status = Status.DRAFT, name: str = "Draft") -> None:
    began = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    for number in range(count):
        moment = began + timedelta(days=number)
        await bot.store.campaigns.add(
            Campaign(
                tenant_id=TENANT,
                id=f"{name.lower()}-{number}",
                name=f"{name} {number}",
                format=Format.IDEA,
                content=Content("Hello"),
                author_id="somebody",
                created_at=moment,
                updated_at=moment,
                status=status,
                run=Run(
                    started_at=None if status is Status.DRAFT else moment,
                    ended_at=None if status is Status.DRAFT else moment + timedelta(seconds=200),
                    recipients=None if status is Status.DRAFT else 1_200,
                ),
            )
        )


async def test_an_empty_shelf_says_what_belongs_there(admin: Person) -> None:
    await admin.says("campaigns")
    assert shows(admin.card, "There are no drafts. Start a new campaign")
    for tab, words in (
        ("Scheduled", "Nothing is scheduled."),
        ("Sending", "Nothing is being sent just now."),
        ("Completed", "Nothing has been sent yet. Finish a draft and press Send now."),
    ):
        await admin.presses(f"{tab} (0)")
        assert shows(admin.card, words)


async def test_drafts_are_paged_newest_first_and_a_page_beyond_the_end_shows_the_last_one(
    whole_bot: Bot, admin: Person
) -> None:
    await keep(whole_bot, 13)
    await admin.says("campaigns")
    assert shows(admin.card, "1 to 6 of 13")
    names = [line for line in texts(admin.card) if line.startswith("Draft ")]
    assert names == [f"Draft {number}" for number in range(12, 6, -1)]
    await admin.presses("Older")
    older = admin.card
    await admin.presses("Older")
    assert shows(admin.card, "13 to 13 of 13")
    await admin.presses("Newer")
    for number in range(5):
        await whole_bot.store.campaigns.delete(CampaignKey(TENANT, f"draft-{number}"))
    admin.card = older
    await admin.presses("Older")
    assert shows(admin.card, "7 to 8 of 8")


async def test_times_are_shown_in_the_readers_time_zone(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await keep(whole_bot, 1, status=Status.COMPLETED, name="Sent")
    for zone, words in (
        ("Asia/Tokyo", "sent Thu 2 Jul 2026, 07:30 (Tokyo)"),
        ("America/New_York", "sent Wed 1 Jul 2026, 18:30 (New York)"),
    ):
        admin.user.time_zone = zone
        await admin.says("campaigns")
        await admin.presses("Completed (1)")
        assert shows(admin.card, words)
        assert shows(admin.card, "1,200 people")
        await admin.presses("Open Sent 0")
        assert shows(admin.card, words.removeprefix("sent "))
        await admin.presses("Information")
        assert shows(admin.card, "Duration: 3 min 20 s")
        assert shows(admin.card, "Sent by: someone who has left")
        assert shows(admin.card, "Channel: Microsoft Teams")


async def test_a_clone_of_a_draft_is_a_draft_of_its_own(admin: Person) -> None:
    await write(admin, name="n" * 80, message="Hello [FIRSTNAME]", format="success")
    card = await admin.presses("Clone")
    assert value_of(card, "name") == "n" * 73 + " (copy)"
    refused = await admin.presses("Clone", name="x" * 81)
    assert shows(admin.card, "⚠ A name has at most 80 characters; this one has 81.")
    assert value_of(refused, "name") == "x" * 81
    await admin.presses("Clone", name="Another")
    assert shows(admin.card, "This is the clone of")
    assert "Another" in texts(admin.card)
    assert shows(admin.card, "Format: Success")
    assert shows(admin.card, "Recipients: All users (1 person)")
    await admin.presses("Modify")
    await admin.presses("Save draft", message="Changed")
    await admin.says("campaigns")
    await admin.presses("Open " + "n" * 80)
    assert shows(admin.card, f"Hello {admin.user.given_name}")


async def test_a_clone_of_a_sent_campaign_can_be_sent_anew(admin: Person) -> None:
    await write(admin, name=NAME, message="Hello")
    await send(admin)
    await admin.presses("Clone")
    await admin.presses("Clone")
    assert f"{NAME} (copy)" in texts(admin.card)
    report = await send(admin)
    assert "Report · Completed" in texts(report)
    assert len([post for post in admin.inbox() if post.arrived and post.call == "send"]) >= 2


async def test_deleting_asks_first_and_back_changes_nothing(admin: Person) -> None:
    await write(admin, name=NAME, message="Hello")
    await admin.presses("Delete")
    assert shows(
        admin.card, f"**{NAME}** will be deleted. It has not been sent. This can't be undone."
    )
    await admin.presses("Back")
    assert "Send now" in buttons(admin.card)
    report = await send(admin)
    await admin.presses("Delete")
    assert shows(admin.card, "Its report is deleted too.")
    await admin.presses("Yes, delete it")
    assert shows(admin.card, f"“{NAME}” has been deleted.")
    assert shows(admin.card, "Nothing has been sent yet.")
    for button in ("Show these recipients: success", "Information", "Clone", "Delete"):
        admin.card = report
        await admin.presses(button)
        assert shows(admin.card, "This campaign does not exist any more."), button


async def test_a_sent_campaign_can_not_be_modified(admin: Person) -> None:
    await write(admin, name=NAME, message="Hello")
    report = await send(admin)
    assert not {"Modify", "Recipients", "Try", "Send now"} & set(buttons(report))
    assert {"Information", "Clone", "Delete"} <= set(buttons(report))
