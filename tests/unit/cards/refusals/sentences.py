"""Sentences for every reason to refuse something."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from campaigns.audience import AllUsers, NewcomersAudience, ReceivedAudience
from campaigns.errors import Refusal
from campaigns.refusals.authoring import (
    AuthoringRefusal,
    PictureAnswered,
    PictureDoubt,
    PictureMissing,
    PictureRefusal,
    PictureTooBig,
    PictureTooLarge,
)
from campaigns.refusals.campaigns import (
    CampaignRefusal,
    ConfirmationRefusal,
    FollowUpRefusal,
    ReportRefusal,
)
from campaigns.refusals.lists import ListRefusal, NotAddresses, TooManyAddresses
from campaigns.refusals.schedule import (
    DaysNotANumber,
    DaysOutOfRange,
    FirstDayTooFarAhead,
    ScheduleRefusal,
    StartTooFarAhead,
    TimeLeftOut,
    TimesOutOfRange,
    UnknownZone,
)
from campaigns.refusals.sending import (
    AudienceEmpty,
    AudienceGone,
    Incomplete,
    OriginalUnfinished,
    Step,
    SurveyClosed,
    SurveyOver,
    SurveyTooBig,
)
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
from campaigns.refusals.text import (
    AddressStart,
    QuotesTooDeep,
    TextField,
    TextRefusal,
    TooLong,
    UnknownPlaceholders,
    WrongLink,
)
from cards.message.pasted import CardProblems

SENTENCES: list[tuple[Refusal, str]] = [
    # Sending
    (
        Incomplete((Step.WRITE_MESSAGE, Step.CHOOSE_RECIPIENTS)),
        "Before it can be sent, write the message and choose the recipients.",
    ),
    (Incomplete((Step.MAKE_CARD,)), "Before it can be sent, make the card."),
    (Incomplete((Step.CHOOSE_SURVEY,)), "Before it can be sent, choose a survey."),
    (Incomplete((Step.CORRECT_MESSAGE,)), "Before it can be sent, correct the message."),
    (Incomplete((Step.CORRECT_CARD,)), "Before it can be sent, correct the card."),
    (Incomplete((Step.CORRECT_SURVEY,)), "Before it can be sent, correct the survey."),
    (SurveyOver(), "The last day of this survey is over. Change it in the survey first."),
    (
        SurveyClosed(),
        "The survey is closed. Reopen it in its results before you send it to more people.",
    ),
    (
        SurveyTooBig(),
        "With its survey, this message is too big for Teams. Shorten the message, or the "
        "survey's questions.",
    ),
    (
        AudienceGone(),
        "The distribution list of this campaign was deleted. Choose the recipients again.",
    ),
    (
        AudienceEmpty(AllUsers()),
        "Nobody in this audience has the app, so nobody would get it.",
    ),
    (
        AudienceEmpty(NewcomersAudience("c")),
        "Nobody has joined since; there is nobody to send this to.",
    ),
    (AudienceEmpty(ReceivedAudience("c")), "Nobody has this message in their chats."),
    # Text
    (
        TextRefusal.NESTED_PLACEHOLDER,
        "What stands after the | of a placeholder can't have brackets in it.",
    ),
    (TextRefusal.ADDRESS_WITH_SPACES, "An address has no spaces in it."),
    (TextRefusal.ADDRESS_INCOMPLETE, "This is no whole address, such as https://example.com/page."),
    (
        TextRefusal.PLACEHOLDER_IN_HOST,
        "A placeholder can't stand in the name of the site; only after it.",
    ),
    (
        TooLong(TextField.NAME, 8_001, 8_000),
        "A name has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.MESSAGE, 8_001, 8_000),
        "A message has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.NOTIFICATION, 8_001, 8_000),
        "A notification text has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.TITLE, 8_001, 8_000),
        "A title has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.DESCRIPTION, 8_001, 8_000),
        "A description has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.ADDRESS, 8_001, 8_000),
        "An address has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.BUTTON, 8_001, 8_000),
        "The text of a button has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.INTRODUCTION, 8_001, 8_000),
        "An introduction has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.THANKS, 8_001, 8_000),
        "This text has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.QUESTION, 8_001, 8_000),
        "A question has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.HELP, 8_001, 8_000),
        "A help line has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.CHOICE, 8_001, 8_000),
        "A choice has at most 8,000 characters; this one has 8,001.",
    ),
    (
        TooLong(TextField.ANSWER, 8_001, 8_000),
        "An answer has at most 8,000 characters; this one has 8,001.",
    ),
    (QuotesTooDeep(5), "A quote can be in a quote, 5 deep at most."),
    (
        UnknownPlaceholders(("[WHO]",), ()),
        "[WHO] is not a placeholder. You can use [FIRSTNAME], [LASTNAME], [FULLNAME], "
        "[EMAIL], [DEPARTMENT], [JOBTITLE], [COUNTRY], [CITY].",
    ),
    (
        UnknownPlaceholders(("[Firstname]", "[Town]"), ("[FIRSTNAME]", "[CITY]")),
        "[Firstname], [Town] are not placeholders. Did you mean [FIRSTNAME] or [CITY]? "
        "You can use [FIRSTNAME], [LASTNAME], [FULLNAME], [EMAIL], [DEPARTMENT], "
        "[JOBTITLE], [COUNTRY], [CITY].",
    ),
    (
        UnknownPlaceholders(tuple(f"[A{number}]" for number in range(9)), ()),
        "[A0], [A1], [A2], [A3], [A4] and 4 more are not placeholders. You can use "
        "[FIRSTNAME], [LASTNAME], [FULLNAME], [EMAIL], [DEPARTMENT], [JOBTITLE], "
        "[COUNTRY], [CITY].",
    ),
    (
        WrongLink("javascript:x", AddressStart(("https", "http", "mailto", "tel"))),
        "The link to “javascript:x” can't be used. An address starts with https://, "
        "http://, mailto: or tel:.",
    ),
    (
        WrongLink("x" * 61, TextRefusal.ADDRESS_WITH_SPACES),
        "The link to “xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…” "
        "can't be used. An address has no spaces in it.",
    ),
    (AddressStart(("https",)), "An address starts with https://."),
    # Authoring
    (AuthoringRefusal.NO_NAME, "Give the campaign a name."),
    (AuthoringRefusal.NO_TEMPLATE_NAME, "Give the template a name."),
    (AuthoringRefusal.NO_FORMAT, "Choose one of the formats."),
    (AuthoringRefusal.NO_MESSAGE, "Write the message that people will receive."),
    (AuthoringRefusal.NO_PASTED_CARD, "Paste the JSON of the card that people will receive."),
    (AuthoringRefusal.EMPTY_CARD, "Give the card a title, a picture or a text."),
    (AuthoringRefusal.BUTTON_WITHOUT_TEXT, "Give the button a text."),
    (AuthoringRefusal.BUTTON_WITHOUT_ADDRESS, "Where does the button lead? Give its web address."),
    (
        AuthoringRefusal.PICTURE_WITHOUT_DESCRIPTION,
        "Say what the picture shows, for those who can't see it.",
    ),
    (AuthoringRefusal.NO_SURVEY, "Choose the survey that people will answer."),
    (
        AuthoringRefusal.SURVEY_WITHOUT_QUESTIONS,
        "This survey has no questions yet. Add some, or choose another one.",
    ),
    (
        AuthoringRefusal.MESSAGE_TOO_BIG,
        "With people's own names filled in, this message gets too big for Teams. "
        "Shorten it, or use fewer placeholders.",
    ),
    (
        AuthoringRefusal.CARD_TOO_BIG,
        "With people's own names filled in, this card gets too big for Teams. Shorten "
        "it, or use fewer placeholders.",
    ),
    (
        AuthoringRefusal.SURVEY_TOO_BIG,
        "With the survey below it, this message gets too big for Teams. Shorten it, or "
        "the questions of the survey.",
    ),
    (AuthoringRefusal.NO_AUDIENCE, "Choose who gets this campaign."),
    (AuthoringRefusal.LIST_GONE, "The list that was chosen has been deleted. Choose again."),
    (PictureRefusal.NO_ADDRESS, "This is no web address."),
    (
        PictureRefusal.NOT_HTTPS,
        "Teams shows only pictures from addresses that start with https://.",
    ),
    (
        PictureRefusal.LEADS_ON,
        "This address leads on to another one, and Teams does not follow it. Use the "
        "address that it leads to.",
    ),
    (PictureRefusal.NOT_A_PICTURE, "What is at this address is no PNG, JPEG or GIF picture."),
    (PictureRefusal.DAMAGED, "The picture at this address is damaged."),
    (PictureDoubt.PLACEHOLDER, "its address has a placeholder in it"),
    (PictureDoubt.NOT_PUBLIC, "its address is not on the public internet"),
    (PictureDoubt.NOT_FOUND, "its address could not be found"),
    (PictureDoubt.NO_ANSWER, "its address did not answer in time"),
    (PictureDoubt.NOT_REACHED, "its address could not be reached"),
    (CardProblems(("body: one.", "And 2 more.")), "body: one.\nAnd 2 more."),
    (PictureMissing(404), "There is nothing at this address (404)."),
    (
        PictureTooLarge(1, 1025, 1024),
        "The picture has 1x1025 pixels; Teams shows at most 1024x1024.",
    ),
    (PictureTooBig(1.04), "The picture has more than 1 MB; Teams shows at most 1 MB."),
    (PictureTooBig(2.55), "The picture has 2.5 MB; Teams shows at most 1 MB."),
    (PictureAnswered(503), "its address answered with 503"),
    # Campaigns
    (CampaignRefusal.ALREADY_SENT, "This campaign has already been sent."),
    (
        CampaignRefusal.NOT_CHANGEABLE,
        "This campaign has been sent; its content can't be changed any more.",
    ),
    (CampaignRefusal.SCHEDULED, "This campaign is scheduled. Unschedule it before you change it."),
    (
        CampaignRefusal.NOT_STARTED,
        "Only a campaign that has been started has its recipients frozen.",
    ),
    (CampaignRefusal.NOT_SENDING, "Only a campaign that is being sent can be paused."),
    (CampaignRefusal.NOT_PAUSED, "Only a paused campaign can be resumed."),
    (CampaignRefusal.NOT_GOING_ON, "Only a campaign that is being sent or paused can be stopped."),
    (CampaignRefusal.NOT_STOPPED, "Only a stopped campaign can be wound up."),
    (CampaignRefusal.NOT_COMPLETABLE, "Only a campaign that is being sent can be completed."),
    (CampaignRefusal.RESENDING, "What is in doubt is about to be sent again."),
    (CampaignRefusal.NOT_ENDED, "This campaign has not ended."),
    (CampaignRefusal.STOPPING, "This campaign is still being stopped. Try again in a moment."),
    (
        CampaignRefusal.RECIPIENTS_UNKNOWN,
        "This campaign was stopped before its recipients were known.",
    ),
    (CampaignRefusal.NOTHING_IN_DOUBT, "Nothing of this campaign is in doubt any more."),
    (CampaignRefusal.RECALLED, "This message was recalled, so it is not sent again."),
    (
        CampaignRefusal.BEING_CORRECTED,
        "A correction of this message is being sent. Wait until it has ended.",
    ),
    (
        OriginalUnfinished(),
        "The message is being sent again to some people. Wait until that has ended, or stop it.",
    ),
    (CampaignRefusal.STOP_FIRST, "Stop this campaign before you delete it."),
    (FollowUpRefusal.NO_NEWCOMERS, "Only a campaign to all users or to a list can have newcomers."),
    (
        FollowUpRefusal.IS_A_CHANGE,
        "This is itself a change to a campaign; change the campaign instead.",
    ),
    (FollowUpRefusal.NOT_ENDED, "Wait until this campaign has ended, or stop it first."),
    (
        FollowUpRefusal.RECIPIENTS_GIVEN,
        "The recipients are given by the campaign that this one follows.",
    ),
    (FollowUpRefusal.SURVEY_GIVEN, "The survey is given by the campaign that this one follows."),
    (
        FollowUpRefusal.SURVEY_CLOSED,
        "The survey is closed. Reopen it before you send it to newcomers.",
    ),
    (ConfirmationRefusal.NOT_IMPORTANT, "Only an Important message can ask for a confirmation."),
    (ConfirmationRefusal.NOT_ASKED, "This campaign does not ask for a confirmation."),
    (ConfirmationRefusal.RECALLED, "This message was recalled, so there is nothing to remind of."),
    (
        ConfirmationRefusal.MESSAGE_GONE,
        "This message is no longer kept, so your confirmation can't be recorded.",
    ),
    (
        ConfirmationRefusal.NOT_SENT_TO_YOU,
        "This message was not sent to you, so there is nothing to confirm.",
    ),
    (ReportRefusal.NAMES_HIDDEN, "Who these people are is not shown: the survey is anonymous."),
    # Schedule
    (ScheduleRefusal.SCHEDULED, "This campaign is scheduled already. Unschedule it first."),
    (ScheduleRefusal.NOT_SCHEDULED, "This campaign is not scheduled."),
    (ScheduleRefusal.FOLLOWS_ANOTHER, "What follows another campaign can only be sent now."),
    (ScheduleRefusal.DAY_OVER, "This day is over. Choose today or a later day."),
    (ScheduleRefusal.DAY_TOO_FAR, "This day is too far away. Choose an earlier one."),
    (ScheduleRefusal.TIME_PASSED, "This time has passed. Choose a later one."),
    (ScheduleRefusal.TOO_SOON, "This is less than a minute ahead. Choose a later one."),
    (ScheduleRefusal.CLOSES_TOO_EARLY, "This has to be later than the hour before it."),
    (ScheduleRefusal.NO_DAYS, "Choose at least one day."),
    (ScheduleRefusal.UNKNOWN_COUNTRY, "The public holidays of this country are not known."),
    (
        ScheduleRefusal.NO_WORKING_TIME,
        "There is no working time left on these days. Choose more days, or other hours.",
    ),
    (ScheduleRefusal.NOT_IN_A_MONTH, "Days of a month are from 1 to 31."),
    (ScheduleRefusal.NEVER_HAPPENS, "There is no such day before this date. Choose a later one."),
    (ScheduleRefusal.END_TWICE, "Either a last day or a number of times, not both."),
    (ScheduleRefusal.NOT_A_DAY, "Choose a day."),
    (ScheduleRefusal.NOT_A_LAST_DAY, "Choose a day, or none."),
    (ScheduleRefusal.NOT_A_TIME, "Choose a time."),
    (ScheduleRefusal.NOT_WEEKDAYS, "Choose days."),
    (ScheduleRefusal.NOT_MONTH_DAYS, "Type days of the month, such as 1, 15."),
    (ScheduleRefusal.NOT_A_NUMBER, "Type a whole number, or nothing."),
    (ScheduleRefusal.NOT_A_CHOICE, "Choose one of these."),
    (
        TimeLeftOut(time(2, 30)),
        "On this day clocks change, and 02:30 is left out. Choose another time.",
    ),
    (
        StartTooFarAhead(1, datetime(2026, 3, 1, 9, 5, tzinfo=UTC)),
        "At most 1 day ahead: until Sunday 1 March, 09:05.",
    ),
    (
        StartTooFarAhead(365, datetime(2026, 3, 1, 9, 5, tzinfo=UTC)),
        "At most 365 days ahead: until Sunday 1 March, 09:05.",
    ),
    (FirstDayTooFarAhead(365, date(2026, 3, 1)), "At most 365 days ahead: Sunday 1 March."),
    (UnknownZone("Mars/Base"), "“Mars/Base” is not a time zone."),
    (DaysOutOfRange(30), "From 1 to 30 days."),
    (DaysNotANumber(30), "A whole number from 1 to 30."),
    (TimesOutOfRange(400), "From 1 to 400."),
    # Surveys
    (SurveyRefusal.NO_TITLE, "Give the survey a title."),
    (SurveyRefusal.SENT, "This survey has been sent, so it can't be changed. Clone it instead."),
    (
        SurveyRefusal.TOO_BIG,
        "With this, the survey gets too big for Teams. Shorten it, or make two surveys of it.",
    ),
    (
        SurveyRefusal.PLACEHOLDER,
        "Placeholders such as [FIRSTNAME] work in the message above the survey, not in the survey.",
    ),
    (SurveyRefusal.LAST_DAY_OVER, "This day is over. Choose one that is still to come."),
    (SurveyRefusal.LAST_DAY_NO_DATE, "This is not a date. Write it as 2026-12-31."),
    (SurveyRefusal.LAST_DAY_TOO_FAR, "This day is too far away."),
    (SurveyRefusal.REMINDER_WITHOUT_END, "A survey without a last day has no reminder before it."),
    (SurveyRefusal.REMINDER_PASSED, "That day has passed already. Choose fewer days."),
    (SurveyRefusal.REMINDER_NO_NUMBER, "Type a number of days, or leave it empty."),
    (SurveyRefusal.NOT_SENT, "Only a survey that has been sent can be reminded of."),
    (SurveyRefusal.OVER, "This survey is over. Reopen it before you remind anybody."),
    (SurveyRefusal.NO_RESULTS, "This campaign has no results: it has not asked a survey yet."),
    (
        SurveyRefusal.ANONYMOUS,
        "An anonymous survey can't be filtered: nobody knows whose is whose.",
    ),
    (QuestionRefusal.NO_TEXT, "Write the question."),
    (QuestionRefusal.NO_KIND, "Choose what kind of question it is."),
    (QuestionRefusal.OTHER_OFFERED, "“Other” is offered by the box below already."),
    (QuestionRefusal.BOUND_NO_NUMBER, "Type a number."),
    (QuestionRefusal.BOUND_UNREADABLE, "Type a number, or leave it empty."),
    (QuestionRefusal.BOUND_TOO_LARGE, "This number is too large."),
    (QuestionRefusal.BOUNDS_CROSSED, "The largest number must not be below the smallest."),
    (AnswerRefusal.MISSING, "Please answer this question."),
    (AnswerRefusal.NOTHING_TYPED, "Type your answer."),
    (AnswerRefusal.NOT_A_CHOICE, "Type one of the choices, or its number."),
    (AnswerRefusal.OTHER_NOT_SAID, "You chose “Other”: please say what."),
    (AnswerRefusal.NOT_A_NUMBER, "Type a number."),
    (AnswerRefusal.NOT_A_DATE, "This is not a date. Write it as 2026-12-31."),
    (TooManyQuestions(20), "A survey has at most 20 questions."),
    (TooManyReminders(3), "There have been 3 reminders; more would be too many."),
    (ReminderOutOfRange(30), "From 0 (no reminder) to 30 days."),
    (NumberOfChoices(2, 25), "Write 2 to 25 choices, one per line."),
    (ChoiceTwice("Yes"), "“Yes” is there twice."),
    (MarkOutside(1, 5), "Choose a number from 1 to 5."),
    (NumberOutside(-1.5, 10), "Type a number from -1.5 to 10."),
    (NumberOutside(1, None), "Type a number of at least 1."),
    (NumberOutside(None, 10), "Type a number of at most 10."),
    (
        AnswersTooLong(10_000),
        "All your texts together have at most 10,000 characters. Shorten this one.",
    ),
    # Lists
    (ListRefusal.NO_NAME, "Give the list a name."),
    (ListRefusal.NO_ADDRESS, "Add at least one e-mail address."),
    (TooManyAddresses(10_001, 10_000), "A list has at most 10,000 addresses; this one has 10,001."),
    (NotAddresses(("one", "two")), "None of this is an e-mail address: one, two"),
]
