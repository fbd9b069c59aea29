"""Words for mistakes in a campaign that an author writes, and in its pictures and pasted cards."""

from __future__ import annotations

from campaigns.refusals.authoring import (
    AuthoringRefusal,
    PictureAnswered,
    PictureDoubt,
    PictureMissing,
    PictureRefusal,
    PictureTooBig,
    PictureTooLarge,
)
from cards.message.pasted import CardProblems
from cards.refusals.base import Words


def _problems(reason: CardProblems) -> str:
    return "\n".join(reason.problems)


def _too_big(reason: PictureTooBig) -> str:
    size = f"{reason.megabytes:.1f}" if reason.megabytes >= 1.05 else "more than 1"
    return f"The picture has {size} MB; Teams shows at most 1 MB."


WORDS: Words = {
    AuthoringRefusal.NO_NAME: "Give the campaign a name.",
    AuthoringRefusal.NO_TEMPLATE_NAME: "Give the template a name.",
    AuthoringRefusal.NO_FORMAT: "Choose one of the formats.",
    AuthoringRefusal.NO_MESSAGE: "Write the message that people will receive.",
    AuthoringRefusal.NO_PASTED_CARD: "Paste the JSON of the card that people will receive.",
    AuthoringRefusal.EMPTY_CARD: "Give the card a title, a picture or a text.",
    AuthoringRefusal.BUTTON_WITHOUT_TEXT: "Give the button a text.",
    AuthoringRefusal.BUTTON_WITHOUT_ADDRESS: ("Where does the button lead? Give its web address."),
    AuthoringRefusal.PICTURE_WITHOUT_DESCRIPTION: (
        "Say what the picture shows, for those who can't see it."
    ),
    AuthoringRefusal.NO_SURVEY: "Choose the survey that people will answer.",
    AuthoringRefusal.SURVEY_WITHOUT_QUESTIONS: (
        "This survey has no questions yet. Add some, or choose another one."
    ),
    AuthoringRefusal.MESSAGE_TOO_BIG: (
        "With people's own names filled in, this message gets too big for Teams. "
        "Shorten it, or use fewer placeholders."
    ),
    AuthoringRefusal.CARD_TOO_BIG: (
        "With people's own names filled in, this card gets too big for Teams. "
        "Shorten it, or use fewer placeholders."
    ),
    AuthoringRefusal.SURVEY_TOO_BIG: (
        "With the survey below it, this message gets too big for Teams. Shorten it, or the "
        "questions of the survey."
    ),
    AuthoringRefusal.NO_AUDIENCE: "Choose who gets this campaign.",
    AuthoringRefusal.LIST_GONE: "The list that was chosen has been deleted. Choose again.",
    CardProblems: _problems,
    PictureRefusal.NO_ADDRESS: "This is no web address.",
    PictureRefusal.NOT_HTTPS: (
        "Teams shows only pictures from addresses that start with https://."
    ),
    PictureRefusal.LEADS_ON: (
        "This address leads on to another one, and Teams does not follow it. "
        "Use the address that it leads to."
    ),
    PictureRefusal.NOT_A_PICTURE: "What is at this address is no PNG, JPEG or GIF picture.",
    PictureRefusal.DAMAGED: "The picture at this address is damaged.",
    PictureMissing: "There is nothing at this address ({status}).",
    PictureTooLarge: (
        "The picture has {width}x{height} pixels; Teams shows at most {most}x{most}."
    ),
    PictureTooBig: _too_big,
    # Parts of a sentence: why a picture could not be checked.
    PictureDoubt.PLACEHOLDER: "its address has a placeholder in it",
    PictureDoubt.NOT_PUBLIC: "its address is not on the public internet",
    PictureDoubt.NOT_FOUND: "its address could not be found",
    PictureDoubt.NO_ANSWER: "its address did not answer in time",
    PictureDoubt.NOT_REACHED: "its address could not be reached",
    PictureAnswered: "its address answered with {status}",
}
