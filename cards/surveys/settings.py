"""The form for a survey's settings."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.surveys.survey import REMIND_BEFORE, THANKS, THANKS_LIMIT, Readers, Survey
from cards import actions
from cards import elements as ac
from cards.actions import OnSurvey
from cards.markdown import escape
from cards.survey_texts import READERS
from cards.surveys.forms import YES, box, survey_fields
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, text, view


def settings(
    survey: Survey,
    action: OnSurvey,
    *,
    zone: ZoneInfo,
    typed: actions.SaveSurveySettings | None = None,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Returns the form for a survey's settings.

    :param zone: the time zone in which the last day is shown.
    :param typed: the fields as typed, to show them again; None shows the settings as they are.
    """
    fields = survey_fields(survey, action)
    given = typed or actions.SaveSurveySettings(
        **fields,
        anonymous=box(survey.anonymous),
        changeable=box(survey.changeable),
        closes=survey.closes_at.astimezone(zone).date().isoformat() if survey.closes_at else "",
        remind=str(survey.remind_before) if survey.remind_before else "",
        readers=survey.readers.value,
        thanks=survey.thanks,
    )
    body: list[ac.Element] = [
        ac.ChoiceSet(
            "anonymous",
            label="Names",
            style="expanded",
            value=box(given.anonymous),
            choices=[
                ac.Choice("Named: you see who answered what", "false"),
                ac.Choice("Anonymous: nobody ever does", YES),
            ],
            wrap=True,
        ),
        ac.ToggleInput(
            "changeable",
            title="Answers may be changed until the end",
            value=box(given.changeable),
        ),
        ac.DateInput("closes", label="Last day", value=given.closes or None),
        *error(errors, "closes"),
        text("Without a last day it is open until you close it.", subtle=True, small=True),
        ac.TextInput(
            "remind",
            label="Remind by itself, days before the end",
            value=given.remind or None,
            placeholder=f"1 to {REMIND_BEFORE}; empty: no reminder",
            max_length=3,
        ),
        *error(errors, "remind"),
        ac.ChoiceSet(
            "readers",
            label="Who sees the results",
            style="expanded",
            value=given.readers,
            choices=[ac.Choice(READERS[readers], readers.value) for readers in Readers],
            wrap=True,
        ),
        ac.TextInput(
            "thanks",
            label="Thank-you text",
            value=given.thanks or None,
            placeholder=THANKS,
            is_multiline=True,
            max_length=THANKS_LIMIT,
        ),
        *error(errors, "thanks"),
    ]
    return view(
        "Settings",
        body,
        above=escape(survey.name),
        notice=notice,
        actions=[
            button("Save settings", actions.SaveSurveySettings(**fields), main=True),
            link("Back", actions.OpenSurvey(**fields)),
        ],
    )
