"""Words for values of the domain: numbers with their nouns, times, results, reasons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.campaign import InDoubtPolicy, Missed, Status
from campaigns.content import Format
from campaigns.outcome import Reason
from campaigns.report import Result

FORMATS: dict[Format, str] = {
    Format.MESSAGE: "Message",
    Format.IDEA: "Idea",
    Format.SUCCESS: "Success",
    Format.IMPORTANT: "Important",
    Format.CARD: "Adaptive Card",
    Format.SURVEY: "Survey",
}

FORMATS_EXPLAINED: dict[Format, str] = {
    Format.MESSAGE: "Message: text without a header; bold, lists and links if you like",
    Format.IDEA: "Idea: a light bulb, for suggestions and tips",
    Format.SUCCESS: "Success: a trophy, for good news and thanks",
    Format.IMPORTANT: "Important: a red header, for what nobody should miss",
    Format.CARD: "Adaptive Card: title, picture, text and buttons, or a card of your own",
    Format.SURVEY: "Survey: questions that people answer right in the message",
}

STATUSES: dict[Status, str] = {
    Status.DRAFT: "Draft",
    Status.SCHEDULED: "Scheduled",
    Status.SENDING: "Sending",
    Status.PAUSED: "Paused",
    Status.COMPLETED: "Completed",
    Status.STOPPED: "Stopped",
}

POLICIES: dict[InDoubtPolicy, str] = {
    InDoubtPolicy.ASK: "Ask me: the report lists these people (rare)",
    InDoubtPolicy.RESEND: "Send it again once: some people may get it twice",
}

MISSED: dict[Missed, str] = {
    Missed.LIST_GONE: (
        "It was to be sent by itself, but its distribution list had been deleted. Choose the "
        "recipients again, then send it or schedule it again."
    ),
    Missed.NOBODY: (
        "It was to be sent by itself, but none of its recipients could be reached. Choose other "
        "recipients, then send it or schedule it again."
    ),
    Missed.SURVEY_OVER: (
        "It was to be sent by itself, but the last day of its survey was over. Change that in the "
        "survey, then send it or schedule it again."
    ),
    Missed.TOO_BIG: (
        "It was to be sent by itself, but its survey had grown too big for Teams. Shorten the "
        "message, or the survey's questions, then send it or schedule it again."
    ),
    Missed.STARTED_PAUSED: (
        "It was to be sent by itself, but the bot had been started with everything paused, as "
        "after restoring a backup. Find out if people have it already, then send it or schedule it "
        "again."
    ),
    Missed.INCOMPLETE: (
        "It was to be sent by itself, but something was missing. Complete it, then send it or "
        "schedule it again."
    ),
}

RESULTS: dict[Result, str] = {
    Result.SUCCESS: "Success",
    Result.ERROR: "Error",
    Result.RESCHEDULED: "Rescheduled",
    Result.ONGOING: "Ongoing",
    Result.IN_DOUBT: "In doubt",
    Result.SKIPPED: "Skipped",
    Result.CANCELLED: "Cancelled",
}

RESULTS_EXPLAINED: dict[Result, str] = {
    Result.SUCCESS: "These people got the message.",
    Result.ERROR: "These people did not get the message.",
    Result.RESCHEDULED: "Not delivered yet; it is tried again by itself.",
    Result.ONGOING: "Waiting to be sent, or being sent now.",
    Result.IN_DOUBT: (
        "The message left us, but Teams did not say whether it arrived. "
        "Sending it again may give some people the message twice."
    ),
    Result.SKIPPED: "Not tried. The reason stands beside each name.",
    Result.CANCELLED: "Not sent, because the campaign was stopped.",
}

REASONS: dict[Reason, str] = {
    Reason.BLOCKED: "has blocked or muted the app",
    Reason.NOT_INSTALLED: "does not have the app",
    Reason.DISABLED_BY_ADMIN: "the app is switched off by the organisation",
    Reason.THROTTLED: "Teams asked to send more slowly",
    Reason.CONVERSATION_GONE: "the chat with this person no longer exists",
    Reason.UNAUTHORISED: "Teams refused the bot's sign-in",
    Reason.TOO_BIG: "the message is too big for Teams",
    Reason.BAD_REQUEST: "Teams refused the message",
    Reason.REFUSED: "Teams refused this person's message and did not say why",
    Reason.WRONG_HOST: "the chat's address is not one of Teams' own",
    Reason.NOT_DONE: "Teams was busy and asked to try again",
    Reason.NOT_CONNECTED: "Teams could not be reached",
    Reason.NO_ANSWER: "Teams did not answer",
    Reason.SERVER_ERROR: "Teams had an error of its own",
    Reason.INTERRUPTED: "the bot was stopped while sending",
    Reason.MESSAGE_GONE: "the message is no longer in this person's chat",
    Reason.NO_MESSAGE_ID: "Teams did not say which message it is, so it can't be changed",
    Reason.NO_PROFILE: "the person's name could not be read",
    Reason.NOT_PREPARED: "the message could not be made ready for this person",
    Reason.DAMAGED: "what the bot keeps about this person is damaged",
    Reason.STOPPED: "the campaign was stopped",
    Reason.ABSENT: "absent at every attempt",
    Reason.TOO_LATE: "the campaign's days were over",
    Reason.NO_HOURS: "it is night there in all of the campaign's hours",
    Reason.ANSWERED: "has answered, and keeps the thank-you",
    Reason.GAVE_UP: "every try failed",
}


_REACTIONS = {
    "like": "👍",
    "heart": "❤️",
    "laugh": "😆",
    "surprised": "😮",
    "sad": "🙁",
    "angry": "😡",
    "plusOne": "👍",
}
_CODE_POINT = re.compile(r"([0-9a-f]{4,5})(?:_|$)")


def reaction(kind: str) -> str:
    """Returns the emoji of a reaction; when none is known, the name that Teams gives it."""
    known = _REACTIONS.get(kind)
    code = _CODE_POINT.match(kind)
    if known is None and code is not None and int(code[1], 16) > 0x2000:
        return chr(int(code[1], 16))
    return known or kind


def count(number: int, singular: str, plural: str) -> str:
    """Returns a number with its noun: ``1 person``, ``1,200 people``."""
    return f"{number:,} {singular if number == 1 else plural}"


def people(number: int) -> str:
    """Returns ``1 person``, ``12 people``."""
    return count(number, "person", "people")


def joined(words: Sequence[str]) -> str:
    """Returns ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def reason(cause: Reason | None) -> str:
    """Returns a reason in plain words; empty without one."""
    return "" if cause is None else REASONS[cause]


