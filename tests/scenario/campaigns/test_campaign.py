"""A campaign from an admin's chat to everyone's, and its report."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from tests.fake_teams import FakeTeams, FakeUser, Reply
from tests.support.adaptive_card_schema import assert_valid_card
from tests.support.campaigns.staff import NAME, accounts, got, installed_staff, sends
from tests.support.chats.cards import buttons, card_of, counts, recipients, texts
from tests.support.chats.chat import Bot, Person, recipients_with, running, send, write

MESSAGE = "Hello [FIRSTNAME], **the office is closed**."

NO_APP = "does not have the app"


async def test_a_thousand_people_get_their_own_message_once(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    people = [admin, *await installed_staff(teams_service, whole_bot, 999)]
    look_ups = Counter(post.account_id for post in teams_service.received if post.call == "member")
    everyone = accounts(*(person.user for person in people))
    assert look_ups == everyone

    await write(admin, name=NAME, message=MESSAGE)
    assert "Recipients: All users (1,000 people)" in texts(admin.card)
    report = await send(admin)

    assert got(teams_service) == everyone
    template, *_ = (card_of(post) for post in sends(teams_service))
    assert_valid_card(template)
    for person in people:
        [post] = sends(teams_service, user=person.user)
        assert post.activity is not None
        assert post.activity["channelData"] == {"notification": {"alert": True}}
        assert f"Hello {person.user.given_name}, **the office is closed**." in texts(card_of(post))

    assert recipients(report) == 1_000
    assert counts(report) == {"Success": 1_000, "Error": 0, "Rescheduled": 0, "Ongoing": 0}
    successes = await recipients_with(admin, "success")
    assert successes.keys() == {person.user.email for person in people}

    # The card that Send was pressed on showed the progress, without anybody pressing a button.
    progress = [
        card_of(post)
        for post in admin.inbox()
        if post.call == "update" and post.activity_id == admin.card_id
    ]
    assert len(progress) > 1
    states = [next(line for line in texts(card) if line.startswith("Report")) for card in progress]
    assert states == ["Report · Sending"] * (len(progress) - 1) + ["Report · Completed"]
    done = [counts(card).get("Success", 0) for card in progress]
    assert done == sorted(done)
    assert {sum(counts(card).values()) for card in progress} == {1_000}
    for card in progress:
        assert_valid_card(card)


async def test_deliveries_in_doubt_are_resent_only_when_the_admin_says_so(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [arrived, lost, fine] = await installed_staff(teams_service, whole_bot, 3)
    teams_service.script(arrived.user.conversation_id, [Reply(502, done=True)])
    teams_service.script(lost.user.conversation_id, [Reply(502)])
    await write(admin, name=NAME, message=MESSAGE)
    report = await send(admin)
    assert (counts(report)["Success"], counts(report)["In doubt"]) == (2, 2)

    await admin.presses("Resend 2 in doubt")
    resending = await admin.presses("Yes, resend 2 in doubt")
    assert "Sending again to 2 people." in texts(resending)
    report = await admin.sees("Report · Completed")
    assert counts(report) == {"Success": 4, "Error": 0, "Rescheduled": 0, "Ongoing": 0}
    times = got(teams_service)
    people = (arrived, lost, fine, admin)
    assert [times[person.user.account_id] for person in people] == [2, 1, 1, 1]


async def test_send_pressed_twice_at_once_sends_once(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await installed_staff(teams_service, whole_bot, 20)
    await write(admin, name=NAME, message=MESSAGE)
    await admin.presses("Send now")
    yes = "Yes, send to 21 people"
    await asyncio.gather(admin.presses(yes), admin.presses(yes), admin.presses(yes))
    report = await admin.sees("Report · Completed")
    assert counts(report)["Success"] == 21
    assert set(got(teams_service).values()) == {1}
    assert got(teams_service).total() == 21


async def test_people_on_a_list_without_the_app_are_skipped_and_named(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    first, second, gone, _ = people = await installed_staff(teams_service, whole_bot, 4)
    await gone.uninstalls()
    await write(admin, name=NAME, message=MESSAGE, audience="new")
    pasted = (
        f"{first.user.email}\n{second.user.email.upper()}; {gone.user.email},\n"
        f"nobody@example.com {first.user.email} not-an-address"
    )
    saved = await admin.presses("Save list", name="Managers", addresses=pasted)
    assert any(f"{first.user.email}" in line and "once" in line for line in texts(saved))
    assert any("not-an-address" in line for line in texts(saved))
    assert any("4 addresses, of which 2 can be reached" in line for line in texts(saved))

    await admin.presses("Use this list")
    report = await send(admin)
    assert recipients(report) == 4
    assert counts(report) == {
        "Success": 2,
        "Error": 0,
        "Rescheduled": 0,
        "Ongoing": 0,
        "Skipped": 2,
    }
    skipped = await recipients_with(admin, "skipped")
    assert {email: why.split(" · ")[0] for email, why in skipped.items()} == {
        gone.user.email: NO_APP,
        "nobody@example.com": NO_APP,
    }
    assert got(teams_service) == accounts(*(person.user for person in people[:2]))


async def test_a_test_goes_to_one_verified_person_and_is_no_delivery(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [person] = await installed_staff(teams_service, whole_bot, 1)
    await write(admin, name=NAME, message=MESSAGE)
    await admin.presses("Try")
    refused = await admin.presses("Verify", email="nobody@example.com")
    assert any("Nobody with this address has the app." in line for line in texts(refused))
    assert "Send test" not in buttons(refused)
    await admin.presses("Verify", email=person.user.email)
    await admin.presses("Send test")
    [test] = [post for post in person.inbox() if post.call == "send"]
    assert test.activity is not None
    assert test.activity["summary"] == f"Test: {NAME}"
    assert f"Test message · {NAME}" in texts(card_of(test))
    await admin.presses("Back")
    report = await send(admin)
    assert counts(report)["Success"] == 2


async def test_a_paused_campaign_waits_and_a_stopped_one_cancels_the_rest(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    async with running(
        teams_service, tmp_path / "store", admin=administrator, rate_per_second=20.0
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await installed_staff(teams_service, bot, 60)
        await write(admin, name=NAME, message=MESSAGE)
        await admin.presses("Send now")
        await admin.presses("Yes, send to 61 people")
        paused = await admin.presses("Pause")
        assert "Report · Paused" in texts(paused)
        await admin.presses("Resume")
        await admin.presses("Stop")
        await admin.presses("Yes, stop it")
        report = await admin.sees("Report · Stopped")
        while counts(report)["Ongoing"]:
            report = await admin.presses("Refresh")
    times = got(teams_service)
    assert set(times.values()) <= {1}
    assert counts(report)["Success"] == times.total() < 61
    assert counts(report)["Cancelled"] == 61 - times.total()


async def test_only_admins_send(teams_service: FakeTeams, whole_bot: Bot, admin: Person) -> None:
    [person] = await installed_staff(teams_service, whole_bot, 1)
    assert "Hello!" in texts(await person.says("new campaign"))
    await write(admin, name=NAME, message=MESSAGE)
    await admin.presses("Send now")
    # Somebody who is no admin presses on the admin's card.
    person.card, person.card_id = admin.card, "1"
    assert "Hello!" in texts(await person.presses("Yes, send to 2 people"))
    assert not sends(teams_service)
    assert counts(await admin.presses("Yes, send to 2 people"))
