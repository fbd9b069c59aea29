"""Words for mistakes in a survey or in an answer, and for refusals of a survey that was sent."""

from __future__ import annotations

from campaigns.refusals.surveys import (
    AnswerRefusal,
    AnswersTooLong,
    ChoiceTwice,
    MarkOutside,
    NumberOfChoices,
    NumberOutside,
    QuestionRefusal,
    ReminderOutOfRange,
    SurveyRefusal,
    TooManyQuestions,
    TooManyReminders,
)
from cards.refusals.base import Words
from cards.survey_texts import bounds


def _outside(reason: NumberOutside) -> str:
    return f"Type a number {bounds(reason.low, reason.high)}."


WORDS: Words = {
    SurveyRefusal.NO_TITLE: "Give the survey a title.",
    SurveyRefusal.SENT: "This survey has been sent, so it can't be changed. Clone it instead.",
    SurveyRefusal.TOO_BIG: (
        "With this, the survey gets too big for Teams. Shorten it, or make two surveys of it."
    ),
    SurveyRefusal.PLACEHOLDER: (
        "Placeholders such as [FIRSTNAME] work in the message above the survey, not in the survey."
    ),
    SurveyRefusal.LAST_DAY_OVER: "This day is over. Choose one that is still to come.",
    SurveyRefusal.LAST_DAY_NO_DATE: "This is not a date. Write it as 2026-12-31.",
    SurveyRefusal.LAST_DAY_TOO_FAR: "This day is too far away.",
    SurveyRefusal.REMINDER_WITHOUT_END: ("A survey without a last day has no reminder before it."),
    SurveyRefusal.REMINDER_PASSED: "That day has passed already. Choose fewer days.",
    SurveyRefusal.REMINDER_NO_NUMBER: "Type a number of days, or leave it empty.",
    SurveyRefusal.NOT_SENT: "Only a survey that has been sent can be reminded of.",
    SurveyRefusal.OVER: "This survey is over. Reopen it before you remind anybody.",
    SurveyRefusal.NO_RESULTS: ("This campaign has no results: it has not asked a survey yet."),
    SurveyRefusal.ANONYMOUS: (
        "An anonymous survey can't be filtered: nobody knows whose is whose."
    ),
    TooManyQuestions: "A survey has at most {most} questions.",
    TooManyReminders: "There have been {most} reminders; more would be too many.",
    ReminderOutOfRange: "From 0 (no reminder) to {most} days.",
    QuestionRefusal.NO_TEXT: "Write the question.",
    QuestionRefusal.NO_KIND: "Choose what kind of question it is.",
    QuestionRefusal.OTHER_OFFERED: "“Other” is offered by the box below already.",
    QuestionRefusal.BOUND_NO_NUMBER: "Type a number.",
    QuestionRefusal.BOUND_UNREADABLE: "Type a number, or leave it empty.",
    QuestionRefusal.BOUND_TOO_LARGE: "This number is too large.",
    QuestionRefusal.BOUNDS_CROSSED: "The largest number must not be below the smallest.",
    NumberOfChoices: "Write {least} to {most} choices, one per line.",
    ChoiceTwice: "“{choice}” is there twice.",
    AnswerRefusal.MISSING: "Please answer this question.",
    AnswerRefusal.NOTHING_TYPED: "Type your answer.",
    AnswerRefusal.NOT_A_CHOICE: "Type one of the choices, or its number.",
    AnswerRefusal.OTHER_NOT_SAID: "You chose “Other”: please say what.",
    AnswerRefusal.NOT_A_NUMBER: "Type a number.",
    AnswerRefusal.NOT_A_DATE: "This is not a date. Write it as 2026-12-31.",
    MarkOutside: "Choose a number from {first} to {last}.",
    NumberOutside: _outside,
    AnswersTooLong: (
        "All your texts together have at most {limit:,} characters. Shorten this one."
    ),
}
