"""A survey whose message is corrected, recalled, or sent to newcomers."""

from __future__ import annotations

import csv
import io

import pytest

from campaigns.campaign import Purpose
from campaigns.outcome import Reason
from tests.fake_teams import FakeTeams, Received
from tests.support.campaigns.followups import correct, until_ended
from tests.support.campaigns.staff import rows, staff
from tests.support.campaigns.survey_staff import (
    ONE,
    Written,
    ask,
    opens,
    original,
    person,
    results,
    tally,
    web_links,
)
from tests.support.chats.browser import follow
from tests.support.chats.cards import buttons, card_of, shows
from tests.support.chats.chat import Bot, Person, send
from tests.support.waiting import until_stored

WORDS: Written = [("text", {"text": "Why?"})]


def updates(fake: FakeTeams, words: str) -> dict[str, Received]:
    """Returns the surveys that were updated to ones with these words, by conversation."""
    return {
        post.conversation_id: post
        for post in fake.received
        if post.call == "update"
        and "Send my answers" in str(post.activity)
        and words in str(post.activity)
    }


@pytest.mark.parametrize("anonymous", ["true", "false"])
async def test_a_correction_skips_people_who_have_answered(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, anonymous: str
) -> None:
    users = await staff(teams_service, whole_bot, 2)
    answered, waits = (person(teams_service, whole_bot, user) for user in users)
    await ask(admin, ONE, anonymous=anonymous)
    opens(answered)
    await answered.presses("Send my answers", a_q1="0")
    question = await correct(admin, "Please answer until Monday.")
    assert shows(question, "Who has answered the survey keeps the thank-you")
    correction = await until_ended(whole_bot, Purpose.CORRECT)

    corrected = updates(teams_service, "until Monday")
    assert corrected.keys() == {waits.user.conversation_id, admin.user.conversation_id}
    row = (await rows(whole_bot, correction.key))[answered.user.id]
    assert row.reason is Reason.ANSWERED
    counted = await whole_bot.store.ledger.counts(correction.key)
    assert (counted.success, counted.skipped, counted.error) == (2, 1, 0)

    # The correction's report would tell who has answered.
    result = {"do": "result", "campaign": correction.id, "revision": 0, "result": "skipped"}
    exported = {"do": "export", "campaign": correction.id, "revision": 0}
    await admin.says("campaigns")
    if anonymous == "true":
        for data in (result, exported):
            assert shows(await admin.gets(admin.press_with(data)), "the survey is anonymous")
        read = {**result, "do": "people", "who": "read"}
        del read["result"]
        assert shows(await admin.gets(admin.press_with(read)), "the survey is anonymous")
        await admin.gets(
            admin.press_with({"do": "report", "campaign": correction.id, "revision": 0})
        )
        assert "Show" not in buttons(admin.card)
        assert "Export" not in buttons(admin.card)
    else:
        assert shows(await admin.gets(admin.press_with(result)), "has answered")

    # Nobody's answers are lost, and those that were given can still be changed.
    await answered.presses("Change my answers")
    await answered.presses("Send my answers", a_q1="1")
    post = corrected[waits.user.conversation_id]
    waits.card, waits.card_id = card_of(post), post.activity_id
    assert shows(await waits.presses("Send my answers", a_q1="1"), "Thank you")
    responses = await tally(whole_bot)
    assert (responses["*"], responses["q1=c:1"]) == (2, 2)


async def test_a_reminder_repeats_the_message_as_it_was_corrected(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE)
    question = await correct(admin, "Please answer until Monday.")
    assert shows(question, "Who has answered the survey keeps the thank-you")
    await until_ended(whole_bot, Purpose.CORRECT)
    first = await original(whole_bot)
    data = {"do": "remind to answer", "campaign": first.id, "revision": 0, "reminder": "1"}
    await admin.gets(admin.press_with(data))

    async def reminded() -> bool:
        return len([post for post in bob.inbox() if post.call == "send"]) == 2

    await until_stored(reminded, "the reminder")
    assert shows(opens(bob), "Please answer until Monday.")


