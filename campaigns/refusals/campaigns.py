"""Reasons why a campaign's status or history does not allow something."""

from __future__ import annotations

from campaigns.errors import RefusalKey


class CampaignRefusal(RefusalKey):
    """Reasons why a campaign's status does not allow to send, change, pause, end or delete it."""

    ALREADY_SENT = "already_sent"
    NOT_CHANGEABLE = "not_changeable"
    SCHEDULED = "scheduled"
    NOT_STARTED = "not_started"
    NOT_SENDING = "not_sending"
    NOT_PAUSED = "not_paused"
    NOT_GOING_ON = "not_going_on"
    NOT_STOPPED = "not_stopped"
    NOT_COMPLETABLE = "not_completable"
    RESENDING = "resending"
    NOT_ENDED = "not_ended"
    STOPPING = "stopping"
    RECIPIENTS_UNKNOWN = "recipients_unknown"
    NOTHING_IN_DOUBT = "nothing_in_doubt"
    RECALLED = "recalled"
    BEING_CORRECTED = "being_corrected"
    STOP_FIRST = "stop_first"


class FollowUpRefusal(RefusalKey):
    """Reasons why a campaign can't have a follow-up, or why a follow-up can't be changed."""

    NO_NEWCOMERS = "no_newcomers"
    IS_A_CHANGE = "is_a_change"
    NOT_ENDED = "not_ended"
    RECIPIENTS_GIVEN = "recipients_given"
    SURVEY_GIVEN = "survey_given"
    SURVEY_CLOSED = "survey_closed"


class ConfirmationRefusal(RefusalKey):
    """Reasons why a confirmation can't be asked for, given or reminded of."""

    NOT_IMPORTANT = "not_important"
    NOT_ASKED = "not_asked"
    RECALLED = "recalled"
    MESSAGE_GONE = "message_gone"
    NOT_SENT_TO_YOU = "not_sent_to_you"


class ReportRefusal(RefusalKey):
    """Reasons why a part of a report is not shown."""

    NAMES_HIDDEN = "names_hidden"
