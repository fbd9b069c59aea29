"""Cards that are older than what they show, and presses that come twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from campaigns.campaign import Status
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chats.cards import buttons, texts, value_of
from tests.support.chats.chat import Bot, Person, running, write

NAME = "Office closed on Friday"
MOVED_ON = "This campaign has changed since that card was shown. Here it is as it is now."
DELETED = "This campaign does not exist any more."
SENT = "This campaign has been sent; its content can't be changed any more."
CLASH = "Someone else changed this draft in the meantime. What you typed is kept below"


@pytest.fixture
def two_devices(teams_service: FakeTeams, whole_bot: Bot, admin: Person) -> tuple[Person, Person]:
    """The admin at the desk and on the phone, each with a card of its own."""
    return admin, Person(teams_service, whole_bot, admin.user)


def said(person: Person, words: str) -> bool:
    return any(words in line for line in texts(person.card))


async def of_status(bot: Bot, admin: Person, *statuses: Status) -> list[str]:
    page = await bot.store.campaigns.page(admin.user.tenant, statuses, offset=0, limit=99)
    return sorted(campaign.name for campaign in page.items)


def open_also(other: Person, admin: Person) -> None:
    other.card, other.card_id = admin.card, "another card"


async def test_who_types_on_an_older_card_keeps_it_and_overwrites_only_knowingly(
    two_devices: tuple[Person, Person],
) -> None:
    desk, phone = two_devices
    await write(desk, name=NAME, message="First")
    await desk.presses("Modify")
    open_also(phone, desk)
    await desk.presses("Next: preview", message="From the desk")

    await phone.presses("Next: preview", message="From the phone")
    assert said(phone, CLASH)
    assert value_of(phone.card, "message") == "From the phone"
    await desk.presses("Refresh preview")
    assert said(desk, "From the desk")

    await phone.presses("Next: preview")
    assert "From the phone" in texts(phone.card)
    await desk.presses("Save draft", message="From the desk again")
    assert said(desk, CLASH)
    assert value_of(desk.card, "message") == "From the desk again"


async def test_a_change_at_the_same_time_is_never_lost_in_silence(
    two_devices: tuple[Person, Person],
) -> None:
    desk, phone = two_devices
    await write(desk, name=NAME, message="First")
    await desk.presses("Modify")
    open_also(phone, desk)
    await asyncio.gather(
        desk.presses("Save draft", message="Desk"), phone.presses("Save draft", message="Phone")
    )
    [late] = [person for person in (desk, phone) if said(person, CLASH)]
    [saved] = [person for person in (desk, phone) if said(person, "Draft saved.")]
    assert value_of(late.card, "message") in ("Desk", "Phone")
    other = {"Desk": "Phone", "Phone": "Desk"}[value_of(late.card, "message")]
    assert other in texts(saved.card)


@pytest.mark.parametrize("step", ["name", "recipients"])
async def test_the_other_steps_keep_what_was_chosen_too(
    two_devices: tuple[Person, Person], step: str
) -> None:
    desk, phone = two_devices
    await write(desk, name=NAME, message="First")
    await desk.presses("Recipients" if step == "recipients" else "Modify")
    if step == "name":
        await desk.presses("Back")
    open_also(phone, desk)
    await desk.says("campaigns")
    await desk.presses(f"Open {NAME}")
    await desk.presses("Modify")
    await desk.presses("Save draft", message="Second")
    if step == "name":
        await phone.presses("Next", name="Other", format="idea")
        assert (value_of(phone.card, "name"), value_of(phone.card, "format")) == ("Other", "idea")
        assert said(phone, CLASH)
    else:
        await phone.presses("Next", audience="all")
        assert said(phone, "Second"), "nothing else was changed, so nothing is in the way"


@pytest.mark.parametrize("button", ["Send now", "Try", "Modify", "Recipients", "Delete"])
async def test_a_card_of_an_older_revision_says_so_and_shows_the_present_one(
    two_devices: tuple[Person, Person], button: str
) -> None:
    desk, phone = two_devices
    await write(desk, name=NAME, message="First")
    open_also(phone, desk)
    await desk.presses("Modify")
    await desk.presses("Save draft", message="Second")
    await phone.presses(button)
    assert said(phone, MOVED_ON)
    if button != "Recipients":
        shown = [*texts(phone.card), value_of(phone.card, "message") if button == "Modify" else ""]
        assert "Second" in shown


@pytest.mark.parametrize("question", ["Send now", "Delete", "Try"])
async def test_an_older_confirmation_does_nothing_and_says_so(
    teams_service: FakeTeams,
    whole_bot: Bot,
    two_devices: tuple[Person, Person],
    question: str,
) -> None:
    desk, phone = two_devices
    await write(desk, name=NAME, message="First")
    open_also(phone, desk)
    await phone.presses(question)
    if question == "Try":
        await phone.presses("Verify", email=phone.user.email)
    before = len(teams_service.arrived())
    await desk.presses("Modify")
    await desk.presses("Save draft", message="Second")
    yes = {"Send now": "Yes, send to 1 person", "Delete": "Yes, delete it", "Try": "Send test"}
    await phone.presses(yes[question])
    assert said(phone, MOVED_ON)
    assert "Second" in texts(phone.card)
    assert await of_status(whole_bot, desk, Status.DRAFT) == [NAME]
    assert len(teams_service.arrived()) == before


@pytest.mark.parametrize(
    ("step", "button"),
    [
        ("", "Modify"),
        ("", "Recipients"),
        ("", "Try"),
        ("Modify", "Save draft"),
        ("Modify", "Next: preview"),
        ("Recipients", "Next"),
        ("Try", "Verify"),
        ("Delete", "Yes, delete it"),
    ],
)
async def test_once_it_was_sent_an_old_card_leads_to_the_report(
    whole_bot: Bot, two_devices: tuple[Person, Person], step: str, button: str
) -> None:
    desk, phone = two_devices
    await write(desk, name=NAME, message="First")
    open_also(phone, desk)
    if step:
        await phone.presses(step)
    await desk.presses("Send now")
    await desk.presses("Yes, send to 1 person")
    await desk.sees("Report · Completed")
    await phone.presses(button)
    # What the card asked was whether to delete a draft.
    assert said(phone, MOVED_ON if step == "Delete" else SENT)
    assert said(phone, "Report · Completed")
    assert await of_status(whole_bot, desk, Status.COMPLETED) == [NAME]


@pytest.mark.parametrize(
    ("step", "button"),
    [
        ("", "Send now"),
        ("", "Modify"),
        ("", "Clone"),
        ("", "Delete"),
        ("Modify", "Save draft"),
        ("Recipients", "Next"),
        ("Send now", "Yes, send to 1 person"),
        ("Delete", "Yes, delete it"),
        ("Clone", "Clone"),
    ],
)
async def test_once_it_was_deleted_an_old_card_says_so(
    whole_bot: Bot, two_devices: tuple[Person, Person], step: str, button: str
) -> None:
    desk, phone = two_devices
    await write(desk, name=NAME, message="First")
    open_also(phone, desk)
    if step:
        await phone.presses(step)
    await desk.presses("Delete")
    await desk.presses("Yes, delete it")
    await phone.presses(button)
    assert said(phone, DELETED)
    assert await of_status(whole_bot, desk, *Status) == []


async def test_report_cards_of_something_that_has_ended_only_show_how_it_is(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    async with running(
        teams_service, tmp_path / "store", admin=administrator, rate_per_second=2.0
    ) as bot:
        desk, phone = (Person(teams_service, bot, administrator) for _ in range(2))
        await desk.installs()
        for user in teams_service.add_users(12, tenant=administrator.tenant):
            await Person(teams_service, bot, user).installs()
        await write(desk, name=NAME, message="Hello")
        await desk.presses("Send now")
        sending = await desk.presses("Yes, send to 13 people")
        open_also(phone, desk)
        await desk.presses("Pause")
        paused = desk.card
        await phone.presses("Pause")
        assert said(phone, "Report · Paused")
        assert not said(phone, "Only a campaign")
        await desk.presses("Resume")
        phone.card = paused
        await phone.presses("Resume")
        assert said(phone, "Report · Sending")
        assert not said(phone, "Only a")
        await desk.presses("Stop")
        await desk.presses("Yes, stop it")
        await desk.sees("Report · Stopped")
        for card, button in ((sending, "Pause"), (paused, "Resume"), (sending, "Stop")):
            phone.card = card
            await phone.presses(button)
            assert said(phone, "Report · Stopped"), button
            assert not said(phone, "Only a"), button


async def test_the_same_press_delivered_again_acts_once(whole_bot: Bot, admin: Person) -> None:
    await admin.says("new campaign")
    next_ = admin.press("Next", name=NAME, format="idea")
    for _ in range(2):
        await asyncio.gather(admin.does(next_), admin.does(next_))
    assert await of_status(whole_bot, admin, Status.DRAFT) == [NAME]
    await write(admin, name="Another", message="Hello")
    await admin.presses("Clone")
    clone = admin.press("Clone", name="The clone")
    answers = await asyncio.gather(*(admin.does(clone) for _ in range(3)))
    assert answers[0] == answers[1] == answers[2]
    expected = sorted([NAME, "Another", "The clone"])
    assert await of_status(whole_bot, admin, Status.DRAFT) == expected


async def test_a_double_click_makes_one_campaign_one_clone_and_one_list(
    whole_bot: Bot, admin: Person
) -> None:
    await admin.says("new campaign")
    twice = [admin.press("Next", name=NAME, format="idea") for _ in range(2)]
    await asyncio.gather(*(admin.gets(press) for press in twice))
    assert "Step 2 of 4 · Message" in texts(admin.card)
    assert await of_status(whole_bot, admin, Status.DRAFT) == [NAME]
    twice = [admin.press("Next: preview", message="Hello") for _ in range(2)]
    await asyncio.gather(*(admin.gets(press) for press in twice))
    assert not said(admin, "Someone else")
    await admin.presses("Save draft")
    await admin.presses("Clone")
    twice = [admin.press("Clone", name="The clone") for _ in range(2)]
    await asyncio.gather(*(admin.gets(press) for press in twice))
    assert await of_status(whole_bot, admin, Status.DRAFT) == sorted([NAME, "The clone"])
    assert f"This is the clone of “{NAME}”." in texts(admin.card)
    await admin.says("lists")
    await admin.presses("New list")
    twice = [admin.press("Save list", name="Us", addresses="a@example.com") for _ in range(2)]
    await asyncio.gather(*(admin.gets(press) for press in twice))
    assert not said(admin, "Someone else")
    assert (await whole_bot.store.lists.page(admin.user.tenant, offset=0, limit=9)).total == 1
    assert "Change" in buttons(admin.card)
