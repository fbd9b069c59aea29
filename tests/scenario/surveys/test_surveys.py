"""Surveys: written in the chat, sent, answered in the chat, and read."""

from __future__ import annotations

import asyncio
import csv
import io

import pytest

from campaigns.campaign import Status
from tests.fake_teams import FakeTeams
from tests.support.browser import follow
from tests.support.chat import Bot, Person, buttons, card_of, send, texts
from tests.support.staff import campaign, staff, until_status
from tests.support.survey_staff import (
    FULL,
    NAME,
    ONE,
    ask,
    author,
    choose,
    opened,
    opens,
    person,
    report,
    results,
    says,
    tally,
)


async def test_a_survey_of_every_kind_is_written_sent_answered_and_read(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, readers="answered")
    card = opens(bob)
    assert says(card, "Please answer until Friday.")
    assert says(card, "It takes a minute.")

    card = await bob.presses("Send my answers", **FULL)
    assert says(card, "Thank you")
    for line in ("Second", "Plants, Quiet", "Yes", "4 of 5", "9 of 10", "3", "2026-03-02"):
        assert line in texts(card)
    assert await tally(whole_bot) == {
        "*": 1,
        **{f"q{number}=": 1 for number in range(1, 9)},
        "q1=c:1": 1,
        "q2=c:0": 1,
        "q2=c:2": 1,
        "q3=c:0": 1,
        "q4=n:4": 1,
        "q5=n:9": 1,
        "q6=n:3": 1,
        "q7=d:2026-03-02": 1,
    }

    await bob.presses("Change my answers")
    card = await bob.presses("Send my answers", a_q1="0", a_q2="other", o_q2="A sofa")
    assert "A sofa" in texts(card)
    assert (await tally(whole_bot))["q1=c:0"] == 1
    assert says(await bob.presses("Results"), "1 response so far")

    card = await report(admin)
    answered = texts(card).index("Answered")
    assert texts(card)[answered + 1] == "1"
    card = await results(admin)
    assert says(card, "**1 of 2 people** answered")
    card = await admin.presses("More questions")
    assert says(card, "NPS **+100**")
    await admin.presses("Read 1 text")
    assert says(admin.card, "Really.")
    assert says(await admin.presses("Search", search="nothing like it"), "Nothing found")


async def test_a_press_delivered_twice_counts_once(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE, anonymous="true")
    opens(bob)
    first, second = (bob.press("Send my answers", a_q1="0") for _ in range(2))
    assert first["id"] != second["id"]
    both = await asyncio.gather(bob.does(first), bob.does(second))
    assert all(says(answer["value"], "Thank you") for answer in both)
    assert (await tally(whole_bot))["*"] == 1


async def test_what_is_missing_is_said_beside_the_question_and_nothing_is_lost(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin)
    opens(bob)
    card = await bob.presses("Send my answers", a_q1="1", a_q6="9", a_q8="Kept")
    assert says(card, "Please answer this question")
    assert says(card, "Type a number from 0 to 5")
    assert await tally(whole_bot) == {}
    await bob.presses("Send my answers", a_q4="2", a_q6="5")
    assert (await tally(whole_bot))["q8="] == 1


FORGED = {
    "a question that is not there": {"a_q99": "1"},
    "a choice that is not offered": {"a_q1": "7"},
    "two choices where there is one": {"a_q1": "0,1"},
    "a field that is a list": {"a_q1": ["0"]},
    "a truth where a text is": {"a_q8": True},
}


@pytest.mark.parametrize("what", FORGED)
async def test_of_forged_answers_nothing_is_kept(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, what: str
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin)
    opens(bob)
    pressed = bob.press("Send my answers", **FULL)
    pressed["value"]["action"]["data"] |= FORGED[what]
    card = await bob.gets(pressed)
    assert says(card, "Nothing was kept")
    assert await tally(whole_bot) == {}


