"""Writing surveys in the chat, on their own and for a campaign."""

from __future__ import annotations

from campaigns.surveys import survey as domain
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import QUESTIONS as MOST
from cards.surveys.shelf import PAGE
from tests.fake_teams import FakeTeams
from tests.support.campaigns.staff import staff
from tests.support.campaigns.survey_staff import (
    NAME,
    ONE,
    QUESTIONS,
    TITLE,
    ask,
    author,
    choose,
    opens,
    person,
    tally,
)
from tests.support.chats.cards import buttons, shows, value_of
from tests.support.chats.chat import TENANT, Bot, Person, send


async def test_a_survey_is_made_while_its_campaign_is_written(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    await admin.says("new campaign")
    await admin.presses("Next", name=NAME, format="survey")
    await admin.presses("Choose a survey", message="Please answer until Friday.")
    assert shows(admin.card, "There are no surveys yet")
    await admin.presses("New survey")
    await admin.presses("Back")
    await admin.presses("Back")
    assert value_of(admin.card, "message") == "Please answer until Friday."

    await admin.presses("Choose a survey")
    await admin.presses("New survey")
    await admin.presses("Save", name=TITLE)
    [(kind, fields)] = ONE
    await admin.presses("Add a question", kind=kind)
    await admin.presses("Save question", **fields)
    await admin.presses("Settings")
    await admin.presses("Save settings", anonymous="true")
    await admin.presses("Preview")
    await admin.presses("Back")
    await admin.presses("Use this survey")
    assert shows(admin.card, f"Survey: **{TITLE}** (1 question)")
    assert value_of(admin.card, "message") == "Please answer until Friday."

    await admin.presses("Next: preview")
    assert "1. Are you coming?" in str(admin.card)
    await admin.presses("Next: recipients")
    await admin.presses("Next", audience="all")
    await send(admin)
    bob = person(teams_service, whole_bot, user)
    assert shows(opens(bob), "Please answer until Friday.")
    await bob.presses("Send my answers", a_q1="0")
    assert (await tally(whole_bot))["q1=c:0"] == 1


async def test_the_clone_of_a_sent_survey_is_used_in_the_campaign_that_it_was_made_for(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await staff(teams_service, whole_bot, 1)
    await ask(admin, ONE)
    await admin.says("new campaign")
    await admin.presses("Next", name="Again", format="survey")
    await admin.presses("Choose a survey")
    await admin.presses(f"Open {TITLE}")
    await admin.presses("Clone")
    await admin.presses("Use this survey")
    assert shows(admin.card, f"Survey: **{TITLE} (copy)**")


async def test_the_survey_that_a_draft_asks_is_changed_from_its_second_step(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await staff(teams_service, whole_bot, 1)
    await author(admin, ONE)
    await choose(admin, message="Please answer.")
    await admin.presses("Modify")
    await admin.presses("Open the survey", message="Please answer soon.")
    await admin.presses("Add a question", kind="yes_no")
    await admin.presses("Save question", text="With a guest?")
    await admin.presses("Use this survey")
    assert shows(admin.card, f"Survey: **{TITLE}** (2 questions)")
    assert value_of(admin.card, "message") == "Please answer soon."
    await admin.presses("Next: preview")
    assert "2. With a guest?" in str(admin.card)


async def test_choosing_a_deleted_survey_offers_the_others(whole_bot: Bot, admin: Person) -> None:
    await author(admin, ONE)
    await admin.says("new campaign")
    await admin.presses("Next", name=NAME, format="survey")
    await admin.presses("Choose a survey")
    [survey] = (await whole_bot.store.surveys.page(TENANT, offset=0, limit=9)).items
    await whole_bot.store.surveys.delete(TENANT, survey.id)
    await admin.presses(f"Use {TITLE}")
    assert shows(admin.card, "This survey does not exist any more")
    assert shows(admin.card, "Choose a survey")
    await admin.presses("Back")
    assert "Choose a survey" in buttons(admin.card)


async def test_a_survey_that_grew_too_big_after_it_was_chosen_is_not_sent(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await staff(teams_service, whole_bot, 1)
    await author(admin, ONE)
    await choose(admin, message="Ä" * 7_900)
    [survey] = (await whole_bot.store.surveys.page(TENANT, offset=0, limit=9)).items
    for number in range(11):
        choices = tuple(f"{choice} {'x' * 90}" for choice in range(20))
        long = Question(id="", kind=QuestionKind.MULTIPLE, text=f"Which {number}?", choices=choices)
        survey = domain.put(survey, long, survey.updated_at)
    await whole_bot.store.surveys.save(survey)

    for what in ("Send now", "Send later", "Try"):
        await admin.says("campaigns")
        await admin.presses(f"Open {NAME}")
        await admin.presses(what)
        if what == "Send later":
            assert "Send now" in buttons(admin.card)
        assert shows(admin.card, "With its survey, this message is too big for Teams")
    await admin.presses("Modify")
    await admin.presses("Next: preview")
    assert shows(admin.card, "With the survey below it, this message gets too big for Teams")
    await admin.presses("Next: preview", message="Short.")
    await admin.presses("Next: recipients")
    await admin.presses("Next", audience="all")
    await send(admin)


async def test_a_survey_that_would_be_too_big_is_not_chosen(whole_bot: Bot, admin: Person) -> None:
    await author(admin, ONE)
    await admin.says("new campaign")
    await admin.presses("Next", name=NAME, format="survey")
    await admin.presses("Choose a survey", message="Ä" * 7_900)
    [survey] = (await whole_bot.store.surveys.page(TENANT, offset=0, limit=9)).items
    for number in range(11):
        choices = tuple(f"{choice} {'x' * 90}" for choice in range(20))
        long = Question(id="", kind=QuestionKind.MULTIPLE, text=f"Which {number}?", choices=choices)
        survey = domain.put(survey, long, survey.updated_at)
    await whole_bot.store.surveys.save(survey)
    await admin.presses(f"Use {TITLE}")
    assert shows(admin.card, "the message gets too big for Teams")
    assert "Choose a survey" in buttons(admin.card)


async def test_surveys_are_paged_and_a_page_beyond_the_end_shows_the_last_one(
    whole_bot: Bot, admin: Person
) -> None:
    for number in range(PAGE + 1):
        await admin.says("surveys")
        await admin.presses("New survey")
        await admin.presses("Save", name=f"Survey {number}")
    await admin.says("surveys")
    assert shows(admin.card, f"1 to {PAGE} of {PAGE + 1}")
    assert "Previous" not in buttons(admin.card)
    await admin.presses("Next")
    assert shows(admin.card, f"{PAGE + 1} to {PAGE + 1} of {PAGE + 1}")
    assert "Next" not in buttons(admin.card)
    again = admin.press("Previous")
    last = admin.press_with(again["value"]["action"]["data"] | {"page": 1})

    await admin.presses(f"Open Survey {PAGE}")
    await admin.presses("Delete survey")
    await admin.presses("Yes, delete it")
    await admin.gets(last)
    assert shows(admin.card, "Survey 0")
    assert not {"Next", "Previous"} & set(buttons(admin.card))


async def test_a_survey_of_twenty_questions_is_written_on_one_card(admin: Person) -> None:
    await author(admin, [("text", {"text": f"{number} {'why ' * 70}"}) for number in range(MOST)])
    assert "Add a question" not in buttons(admin.card)
    assert "Duplicate" not in buttons(admin.card)
    await admin.presses("Edit", question="q20")
    assert value_of(admin.card, "text").startswith("19 why")
    await admin.presses("Save question", text="Why not?")
    assert shows(admin.card, "20. Why not?")
    assert value_of(admin.card, "question") == "q20"
    await admin.presses("Preview")


async def test_a_sent_survey_is_not_changed_but_cloned(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await staff(teams_service, whole_bot, 1)
    await ask(admin, ONE)
    await admin.says("surveys")
    card = await admin.presses(f"Open {TITLE}")
    assert "Settings" not in buttons(card)
    assert shows(card, "can't be changed any more")
    card = await admin.presses("Clone")
    assert "Settings" in buttons(card)
    assert shows(card, f"{TITLE} (copy)")


async def test_questions_are_moved_duplicated_and_deleted(admin: Person) -> None:
    await author(admin, QUESTIONS[:3])
    await admin.presses("Move up", question="q3")
    assert shows(admin.card, "2. Do you have a desk?")
    # The one that was moved stays chosen.
    await admin.presses("Move up")
    assert shows(admin.card, "1. Do you have a desk?")
    await admin.presses("Duplicate", question="q1")
    assert shows(admin.card, "3. Which floor?")
    await admin.presses("Delete", question="q3")
    assert shows(admin.card, "This can't be undone")
    await admin.presses("Back")
    assert shows(admin.card, "1. Do you have a desk?")
    await admin.presses("Delete", question="q3")
    await admin.presses("Yes, delete it")
    assert shows(admin.card, "1. Which floor?")
    assert shows(admin.card, "2. Which floor?")
    card = await admin.presses("Preview")
    assert shows(card, "This is what people receive")


async def test_two_admins_who_write_at_once_lose_nothing(admin: Person) -> None:
    await author(admin, ONE)
    stale = admin.press("Add a question", kind="text")
    await admin.gets(stale)
    late = admin.press("Save question", text="Why?")
    await admin.gets(admin.press("Save question", text="When?"))
    card = await admin.gets(late)
    assert shows(card, "Someone else changed this survey")
    card = await admin.presses("Save question")
    assert shows(card, "2. When?")
    assert shows(card, "3. Why?")


async def test_invalid_questions_and_settings_are_refused_beside_their_fields(
    admin: Person,
) -> None:
    await author(admin, [])
    await admin.presses("Add a question", kind="single")
    card = await admin.presses("Save question", text="", choices="One")
    assert shows(card, "Write the question")
    assert shows(card, "Write 2 to 25 choices")
    await admin.presses("Back")
    await admin.presses("Settings")
    card = await admin.presses("Save settings", closes="2001-01-01")
    assert shows(card, "This day is over")
    card = await admin.presses("Save settings", closes="", remind="3")
    assert shows(card, "has no reminder before it")
