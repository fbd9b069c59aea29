"""Surveys: written in the chat, sent, and answered in the chat."""

from __future__ import annotations

import asyncio

import pytest

from tests.fake_teams import FakeTeams
from tests.support.campaigns.staff import campaign, staff
from tests.support.campaigns.survey_staff import (
    FULL,
    NAME,
    ONE,
    ask,
    author,
    choose,
    opens,
    person,
    report,
    results,
    tally,
)
from tests.support.chats.cards import buttons, shows, texts
from tests.support.chats.chat import Bot, Person, send


async def test_a_survey_of_every_kind_is_written_sent_answered_and_read(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, readers="answered")
    card = opens(bob)
    assert shows(card, "Please answer until Friday.")
    assert shows(card, "It takes a minute.")

    card = await bob.presses("Send my answers", **FULL)
    assert shows(card, "Thank you")
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
    assert shows(await bob.presses("Results"), "1 response so far")

    card = await report(admin)
    answered = texts(card).index("Answered")
    assert texts(card)[answered + 1] == "1"
    card = await results(admin)
    assert shows(card, "**1 of 2 people** answered")
    card = await admin.presses("More questions")
    assert shows(card, "NPS **+100**")
    await admin.presses("Read 1 text")
    assert shows(admin.card, "Really.")
    assert shows(await admin.presses("Search", search="nothing like it"), "Nothing found")


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
    assert all(shows(answer["value"], "Thank you") for answer in both)
    assert (await tally(whole_bot))["*"] == 1


async def test_a_missing_answer_is_pointed_out_beside_its_question_and_nothing_is_lost(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin)
    opens(bob)
    card = await bob.presses("Send my answers", a_q1="1", a_q6="9", a_q8="Kept")
    assert shows(card, "Please answer this question")
    assert shows(card, "Type a number from 0 to 5")
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
async def test_forged_answers_are_not_kept(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, what: str
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin)
    opens(bob)
    pressed = bob.press("Send my answers", **FULL)
    pressed["value"]["action"]["data"] |= FORGED[what]
    card = await bob.gets(pressed)
    assert shows(card, "Nothing was kept")
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
async def test_an_invalid_answer_is_refused_beside_its_question(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, what: str
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin)
    opens(bob)
    field, value, why = WRONG[what]
    card = await bob.presses("Send my answers", **(FULL | {field: value}))
    assert shows(card, why)
    assert await tally(whole_bot) == {}
    card = await bob.presses("Send my answers", **FULL)
    assert shows(card, "Thank you")


async def test_only_people_who_were_sent_the_survey_can_answer(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE)
    opens(bob)
    [late] = await staff(teams_service, whole_bot, 1)
    eve = person(teams_service, whole_bot, late)
    eve.card, eve.card_id = bob.card, bob.card_id
    assert shows(await eve.presses("Send my answers", a_q1="0"), "not sent to you")
    assert await tally(whole_bot) == {}


async def test_the_card_of_a_closed_survey_says_that_it_is_over(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE, readers="everybody")
    await results(admin)
    assert "Close now" not in buttons(await admin.presses("Close now"))
    opens(bob)
    card = await bob.presses("Send my answers", a_q1="0")
    assert shows(card, "over")
    assert "Results" in buttons(card)
    assert await tally(whole_bot) == {}
    await admin.presses("Reopen")
    opens(bob)
    assert shows(await bob.presses("Send my answers", a_q1="0"), "Thank you")


async def test_a_deleted_survey_and_a_test_can_not_be_answered(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await author(admin, ONE)
    await choose(admin)
    await admin.presses("Try")
    await admin.presses("Verify", email=admin.user.email)
    await admin.presses("Send test")
    opens(admin)
    card = await admin.presses("Send my answers", a_q1="0")
    assert shows(card, "This is a test")

    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await admin.says("campaigns")
    await admin.presses(f"Open {NAME}")
    await send(admin)
    opens(bob)
    await whole_bot.store.campaigns.delete((await campaign(whole_bot, NAME)).key)
    assert shows(await bob.presses("Send my answers", a_q1="0"), "no longer kept")


async def test_an_answer_may_be_final(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE, changeable="false")
    opens(bob)
    assert "Change my answers" not in buttons(await bob.presses("Send my answers", a_q1="0"))
    opens(bob)
    assert shows(await bob.presses("Send my answers", a_q1="1"), "first answers count")
    assert (await tally(whole_bot))["q1=c:0"] == 1


@pytest.mark.parametrize(("text", "token"), [("yes", "q1=c:0"), ("2", "q1=c:1"), ("NO", "q1=c:1")])
async def test_a_single_question_is_answered_by_typing(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, text: str, token: str
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE)
    assert shows(await bob.says("maybe"), "Type one of the choices")
    assert shows(await bob.says(text), "Thank you")
    assert (await tally(whole_bot))[token] == 1
    assert shows(await bob.says(text), "I bring you news")