WRONG = {
    "100 KB of text": ("a_q8", "x" * 100_000, "at most 2,000 characters"),
    "a number out of bounds": ("a_q6", "6", "from 0 to 5"),
    "a number that is none": ("a_q6", "many", "Type a number"),
    "a number without end": ("a_q6", "1e999", "Type a number"),
    "a date that is none": ("a_q7", "2026-02-31", "not a date"),
    "a mark beyond the scale": ("a_q4", "6", "from 1 to 5"),
    "other, and not what": ("a_q2", "other", "please say what"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_can_not_be_taken_is_said_beside_its_question(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, what: str
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin)
    opens(bob)
    field, value, said = WRONG[what]
    card = await bob.presses("Send my answers", **(FULL | {field: value}))
    assert says(card, said)
    assert await tally(whole_bot) == {}
    card = await bob.presses("Send my answers", **FULL)
    assert says(card, "Thank you")


async def test_only_those_who_were_sent_it_can_answer(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE)
    opens(bob)
    [late] = await staff(teams_service, whole_bot, 1)
    eve = person(teams_service, whole_bot, late)
    eve.card, eve.card_id = bob.card, bob.card_id
    assert says(await eve.presses("Send my answers", a_q1="0"), "not sent to you")
    assert await tally(whole_bot) == {}


async def test_after_the_end_the_card_says_that_it_is_over(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE, readers="everybody")
    await results(admin)
    assert "Close now" not in buttons(await admin.presses("Close now"))
    opens(bob)
    card = await bob.presses("Send my answers", a_q1="0")
    assert says(card, "over")
    assert "Results" in buttons(card)
    assert await tally(whole_bot) == {}
    await admin.presses("Reopen")
    opens(bob)
    assert says(await bob.presses("Send my answers", a_q1="0"), "Thank you")


async def test_what_was_deleted_or_is_a_test_is_not_answered(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await author(admin, ONE)
    await choose(admin)
    await admin.presses("Try")
    await admin.presses("Verify", email=admin.user.email)
    await admin.presses("Send test")
    opens(admin)
    card = await admin.presses("Send my answers", a_q1="0")
    assert says(card, "This is a test")

    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await admin.says("campaigns")
    await admin.presses(f"Open {NAME}")
    await send(admin)
    opens(bob)
    await whole_bot.store.campaigns.delete((await campaign(whole_bot, NAME)).key)
    assert says(await bob.presses("Send my answers", a_q1="0"), "no longer kept")


async def test_an_answer_may_be_final(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE, changeable="false")
    opens(bob)
    assert "Change my answers" not in buttons(await bob.presses("Send my answers", a_q1="0"))
    opens(bob)
    assert says(await bob.presses("Send my answers", a_q1="1"), "first answers count")
    assert (await tally(whole_bot))["q1=c:0"] == 1


@pytest.mark.parametrize(("text", "token"), [("yes", "q1=c:0"), ("2", "q1=c:1"), ("NO", "q1=c:1")])
async def test_a_single_question_is_answered_by_typing(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, text: str, token: str
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE)
    assert says(await bob.says("maybe"), "Type one of the choices")
    assert says(await bob.says(text), "Thank you")
    assert (await tally(whole_bot))[token] == 1
    assert says(await bob.says(text), "I bring you news")


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
        assert says(card, "shown from 3 responses on") == (number < 2)
        assert ("Export" in buttons(card)) == (number == 2)
        assert "Filter" not in buttons(card)
    assert says(await bob.presses("Results"), "3 responses so far")


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
    urls = {of["title"]: of["url"] for of in opened(card)}
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
    assert says(card_of(bob.inbox()[-1]), "NPS **+100**")


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
    [of] = (await whole_bot.store.lists.page(users[0].tenant, offset=0, limit=1)).items
    await results(admin)
    await admin.presses("Filter")
    assert says(await admin.presses("Show", of_list=of.id), "people on “Paris”: 1 response")
    await admin.presses("Filter")
    card = await admin.presses("Show", of_list="", department="Sales")
    assert says(card, "the department Sales: 0 responses")
