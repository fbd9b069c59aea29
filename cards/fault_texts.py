"""Words about a pause by a fault: the cause, what the bot does, and what its reader can do."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Fault, Purpose
from campaigns.probing import is_taken_up
from cards.markdown import escape
from cards.texts import clock_time, span

_CAUSES: dict[Purpose, dict[Fault, str]] = {
    Purpose.SEND: {
        Fault.SIGN_IN: (
            "Teams refuses the bot's sign-in, so nobody gets anything. Please tell your "
            "IT operations: the bot's credentials have to be renewed."
        ),
        Fault.REFUSED: (
            "Teams refuses this message for nearly everybody, so something about it is wrong. "
            "Look at the errors in the report."
        ),
        Fault.DOWN: (
            "Teams is not taking messages: it does not answer, or it refuses nearly everybody "
            "without saying why."
        ),
    },
    Purpose.CORRECT: {
        Fault.SIGN_IN: (
            "Teams refuses the bot's sign-in, so nothing is corrected. Please tell your "
            "IT operations: the bot's credentials have to be renewed."
        ),
        Fault.REFUSED: (
            "Teams refuses the corrected message for nearly everybody, so something about it is "
            "wrong. Look at the errors in the report."
        ),
        Fault.DOWN: (
            "Teams is not taking changes: it does not answer, or it refuses nearly all of them "
            "without saying why."
        ),
    },
    Purpose.RECALL: {
        Fault.SIGN_IN: (
            "Teams refuses the bot's sign-in, so nothing is recalled. Please tell your "
            "IT operations: the bot's credentials have to be renewed."
        ),
        Fault.REFUSED: (
            "Teams refuses to delete the message for nearly everybody. Look at the errors in the "
            "report."
        ),
        Fault.DOWN: (
            "Teams is not taking changes: it does not answer, or it refuses nearly all of them "
            "without saying why."
        ),
    },
}

_STARTED_PAUSED: dict[Purpose, str] = {
    Purpose.SEND: (
        "The bot was started with everything paused, as after restoring a backup. This report may "
        "not know of people who got the message after the backup, and they would get it a second "
        "time. Press Resume if it is to go on all the same, or stop it."
    ),
    Purpose.CORRECT: (
        "The bot was started with everything paused, as after restoring a backup. Press Resume "
        "if the message is still to be corrected; correcting it twice does no harm."
    ),
    Purpose.RECALL: (
        "The bot was started with everything paused, as after restoring a backup. Press Resume "
        "if the message is still to be recalled; recalling it twice does no harm."
    ),
}

_TRIED_AGAIN = {  # a refused message is not taken up by itself
    Fault.SIGN_IN: (
        "The bot tries again by itself, next at about {time}, and tells you when it goes on. "
        "Nobody has been forgotten."
    ),
    Fault.DOWN: (
        "You need not do anything. The bot tries again by itself, next at about {time}, and tells "
        "you when it goes on. Nobody has been forgotten."
    ),
}

_YOURS = (
    "The bot does not try again by itself. Press Resume when the trouble is over: what failed is "
    "tried again, and nobody has been forgotten."
)

_REFUSED: dict[Purpose, str] = {
    Purpose.SEND: (
        "The bot does not try again by itself. Press Resume to try again, or stop this campaign "
        "and clone it to change the message."
    ),
    Purpose.CORRECT: (
        "The bot does not try again by itself. Press Resume to try again, or stop this correction "
        "and make another one from the campaign's Follow up."
    ),
    Purpose.RECALL: (
        "The bot does not try again by itself. Press Resume to try again, or stop this recall."
    ),
}

_OVER: dict[Purpose, dict[Fault, str]] = {
    Purpose.SEND: {
        Fault.SIGN_IN: "Teams accepts the bot's sign-in again, and the campaign went on by itself.",
        Fault.DOWN: "Teams takes messages again, and the campaign went on by itself.",
    },
    Purpose.CORRECT: {
        Fault.SIGN_IN: (
            "Teams accepts the bot's sign-in again, and the correction went on by itself."
        ),
        Fault.DOWN: "Teams takes changes again, and the correction went on by itself.",
    },
    Purpose.RECALL: {
        Fault.SIGN_IN: "Teams accepts the bot's sign-in again, and the recall went on by itself.",
        Fault.DOWN: "Teams takes changes again, and the recall went on by itself.",
    },
}


def fault_advice(campaign: Campaign, cause: Fault, zone: ZoneInfo) -> str:
    """Returns the sentences that say why the bot has paused a campaign, and what happens next.

    :param zone: the reader's own time zone.
    """
    purpose = campaign.follow_up.purpose
    if cause is Fault.STARTED_PAUSED:
        return _STARTED_PAUSED[purpose]
    pause = campaign.run.fault_pause
    if is_taken_up(campaign) and pause is not None and pause.probe_at is not None:
        following = _TRIED_AGAIN[cause].format(time=escape(clock_time(pause.probe_at, zone)))
    elif cause is Fault.REFUSED:
        following = _REFUSED[purpose]
    else:
        following = _YOURS
    return f"{_CAUSES[purpose][cause]} {following}"


def went_on(campaign: Campaign, zone: ZoneInfo) -> str:
    """Returns the sentences that say why a campaign went on by itself, and how long it was paused.

    Returns nothing for a campaign that did not. What failed meanwhile is due again by then.

    :param zone: the reader's own time zone.
    """
    pause = campaign.run.fault_pause
    if pause is None or pause.ended_at is None:
        return ""
    over = _OVER[campaign.follow_up.purpose][pause.fault]
    paused = escape(span(pause.began_at, pause.ended_at, zone))
    return f"{over} It was paused from {paused}. What failed meanwhile is tried again."


def paused_span(campaign: Campaign, zone: ZoneInfo) -> str:
    """Returns from when to when a fault paused it, as Markdown; empty unless it went on by itself.

    :param zone: the reader's own time zone.
    """
    pause = campaign.run.fault_pause
    if pause is None or pause.ended_at is None:
        return ""
    return escape(span(pause.began_at, pause.ended_at, zone))