async def test_a_recall_closes_the_survey_and_keeps_its_answers(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    users = await staff(teams_service, whole_bot, 2)
    answered, waits = (person(teams_service, whole_bot, user) for user in users)
    await ask(admin, ONE)
    opens(answered)
    await answered.presses("Send my answers", a_q1="0")
    await admin.presses("Follow up")
    await admin.presses("Recall")
    assert shows(admin.card, "Its survey is closed; what has been answered stays")
    await admin.presses("Yes, recall it from 3 people")
    await until_ended(whole_bot, Purpose.RECALL)

    # Neither by typing, nor on a card that a client still shows.
    assert not shows(await waits.says("yes"), "Thank you")
    opens(waits)
    assert shows(await waits.presses("Send my answers", a_q1="0"), "This survey is over")
    first = await original(whole_bot)
    await admin.gets(
        admin.press_with({"do": "survey results", "campaign": first.id, "revision": 0})
    )
    assert shows(admin.card, "**1 of 3 people** answered")
    assert shows(admin.card, "Named · closed")
    assert "Remind" not in buttons(admin.card)
    assert (await tally(whole_bot))["*"] == 1


async def test_newcomers_answer_the_same_survey_and_count_with_the_others(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, WORDS)
    opens(bob)
    await bob.presses("Send my answers", a_q1="Because.")
    new, quiet = await staff(teams_service, whole_bot, 2)
    await admin.presses("Follow up")
    await admin.presses("Send to newcomers")
    await send(admin)
    ann = person(teams_service, whole_bot, new)
    opens(ann)
    await ann.presses("Send my answers", a_q1="Therefore.")

    first = await original(whole_bot)
    data = {"do": "survey results", "campaign": first.id, "revision": 0}
    await admin.gets(admin.press_with(data))
    assert shows(admin.card, "**2 of 4 people** answered")
    await admin.presses("Read 2 texts")
    assert shows(admin.card, new.name)
    await admin.presses("Back")
    card = await admin.presses("Export")
    page = await follow(whole_bot, web_links(card)["CSV file"])
    _, *lines = csv.reader(io.StringIO(page.body.decode("utf-8-sig")))
    assert sorted(line[1:] for line in lines) == sorted(
        [[user.email, "Because."], [new.email, "Therefore."]]
    )

    await admin.presses("Back to the results")
    await admin.presses("Remind")
    assert shows(admin.card, "Remind 2 people?")
    await admin.presses("Yes, remind them")

    async def reminded() -> bool:
        late = person(teams_service, whole_bot, quiet)
        return len([post for post in late.inbox() if post.call == "send"]) == 2

    await until_stored(reminded, "the newcomer's reminder")
    assert len([post for post in ann.inbox() if post.call == "send"]) == 1


async def test_a_closed_survey_goes_to_newcomers_only_after_it_is_reopened(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await staff(teams_service, whole_bot, 1)
    await ask(admin, ONE)
    await staff(teams_service, whole_bot, 1)
    await admin.presses("Follow up")
    await admin.presses("Send to newcomers")
    draft = admin.press("Send now")["value"]["action"]["data"]
    await results(admin)
    await admin.presses("Close now")
    await admin.gets(admin.press_with(draft))
    assert shows(admin.card, "The survey is closed. Reopen it")
    first = await original(whole_bot)
    data = {"campaign": first.id, "revision": 0}
    await admin.gets(admin.press_with({"do": "send to newcomers", **data, "follower": "another"}))
    assert shows(admin.card, "The survey is closed. Reopen it")
    await admin.gets(admin.press_with({"do": "reopen survey", **data}))
    await admin.gets(admin.press_with(draft))
    assert "Yes, send to 1 person" in buttons(admin.card)
