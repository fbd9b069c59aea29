"""Words that depend on a campaign's purpose: to send, to correct or to recall messages."""

from __future__ import annotations

from campaigns.campaign import Campaign, Purpose, Status
from campaigns.report import Result
from cards.audiences import audience_words
from cards.texts import RESULTS_EXPLAINED, STATUSES, people

_KINDS = {Purpose.CORRECT: "Correction", Purpose.RECALL: "Recall"}

_TITLES = {Purpose.CORRECT: "Correction of {}", Purpose.RECALL: "Recall of {}"}

_SENDING = {Purpose.CORRECT: "Correcting", Purpose.RECALL: "Recalling"}

_SENT = {Purpose.SEND: "sent", Purpose.CORRECT: "corrected", Purpose.RECALL: "recalled"}

_EXPLAINED: dict[Purpose, dict[Result, str]] = {
    Purpose.SEND: RESULTS_EXPLAINED,
    Purpose.CORRECT: {
        Result.SUCCESS: "These people have the corrected message.",
        Result.ERROR: "The message could not be corrected for these people.",
        Result.RESCHEDULED: "Not corrected yet; it is tried again by itself.",
        Result.ONGOING: "Waiting to be corrected, or being corrected now.",
        Result.IN_DOUBT: "Teams did not say whether the message was corrected.",
        Result.SKIPPED: "Not tried. The reason stands beside each name.",
        Result.CANCELLED: "Not corrected, because the correction was stopped.",
    },
    Purpose.RECALL: {
        Result.SUCCESS: "The message is not in these people's chats any more.",
        Result.ERROR: "The message could not be taken out of these people's chats.",
        Result.RESCHEDULED: "Not recalled yet; it is tried again by itself.",
        Result.ONGOING: "Waiting to be recalled, or being recalled now.",
        Result.IN_DOUBT: "Teams did not say whether the message was taken out of the chat.",
        Result.SKIPPED: "Not tried. The reason stands beside each name.",
        Result.CANCELLED: "Not recalled, because the recall was stopped.",
    },
}

_SUCCEEDED = {
    Purpose.SEND: "**{}** got the message.",
    Purpose.CORRECT: "**{}** have the corrected message.",
    Purpose.RECALL: "The message was taken out of **{}** of the chats.",
}


def campaign_kind(campaign: Campaign) -> str:
    """Returns ``Correction``, ``Recall``, ``Reminder``, ``Newcomers``, or else ``Campaign``."""
    if campaign.follow_up.purpose is not Purpose.SEND:
        return _KINDS[campaign.follow_up.purpose]
    return "Campaign" if campaign.audience is None else audience_words(campaign.audience).campaign


def campaign_title(campaign: Campaign) -> str:
    """Returns a campaign's name.

    A follow-up has the name of its original, so the title adds what it does.
    """
    title = _TITLES.get(campaign.follow_up.purpose, "{}")
    if campaign.follow_up.purpose is Purpose.SEND and campaign.audience is not None:
        title = audience_words(campaign.audience).title
    return title.format(campaign.name)


def campaign_status(campaign: Campaign) -> str:
    """Returns ``Draft``, ``Sending``, ``Recalling``, ..."""
    if campaign.status is Status.SENDING:
        return _SENDING.get(campaign.follow_up.purpose, STATUSES[Status.SENDING])
    return STATUSES[campaign.status]


def sent_verb(campaign: Campaign) -> str:
    """Returns ``sent``, ``corrected`` or ``recalled``, to stand before the start time."""
    return _SENT[campaign.follow_up.purpose]


def result_meaning(campaign: Campaign, result: Result) -> str:
    """Returns the sentence that explains a result for this campaign."""
    return _EXPLAINED[campaign.follow_up.purpose][result]


def success_sentence(campaign: Campaign, share: str) -> str:
    """Returns the sentence, as Markdown, that says for how many recipients it has succeeded.

    :param share: the share in words, such as ``97 %``.
    """
    return _SUCCEEDED[campaign.follow_up.purpose].format(share)


def stop_warning(campaign: Campaign, name: str, done: int, left: int) -> str:
    """Returns the sentences that say what stopping the campaign means.

    :param name: the campaign's name as Markdown.
    :param done: how many people it has reached.
    :param left: how many people it will not reach.
    """
    match campaign.follow_up.purpose:
        case Purpose.CORRECT:
            sentence = f"**{name}** has been corrected for {people(done)} so far. "
            return sentence + f"{people(left)} will keep the message as it is."
        case Purpose.RECALL:
            sentence = f"**{name}** has been recalled from {people(done)} so far. "
            return sentence + f"{people(left)} will keep the message."
        case Purpose.SEND:
            sentence = f"**{name}** has reached {people(done)} so far. "
            return sentence + f"{people(left)} will not get it."


def delete_warning(campaign: Campaign) -> str:
    """Returns the sentences that say what is lost when the campaign is deleted."""
    if not campaign.status.has_started:
        return (
            "It has not been sent."
            if campaign.follow_up.purpose is Purpose.SEND
            else "It has not begun."
        )
    match campaign.follow_up.purpose:
        case Purpose.CORRECT:
            return (
                "Its report is deleted too. People keep the corrected message, but the bot does "
                "not know it any more: clones, reminders and further corrections of the campaign "
                "begin with the text before it."
            )
        case Purpose.RECALL:
            return (
                "Its report is deleted too. The message stays out of people's chats, but the "
                "campaign does not say any more that it was recalled."
            )
        case Purpose.SEND if campaign.survey is not None and campaign.original_key is None:
            return (
                "Its report and all answers are deleted too. Messages that people have received "
                "stay in their chats, and can't be answered any more."
            )
        case Purpose.SEND:
            return (
                "Its report is deleted too. Messages that people have received stay in their chats."
            )
