"""Texts that people read when no dialog can answer their turn."""

from typing import Final

FAILED: Final = "Something is not working on our side just now. Try again in a moment."
DAMAGED: Final = (
    "Something that I have kept is damaged, and trying again does not help. "
    "Please tell the people who run this bot."
)
SLOW: Final = "This takes longer than usual and goes on in the background. Look again in a moment."
ONE_TO_ONE: Final = "I work in one-to-one chat. Write to me there."
NOT_SERVED: Final = "I am not set up for your organization. Its administrator can tell you more."
INCOMPLETE: Final = "This can't be handled here. Write to me in our one-to-one chat."
