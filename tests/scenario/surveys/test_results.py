"""The results of a survey: read, filtered, exported, shared; and reminders."""

from __future__ import annotations

import csv
import io

from campaigns.campaign import Status
from tests.fake_teams import FakeTeams
from tests.support.campaigns.staff import campaign, staff, until_status
from tests.support.campaigns.survey_staff import (
    FULL,
    NAME,
    ONE,
    ask,
    opens,
    person,
    results,
    tally,
    web_links,
)
from tests.support.chats.browser import follow
from tests.support.chats.cards import buttons, card_of, shows
from tests.support.chats.chat import Bot, Person, send


async def test_results_of_an_anonymous_survey_need_three_responses(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    users = await staff(teams_service, whole_bot, 3)
    await ask(admin, ONE, anonymous="true", readers="answered")
    for number, user in enumerate(users):
        bob = person(teams_service, whole_bot, user)
        opens(bob)
        await bob.presses("Send my answers", a_q1="0")
        card = await results(admin)
        assert shows(card, "shown from 3 responses on") == (number < 2)
        assert ("Export" in buttons(card)) == (number == 2)
        assert "Filter" not in buttons(card)
    assert shows(await bob.presses("Results"), "3 responses so far")


async def test_a_reminder_goes_to_those_who_have_not_answered_and_asks_the_same(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    users = await staff(teams_service, whole_bot, 3)
    people = [person(teams_service, whole_bot, user) for user in users]
    await ask(admin, ONE)
    opens(people[0])
    await people[0].presses("Send my answers", a_q1="0")
    for number in range(1, 4):
        await results(admin)
        await admin.presses("Remind")
        yes = admin.press("Yes, remind them")
        await admin.gets(yes)
        reminder = f"Reminder {number}: {NAME}"

        await until_status(whole_bot, Status.COMPLETED, reminder)
        await admin.gets(admin.press_with(yes["value"]["action"]["data"]))
        assert (await campaign(whole_bot, reminder)).run.recipients == 3
        assert len(people[0].inbox()) == 1
        assert len(people[1].inbox()) == 1 + number
    assert "Remind" not in buttons(await results(admin))
    opens(people[1])
    await people[1].presses("Send my answers", a_q1="1")
    counted = await tally(whole_bot)
    assert (counted["*"], counted["q1=c:1"]) == (2, 1)


async def test_responses_are_exported_with_a_column_for_each_choice(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin)
    opens(bob)
    await bob.presses("Send my answers", **(FULL | {"a_q8": "=1+1"}))
    await results(admin)
    card = await admin.presses("Export")
    urls = web_links(card)
    page = await follow(whole_bot, urls["CSV file"])
    assert page.status == 200
    header, row = csv.reader(io.StringIO(page.body.decode("utf-8-sig")))
    assert header[:6] == [
        "Name",
        "E-mail",
        "Which floor?",
        "What is missing?: Plants",
        "What is missing?: Light",
        "What is missing?: Quiet",
    ]
    assert row[1:6] == [user.email, "Second", "1", "0", "1"]
    assert row[-1] == "'=1+1"
    assert (await follow(whole_bot, urls["Excel workbook"])).status == 200
    assert (await follow(whole_bot, urls["CSV file"][:-3])).status == 404


async def test_results_are_shared_as_a_draft(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin)
    opens(bob)
    await bob.presses("Send my answers", **FULL)
    await results(admin)
    await admin.presses("Share results")
    await send(admin)
    assert shows(card_of(bob.inbox()[-1]), "NPS **+100**")


async def test_named_results_are_filtered_by_list_and_department(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    users = await staff(teams_service, whole_bot, 2)
    await ask(admin, ONE)
    for number, user in enumerate(users):
        bob = person(teams_service, whole_bot, user)
        opens(bob)
        await bob.presses("Send my answers", a_q1=str(number))
    await admin.says("lists")
    await admin.presses("New list")
    await admin.presses("Save list", name="Paris", addresses=users[1].email)
    [paris] = (await whole_bot.store.lists.page(users[0].tenant, offset=0, limit=1)).items
    await results(admin)
    await admin.presses("Filter")
    assert shows(await admin.presses("Show", of_list=paris.id), "people on “Paris”: 1 response")
    await admin.presses("Filter")
    card = await admin.presses("Show", of_list="", department="Sales")
    assert shows(card, "the department Sales: 0 responses")