def share(part: int, whole: int) -> str:
    """Returns a percentage. It is ``0 %`` only for nothing, and ``100 %`` only for everything."""
    if not whole:
        return "0 %"
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "< 1 %"
    if 99 < percent < 100:
        return "> 99 %"
    return f"{percent:.0f} %"


def when(moment: datetime, zone: ZoneInfo) -> str:
    """Returns ``Thu 26 Nov 2026, 09:30 (Paris)``.

    :param zone: the reader's own time zone.
    """
    return f"{_day_and_time(moment.astimezone(zone))} ({zone_name(zone)})"


def span(began: datetime, ended: datetime, zone: ZoneInfo) -> str:
    """Returns ``Thu 26 Nov 2026, 09:30 to 09:42 (Paris)``, with both days where they differ.

    :param zone: the reader's own time zone.
    """
    first, last = began.astimezone(zone), ended.astimezone(zone)
    if first.date() != last.date():
        return f"{_day_and_time(first)} to {_day_and_time(last)} ({zone_name(zone)})"
    return f"{_day_and_time(first)} to {last:%H:%M} ({zone_name(zone)})"


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """Returns ``09:30 (Paris)``, for a moment within the next minutes.

    :param zone: the reader's own time zone.
    """
    return f"{moment.astimezone(zone):%H:%M} ({zone_name(zone)})"


def short_time(moment: datetime, zone: ZoneInfo) -> str:
    """Returns ``26 Nov, 09:30:12``, for the rows of a table."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b, %H:%M:%S}"


def zone_name(zone: ZoneInfo) -> str:
    """Returns the name by which people know a time zone: ``Paris``."""
    return zone.key.rpartition("/")[2].replace("_", " ")


def _day_and_time(local: datetime) -> str:
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def duration(span: timedelta) -> str:
    """Returns ``less than a second``, ``12 seconds``, ``3 min 20 s``, ``2 h 5 min``."""
    seconds = int(span.total_seconds())
    if seconds < 1:
        return "less than a second"
    if seconds < 60:
        return count(seconds, "second", "seconds")
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
