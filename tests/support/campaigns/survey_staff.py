"""Writing a survey in the chat, sending it, and looking at it as a recipient."""

from __future__ import annotations

from campaigns.campaign import Campaign, Status
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chats.cards import Card, buttons, card_of, parts
from tests.support.chats.chat import TENANT, Bot, Person, send

TITLE = "How do you like the new office?"
NAME = "Office survey"

Written = list[tuple[str, dict[str, str]]]
"""Questions: the kind of each, and what is typed into its form."""

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
"""One question of each kind: q1 to q8."""

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
"""An answer to each of them."""


async def author(admin: Person, questions: Written = QUESTIONS, **settings: str) -> Card:
    """Writes a survey and ends on its card."""
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
    """Makes a campaign to everyone that asks the survey, and ends on the draft."""
    await admin.says("new campaign")
    await admin.presses("Next", name=NAME, format="survey")
    await admin.presses("Choose a survey")
    await admin.presses(f"Use {TITLE}")
    await admin.presses("Next: preview", message=message)
    await admin.presses("Next: recipients")
    return await admin.presses("Next", audience="all")


async def ask(admin: Person, questions: Written = QUESTIONS, **settings: str) -> Card:
    """Writes a survey, sends it to everyone, and ends on the report."""
    await author(admin, questions, **settings)
    await choose(admin)
    return await send(admin)


def opens(person: Person) -> Card:
    """Looks at the survey that this person got last."""
    posts = [post for post in person.inbox() if "Send my answers" in str(post.activity)]
    person.card, person.card_id = card_of(posts[-1]), posts[-1].activity_id
    return person.card


async def report(admin: Person) -> Card:
    """Opens the report of the survey's campaign, from the shelf of completed ones."""
    await admin.says("campaigns")
    [shelf] = [title for title in buttons(admin.card) if title.startswith("Completed (")]
    await admin.presses(shelf)
    return await admin.presses(f"Open {NAME}")


async def results(admin: Person) -> Card:
    """Opens the results of the survey, from the report."""
    await report(admin)
    return await admin.presses("Results")


async def tally(bot: Bot) -> dict[str, int]:
    """Returns the store's counts of the answers."""
    return dict(await bot.store.responses.tally((await original(bot)).key))


async def original(bot: Bot) -> Campaign:
    """Returns the campaign that asked the survey first."""
    page = await bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=50)
    [first] = [
        campaign
        for campaign in page.items
        if campaign.name == NAME and campaign.original_key is None
    ]
    return first


def person(teams_service: FakeTeams, bot: Bot, user: FakeUser) -> Person:
    return Person(teams_service, bot, user)


def web_links(card: Card) -> dict[str, str]:
    """Returns the addresses that a card's buttons open, by their titles."""
    return {part["title"]: part["url"] for part in parts(card) if part["type"] == "Action.OpenUrl"}
