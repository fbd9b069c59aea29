"""Reasons to refuse the content, the name or the audience of a campaign, and its pictures."""

from __future__ import annotations

from campaigns.errors import RefusalDetails, RefusalKey


class AuthoringRefusal(RefusalKey):
    """Parts of a campaign or template that are missing or too big."""

    NO_NAME = "no_name"
    NO_TEMPLATE_NAME = "no_template_name"
    NO_FORMAT = "no_format"
    NO_MESSAGE = "no_message"
    NO_PASTED_CARD = "no_pasted_card"
    EMPTY_CARD = "empty_card"
    BUTTON_WITHOUT_TEXT = "button_without_text"
    BUTTON_WITHOUT_ADDRESS = "button_without_address"
    PICTURE_WITHOUT_DESCRIPTION = "picture_without_description"
    NO_SURVEY = "no_survey"
    SURVEY_WITHOUT_QUESTIONS = "survey_without_questions"
    MESSAGE_TOO_BIG = "message_too_big"
    CARD_TOO_BIG = "card_too_big"
    SURVEY_TOO_BIG = "survey_too_big"
    NO_AUDIENCE = "no_audience"
    LIST_GONE = "list_gone"


class PictureRefusal(RefusalKey):
    """Reasons why Teams would not show the picture at an address."""

    NO_ADDRESS = "no_address"
    NOT_HTTPS = "not_https"
    LEADS_ON = "leads_on"
    NOT_A_PICTURE = "not_a_picture"
    DAMAGED = "damaged"


class PictureMissing(RefusalDetails, frozen=True):
    """The web server says that there is nothing at the picture's address."""

    status: int
    """HTTP status."""


class PictureTooLarge(RefusalDetails, frozen=True):
    """The picture has too many pixels."""

    width: int
    height: int
    most: int
    """Most pixels, in width and in height."""


class PictureTooBig(RefusalDetails, frozen=True):
    """The picture has too many bytes."""

    megabytes: float
    """Least size. It may be larger, because a picture is not read further than necessary."""


class PictureDoubt(RefusalKey):
    """Reasons why a picture could not be looked at."""

    PLACEHOLDER = "placeholder"
    NOT_PUBLIC = "not_public"
    NOT_FOUND = "not_found"
    NO_ANSWER = "no_answer"
    NOT_REACHED = "not_reached"


class PictureAnswered(RefusalDetails, frozen=True):
    """A picture could not be looked at: the web server answered with another status."""

    status: int
    """HTTP status."""
