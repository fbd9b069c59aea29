"""Words for refusals because of a campaign's status or history."""

from __future__ import annotations

from campaigns.refusals.campaigns import (
    CampaignRefusal,
    ConfirmationRefusal,
    FollowUpRefusal,
    ReportRefusal,
)
from cards.refusals.base import Words

WORDS: Words = {
    CampaignRefusal.ALREADY_SENT: "This campaign has already been sent.",
    CampaignRefusal.NOT_CHANGEABLE: (
        "This campaign has been sent; its content can't be changed any more."
    ),
    CampaignRefusal.SCHEDULED: ("This campaign is scheduled. Unschedule it before you change it."),
    CampaignRefusal.NOT_STARTED: (
        "Only a campaign that has been started has its recipients frozen."
    ),
    CampaignRefusal.NOT_SENDING: "Only a campaign that is being sent can be paused.",
    CampaignRefusal.NOT_PAUSED: "Only a paused campaign can be resumed.",
    CampaignRefusal.NOT_GOING_ON: ("Only a campaign that is being sent or paused can be stopped."),
    CampaignRefusal.NOT_STOPPED: "Only a stopped campaign can be wound up.",
    CampaignRefusal.NOT_COMPLETABLE: "Only a campaign that is being sent can be completed.",
    CampaignRefusal.RESENDING: "What is in doubt is about to be sent again.",
    CampaignRefusal.NOT_ENDED: "This campaign has not ended.",
    CampaignRefusal.STOPPING: ("This campaign is still being stopped. Try again in a moment."),
    CampaignRefusal.RECIPIENTS_UNKNOWN: (
        "This campaign was stopped before its recipients were known."
    ),
    CampaignRefusal.NOTHING_IN_DOUBT: "Nothing of this campaign is in doubt any more.",
    CampaignRefusal.RECALLED: "This message was recalled, so it is not sent again.",
    CampaignRefusal.BEING_CORRECTED: (
        "A correction of this message is being sent. Wait until it has ended."
    ),
    CampaignRefusal.STOP_FIRST: "Stop this campaign before you delete it.",
    FollowUpRefusal.NO_NEWCOMERS: ("Only a campaign to all users or to a list can have newcomers."),
    FollowUpRefusal.IS_A_CHANGE: (
        "This is itself a change to a campaign; change the campaign instead."
    ),
    FollowUpRefusal.NOT_ENDED: "Wait until this campaign has ended, or stop it first.",
    FollowUpRefusal.RECIPIENTS_GIVEN: (
        "The recipients are given by the campaign that this one follows."
    ),
    FollowUpRefusal.SURVEY_GIVEN: "The survey is given by the campaign that this one follows.",
    FollowUpRefusal.SURVEY_CLOSED: (
        "The survey is closed. Reopen it before you send it to newcomers."
    ),
    ConfirmationRefusal.NOT_IMPORTANT: ("Only an Important message can ask for a confirmation."),
    ConfirmationRefusal.NOT_ASKED: "This campaign does not ask for a confirmation.",
    ConfirmationRefusal.RECALLED: ("This message was recalled, so there is nothing to remind of."),
    ConfirmationRefusal.MESSAGE_GONE: (
        "This message is no longer kept, so your confirmation can't be recorded."
    ),
    ConfirmationRefusal.NOT_SENT_TO_YOU: (
        "This message was not sent to you, so there is nothing to confirm."
    ),
    ReportRefusal.NAMES_HIDDEN: "Who these people are is not shown: the survey is anonymous.",
}
