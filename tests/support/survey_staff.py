"""Writing a survey in the chat, sending it, and looking at it as a recipient."""

from __future__ import annotations

from typing import Any

from campaigns.campaign import Campaign, Status
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chat import TENANT, Bot, Card, Person, buttons, card_of, send, texts

TITLE = "How do you like the new office?"
NAME = "Office survey"

Written = list[tuple[str, dict[str, str]]]
"""Kinds of questions, and what is typed into their forms."""

QUESTIONS: Written = [
    ("single", {"text": "Which floor?", "choices": "First\nSecond\nThird", "required": "true"}),
    ("multiple", {"text": "What is missing?", "choices": "Plants\nLight\nQuiet", "other": "true"}),
    ("yes_no", {"text": "Do you have a desk?"}),
    ("rating", {"text": "How is the coffee?", "required": "true"}),
    ("recommendation", {"text": "Would you recommend us?"}),
    ("number", {"text": "How many days a week?", "low": "0", "high": "5"}),
    ("date", {"text": "When did you move in?"}),
    ("text", {"text": "Anything else?", "lines": "true", "help": "As much as you like"}),
]
"""One of each kind: q1 to q8."""

ONE: Written = [("yes_no", {"text": "Are you coming?", "required": "true"})]

FULL = {
    "a_q1": "1",
    "a_q2": "0,2",
    "a_q3": "0",
    "a_q4": "4",
    "a_q5": "9",
    "a_q6": "3",
    "a_q7": "2026-03-02",
    "a_q8": "Fine.\nReally.",
}
"""An answer to each."""


async def author(admin: Person, questions: Written = QUESTIONS, **settings: str) -> Card:
    """Writes a survey; the admin looks at its card then."""
    await admin.says("surveys")
    await admin.presses("New survey")
    await admin.presses("Save", name=TITLE, introduction="It takes a minute.")
    for kind, fields in questions:
        await admin.presses("Add a question", kind=kind)
        await admin.presses("Save question", **fields)
    if settings:
        await admin.presses("Settings")
        await admin.presses("Save settings", **settings)
    return admin.card


async def choose(admin: Person, message: str = "Please answer until Friday.") -> Card:
    """Makes a campaign that asks the survey, for everyone; the admin looks at the draft then."""
    await admin.says("new campaign")
    await admin.presses("Next", name=NAME, format="survey")
    await admin.presses("Choose a survey")
    await admin.presses(f"Use {TITLE}")
    await admin.presses("Next: preview", message=message)
    await admin.presses("Next: recipients")
    return await admin.presses("Next", audience="all")


async def ask(admin: Person, questions: Written = QUESTIONS, **settings: str) -> Card:
    """Writes a survey and sends it to everyone; the admin looks at the report then."""
    await author(admin, questions, **settings)
    await choose(admin)
    return await send(admin)


def opens(person: Person) -> Card:
    """The person looks at the survey that they got last."""
    asked = [post for post in person.inbox() if "Send my answers" in str(post.activity)]
    person.card, person.card_id = card_of(asked[-1]), asked[-1].activity_id
    return person.card


async def report(admin: Person) -> Card:
    """The report of the survey's campaign, by the way there from the menu."""
    await admin.says("campaigns")
    [shelf] = [title for title in buttons(admin.card) if title.startswith("Completed (")]
    await admin.presses(shelf)
    return await admin.presses(f"Open {NAME}")


async def results(admin: Person) -> Card:
    """The results of the survey, by way of the report."""
    await report(admin)
    return await admin.presses("Results")


async def tally(bot: Bot) -> dict[str, int]:
    """Returns the counts, as the store has them."""
    return dict(await bot.store.responses.tally((await original(bot)).key))


async def original(bot: Bot) -> Campaign:
    """The campaign that asked the survey first."""
    page = await bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=50)
    [found] = [found for found in page.items if found.name == NAME and found.original_key is None]
    return found


def person(teams_service: FakeTeams, bot: Bot, user: FakeUser) -> Person:
    return Person(teams_service, bot, user)


def says(card: Card, words: str) -> bool:
    return any(words in line for line in texts(card))


def opened(value: Any) -> list[dict[str, Any]]:
    """The buttons of a card that open a web page."""
    if isinstance(value, dict):
        own = [value] if value.get("type") == "Action.OpenUrl" else []
        return own + [
            button for key, item in value.items() if key != "fallback" for button in opened(item)
        ]
    return [button for item in value for button in opened(item)] if isinstance(value, list) else []
