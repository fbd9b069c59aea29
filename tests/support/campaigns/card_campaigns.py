"""Writing a campaign in the Adaptive Card format, and sending it."""

from __future__ import annotations

from tests.support.chats.cards import Card, card_of
from tests.support.chats.chat import Person, send

NAME = "Summer party"


async def begin_card(admin: Person) -> Card:
    """Begins a campaign in this format, and ends on its second step."""
    await admin.says("new campaign")
    return await admin.presses("Next", name=NAME, format="card")


async def send_to_everyone(admin: Person) -> Card:
    """Sends the previewed campaign; returns the card that the admin received, with its summary."""
    await admin.presses("Next: recipients")
    await admin.presses("Next", audience="all")
    await send(admin)
    [sent] = [
        post
        for post in admin.inbox()
        if post.call == "send"
        and "Report" not in str(post.activity)
        and post.activity
        and "Step" not in str(post.activity)
        and "Push campaigns" not in str(post.activity)
        and "New campaign" not in str(post.activity)
    ]
    return {"summary": (sent.activity or {})["summary"]} | card_of(sent)
