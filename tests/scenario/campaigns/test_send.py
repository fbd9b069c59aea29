"""Sending a campaign: the confirmation, the presses that must not count twice, and the report."""

from __future__ import annotations

import asyncio

import msgspec

from campaigns.campaign import Campaign, InDoubtPolicy, Status, with_run
from campaigns.outcome import Reason
from tests.fake_teams import FakeTeams, Reply
from tests.support.campaigns.staff import NAME, installed_staff
from tests.support.chats.cards import buttons, counts, shows, texts, value_of
from tests.support.chats.chat import TENANT, Bot, Person, send, write
from tests.support.waiting import until_stored


async def completed(bot: Bot, campaign: Campaign) -> bool:
    present = await bot.store.campaigns.get(campaign.key)
    return present is not None and present.status is Status.COMPLETED


def pushes(person: Person) -> int:
    """Counts how often the campaign reached this person."""
    return sum(
        post.call == "send" and post.activity is not None and post.activity["summary"] == NAME
        for post in person.inbox()
    )


async def test_the_confirmation_names_the_campaign_and_how_many_get_it(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [gone, _] = await installed_staff(teams_service, whole_bot, 2)
    await gone.uninstalls()
    await write(admin, name=NAME, message="Hello", audience="new")
    pasted = f"{admin.user.email} {gone.user.email} nobody@example.com"
    await admin.presses("Save list", name="Us", addresses=pasted)
    await admin.presses("Use this list")
    assert shows(admin.card, "Recipients: Us (1 person, 2 left out)")
    card = await admin.presses("Send now")
    assert "Send to 1 person?" in texts(card)
    assert shows(admin.card, f"**{NAME}** goes to **1 person** now (Us).")
    assert shows(admin.card, "Left out:")
    assert shows(admin.card, "2 people do not have the app.")
    assert value_of(card, "in_doubt") == "ask"
    await admin.presses("Back")
    assert "Send now" in buttons(admin.card)


async def test_whom_all_users_leaves_out_is_counted_with_the_reason_and_listed_before_sending(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    staff = await installed_staff(teams_service, whole_bot, 13)
    for person in staff[:11]:
        await person.uninstalls()
    users = whole_bot.store.users
    blocked = await users.get(TENANT, staff[11].user.id)
    assert blocked is not None
    await users.put(
        msgspec.structs.replace(blocked, reachable=False, unreachable_because=Reason.BLOCKED)
    )
    await write(admin, name=NAME, message="Hello")
    assert shows(admin.card, "Recipients: All users (2 people, 12 left out)")
    await admin.presses("Send now")
    assert shows(admin.card, "Left out:")
    assert shows(admin.card, "11 people do not have the app.")
    assert shows(admin.card, "1 person has blocked or muted the app.")
    await admin.presses("Show who is left out")
    assert shows(admin.card, "Left out: 12 people")
    assert shows(admin.card, "1 to 10 of 12")
    await admin.presses("Next")
    assert shows(admin.card, "11 to 12 of 12")
    named = [line for line in texts(admin.card) if line.startswith("**")]
    assert len(named) == 2
    await admin.presses("Back")
    await admin.presses("Yes, send to 2 people")
    if not shows(admin.card, "Report · Completed"):
        await admin.sees("Report · Completed")
    assert counts(admin.card)["Success"] == 2


async def test_a_campaign_that_nobody_would_get_is_not_sent(whole_bot: Bot, admin: Person) -> None:
    await write(admin, name=NAME, message="Hello", audience="new")
    await admin.presses("Save list", name="Us", addresses="nobody@example.com")
    await admin.presses("Use this list")
    await admin.presses("Send now")
    assert shows(admin.card, "Nobody in this audience has the app, so nobody would get it.")
    [draft] = (await whole_bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=9)).items
    assert draft.status is Status.DRAFT


async def test_a_double_click_on_send_sends_once_and_alarms_nobody(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    people = [admin, *await installed_staff(teams_service, whole_bot, 5)]
    await write(admin, name=NAME, message="Hello")
    await admin.presses("Send now")
    yes = admin.press("Yes, send to 6 people")
    again = [admin.press("Yes, send to 6 people") for _ in range(3)]
    answers = await asyncio.gather(*(admin.does(press) for press in (yes, yes, *again)))
    for answer in answers:
        assert not any("has changed" in line for line in texts(answer["value"]))
        assert any("Report · " in line for line in texts(answer["value"]))
    await admin.presses("Yes, send to 6 people")
    if not shows(admin.card, "Report · Completed"):
        await admin.sees("Report · Completed")
    assert counts(admin.card)["Success"] == 6
    assert [pushes(person) for person in people] == [1] * 6


async def test_only_one_of_send_and_delete_happens_when_both_are_pressed(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    people = [admin, *await installed_staff(teams_service, whole_bot, 3)]
    phone = Person(teams_service, whole_bot, admin.user)
    await write(admin, name=NAME, message="Hello")
    phone.card, phone.card_id = admin.card, "2"
    await admin.presses("Send now")
    await phone.presses("Delete")
    await asyncio.gather(admin.presses("Yes, send to 4 people"), phone.presses("Yes, delete it"))
    kept = (await whole_bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=9)).items
    if kept:
        await until_stored(lambda: completed(whole_bot, kept[0]), "the end")
        assert [pushes(person) for person in people] == [1] * 4
    else:
        assert shows(admin.card, "This campaign does not exist any more.")
        assert [pushes(person) for person in people] == [0] * 4


async def test_the_in_doubt_policy_is_chosen_on_the_confirmation(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [person] = await installed_staff(teams_service, whole_bot, 1)
    teams_service.script(person.user.conversation_id, [Reply(502)])
    await write(admin, name=NAME, message="Hello")
    await admin.presses("Send now")
    await admin.presses("Yes, send to 2 people", in_doubt="resend")
    if not shows(admin.card, "Report · Completed"):
        await admin.sees("Report · Completed")
    assert counts(admin.card) == {"Success": 2, "Error": 0, "Rescheduled": 0, "Ongoing": 0}
    await admin.presses("Information")
    assert shows(admin.card, "If in doubt: Send it again once")
    [campaign] = (
        await whole_bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=9)
    ).items
    assert campaign.in_doubt is InDoubtPolicy.RESEND


async def test_resend_asks_first_and_a_double_click_resends_once(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [person] = await installed_staff(teams_service, whole_bot, 1)
    teams_service.script(person.user.conversation_id, [Reply(502, done=True)])
    await write(admin, name=NAME, message="Hello")
    report = await send(admin)
    assert counts(report)["In doubt"] == 1
    await admin.presses("Show these recipients: in doubt")
    assert shows(admin.card, "In doubt: 1 person")
    assert shows(admin.card, "Teams had an error of its own")
    await admin.presses("Back")
    await admin.presses("Resend 1 in doubt")
    assert shows(admin.card, "Send again to 1 person?")
    asking = admin.card
    twice = [admin.press("Yes, resend 1 in doubt") for _ in range(2)]
    answers = await asyncio.gather(*(admin.does(press) for press in twice))
    for answer in answers:
        assert not any("has not ended" in line for line in texts(answer["value"]))
    await admin.presses("Yes, resend 1 in doubt")
    if not shows(admin.card, "Report · Completed"):
        await admin.sees("Report · Completed")
    assert counts(admin.card)["Success"] == 2
    assert pushes(person) == 2
    admin.card = asking
    await admin.presses("Yes, resend 1 in doubt")
    admin.card = report
    await admin.presses("Resend 1 in doubt")
    assert shows(admin.card, "Nothing of this campaign is in doubt any more.")
    assert pushes(person) == 2


async def test_a_recalled_message_is_not_offered_to_be_sent_again(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [person] = await installed_staff(teams_service, whole_bot, 1)
    teams_service.script(person.user.conversation_id, [Reply(502)])
    await write(admin, name=NAME, message="Hello")
    report = await send(admin)
    assert "Resend 1 in doubt" in buttons(admin.card)
    await admin.presses("Follow up")
    await admin.presses("Recall")
    await admin.presses("Yes, recall it from 1 person")
    if not shows(admin.card, "Completed"):
        await admin.sees("Completed")
    admin.card = report
    await admin.presses("Resend 1 in doubt")
    assert shows(admin.card, "This message was recalled, so it is not sent again.")
    admin.card = report
    await admin.presses("Refresh")
    assert shows(admin.card, "This message was recalled from people's chats.")
    assert "Resend 1 in doubt" not in buttons(admin.card)
    assert pushes(person) == 0


async def test_recipients_with_a_result_are_paged_and_a_page_beyond_the_end_shows_the_last_one(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await installed_staff(teams_service, whole_bot, 22)
    await write(admin, name=NAME, message="Hello")
    await send(admin)
    await admin.presses("Show these recipients: success")
    assert shows(admin.card, "Success: 23 people")
    assert shows(admin.card, "1 to 10 of 23")
    await admin.presses("Next")
    press = admin.press("Next")
    press["value"]["action"]["data"]["page"] = 1_000_000
    await admin.gets(press)
    assert shows(admin.card, "21 to 23 of 23")
    await admin.presses("Previous")
    assert shows(admin.card, "11 to 20 of 23")


async def test_a_campaign_that_is_being_sent_can_not_be_deleted(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    phone = Person(teams_service, whole_bot, admin.user)
    await write(admin, name=NAME, message="Hello")
    report = await send(admin)
    asking = await admin.presses("Delete")
    [campaign] = (
        await whole_bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=9)
    ).items
    phone.card, phone.card_id = report, "2"
    for status, ended, words in (
        (Status.PAUSED, None, "Stop this campaign before you delete it."),
        (Status.STOPPED, None, "This campaign is still being stopped. Try again in a moment."),
    ):
        campaign = await whole_bot.store.campaigns.save(
            msgspec.structs.replace(with_run(campaign, ended_at=ended), status=status)
        )
        admin.card = asking
        await admin.presses("Yes, delete it")
        assert shows(admin.card, words)
        await phone.presses("Delete")
        assert shows(phone.card, words)
        phone.card = report
        present = await whole_bot.store.campaigns.get(campaign.key)
        assert present is not None
        campaign = present
