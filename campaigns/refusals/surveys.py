"""Reasons to refuse a survey, its questions and settings, or an answer."""

from __future__ import annotations

from campaigns.errors import RefusalDetails, RefusalKey


class SurveyRefusal(RefusalKey):
    """Reasons why a survey can't be saved or changed, and why nobody can be reminded of it or see
    its results.
    """

    NO_TITLE = "no_title"
    SENT = "sent"
    TOO_BIG = "too_big"
    PLACEHOLDER = "placeholder"
    LAST_DAY_OVER = "last_day_over"
    LAST_DAY_NO_DATE = "last_day_no_date"
    LAST_DAY_TOO_FAR = "last_day_too_far"
    REMINDER_WITHOUT_END = "reminder_without_end"
    REMINDER_PASSED = "reminder_passed"
    REMINDER_NO_NUMBER = "reminder_no_number"
    NOT_SENT = "not_sent"
    OVER = "over"
    NO_RESULTS = "no_results"
    ANONYMOUS = "anonymous"


class QuestionRefusal(RefusalKey):
    """Mistakes in a question that have no values."""

    NO_TEXT = "no_text"
    NO_KIND = "no_kind"
    OTHER_OFFERED = "other_offered"
    BOUND_NO_NUMBER = "bound_no_number"
    BOUND_UNREADABLE = "bound_unreadable"
    BOUND_TOO_LARGE = "bound_too_large"
    BOUNDS_CROSSED = "bounds_crossed"


class TooManyQuestions(RefusalDetails, frozen=True):
    """A survey has the most questions that it may have, so none can be added."""

    most: int


class TooManyReminders(RefusalDetails, frozen=True):
    """A survey has had the most reminders that it may have."""

    most: int


class ReminderOutOfRange(RefusalDetails, frozen=True):
    """The number of days from the reminder to the end is below 0 or above ``most``."""

    most: int


class NumberOfChoices(RefusalDetails, frozen=True):
    """A question has too few choices, or too many."""

    least: int
    most: int


class ChoiceTwice(RefusalDetails, frozen=True):
    """Two choices are the same."""

    choice: str


class AnswerRefusal(RefusalKey):
    """Mistakes in an answer that have no values."""

    MISSING = "missing"
    NOTHING_TYPED = "nothing_typed"
    NOT_A_CHOICE = "not_a_choice"
    OTHER_NOT_SAID = "other_not_said"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DATE = "not_a_date"


class MarkOutside(RefusalDetails, frozen=True):
    """An answer's number is not on the scale of a rating or recommendation."""

    first: int
    last: int


class NumberOutside(RefusalDetails, frozen=True):
    """An answer's number is not within the question's bounds; None is no bound."""

    low: float | None
    high: float | None


class AnswersTooLong(RefusalDetails, frozen=True):
    """All texts in a person's answers together have too many characters."""

    limit: int
