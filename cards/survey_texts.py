"""Words about surveys."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.surveys.answers import shown_number
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Readers, Survey
from cards.texts import count, when

KINDS: dict[QuestionKind, str] = {
    QuestionKind.SINGLE: "Single choice",
    QuestionKind.MULTIPLE: "Multiple choice",
    QuestionKind.YES_NO: "Yes or no",
    QuestionKind.RATING: "Rating (1 to 5)",
    QuestionKind.RECOMMENDATION: "Recommendation (0 to 10, NPS)",
    QuestionKind.NUMBER: "Number",
    QuestionKind.DATE: "Date",
    QuestionKind.TEXT: "Free text",
}

READERS: dict[Readers, str] = {
    Readers.NOBODY: "Nobody but admins",
    Readers.ANSWERED: "Those who have answered",
    Readers.EVERYBODY: "Everybody who got it, after the end",
}

ANONYMOUS = (
    "Your answers are anonymous: they are kept without your name and the time, and results are "
    "shown only from 3 responses on."
)
NAMED = "Your answers are kept with your name."


def questions(number: int) -> str:
    """Returns ``1 question``, ``5 questions``."""
    return count(number, "question", "questions")


def responses(number: int) -> str:
    """Returns ``1 response``, ``5 responses``."""
    return count(number, "response", "responses")


def question_line(question: Question) -> str:
    """Returns a question's kind and settings, for its author."""
    facts = [KINDS[question.kind]]
    if question.kind.has_choices:
        facts.append(count(len(question.choices), "choice", "choices"))
        facts += ["other"] if question.other else []
    facts += ["several lines"] if question.lines else []
    facts += ["required"] if question.required else []
    return " · ".join(facts)


def settings_line(survey: Survey, zone: ZoneInfo) -> str:
    """Returns a survey's settings: ``Named · answers may be changed · open until ...``."""
    return " · ".join(
        [
            "Anonymous" if survey.anonymous else "Named",
            "answers may be changed" if survey.changeable else "answers are final",
            open_until(survey.closes_at, zone),
            *([f"reminder {_days(survey.remind_before)} before"] if survey.remind_before else []),
        ]
    )


def _days(number: int) -> str:
    return count(number, "day", "days")


def open_until(closes_at: datetime | None, zone: ZoneInfo) -> str:
    """Returns ``open until ...`` with the time, or ``open until it is closed``."""
    return f"open until {when(closes_at, zone)}" if closes_at else "open until it is closed"


def bounds(low: float | None, high: float | None) -> str:
    """Returns ``from 1 to 10``, ``of at least 1``, ``of at most 10``; empty without bounds."""
    if low is not None and high is not None:
        return f"from {shown_number(low)} to {shown_number(high)}"
    if low is not None:
        return f"of at least {shown_number(low)}"
    return f"of at most {shown_number(high)}" if high is not None else ""
