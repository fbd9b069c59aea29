"""The editor of a survey, and the form for its title."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import INTRODUCTION_LIMIT, NAME_LIMIT, QUESTIONS, Survey
from cards import actions
from cards import elements as ac
from cards.actions import Action, OnSurvey
from cards.markdown import escape
from cards.message.preview import framed
from cards.survey_texts import KINDS, question_line, questions, settings_line
from cards.surveys.forms import SurveyFields, survey_fields
from cards.view import (
    NO_ERRORS,
    Errors,
    Notice,
    View,
    button,
    error,
    link,
    small_line,
    text,
    view,
)

_CHOSEN = 60
"""Characters of a question shown in the field that chooses one."""


def describe(
    action: OnSurvey,
    *,
    revision: int,
    name: str = "",
    introduction: str = "",
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Returns the form for title and introduction of a new survey (revision 0), or of a known one.

    :param action: the action that brought the admin here. It names the survey, and the campaign
        that the admin came from.
    """
    fields = SurveyFields(
        survey=action.survey,
        revision=revision,
        campaign=action.campaign,
        campaign_revision=action.campaign_revision,
    )
    back: Action = actions.OpenSurvey(**fields)
    if not revision:
        back = actions.OpenSurveys(
            campaign=action.campaign, campaign_revision=action.campaign_revision
        )
    return view(
        "Title and introduction" if revision else "New survey",
        [
            ac.TextInput(
                "name",
                label="Title",
                value=name or None,
                placeholder="For example: How do you like the new office?",
                max_length=NAME_LIMIT,
            ),
            *error(errors, "name"),
            ac.TextInput(
                "introduction",
                label="Introduction",
                value=introduction or None,
                placeholder="What it is about, and how long it takes",
                is_multiline=True,
                max_length=INTRODUCTION_LIMIT,
            ),
            *error(errors, "introduction"),
        ],
        notice=notice,
        actions=[button("Save", actions.SaveSurvey(**fields), main=True), link("Back", back)],
    )


def survey_editor(
    survey: Survey,
    action: OnSurvey,
    *,
    clone_id: str,
    zone: ZoneInfo,
    selected: str = "",
    notice: Notice | None = None,
) -> View:
    """Returns the editor: the survey with its questions, and everything that can be done with it.

    With buttons for each of 20 questions the card would be too big for Teams. So the admin first
    chooses a question, and then presses a button.

    :param action: the action that brought the admin here; it says whether they came from a
        campaign.
    :param clone_id: the id of the clone that a press on this card creates.
    :param selected: the id of the question that is chosen at first; empty for the first question.
    """
    fields = survey_fields(survey, action)
    fixed = survey.used
    body: list[ac.Element] = [text(escape(line)) for line in survey.introduction.splitlines()]
    body.append(text(settings_line(survey, zone), subtle=True, small=True))
    if fixed:
        sentence = (
            "This survey has been sent, so it can't be changed any more. Clone it to change it."
        )
        body.append(text(sentence, subtle=True))
    if not survey.questions:
        body.append(text("There are no questions yet. Choose a kind, and add the first one."))
    body += [_question(*numbered) for numbered in enumerate(survey.questions, start=1)]
    if survey.questions and not fixed:
        body += _arranging(survey, fields, selected)
    if not fixed and len(survey.questions) >= QUESTIONS:
        body.append(text(f"A survey has at most {QUESTIONS} questions.", subtle=True, small=True))
    buttons: list[ac.CardAction] = []
    if not fixed and len(survey.questions) < QUESTIONS:
        body.append(
            ac.ChoiceSet(
                "kind",
                label="Another question" if survey.questions else "The first question",
                choices=[ac.Choice(KINDS[kind], kind.value) for kind in QuestionKind],
                value=QuestionKind.SINGLE.value,
                style="compact",
                separator=True,
            )
        )
        add = button("Add a question", actions.NewQuestion(**fields), main=not survey.questions)
        body.append(ac.ActionSet([add]))
    if survey.questions:
        buttons.append(link("Preview", actions.PreviewSurvey(**fields)))
    if action.campaign and survey.questions:
        use = actions.UseSurvey(
            campaign=action.campaign, revision=action.campaign_revision, survey=survey.id
        )
        buttons.append(link("Use this survey", use, main=True))
    if not fixed:
        buttons.append(link("Title", actions.DescribeSurvey(**fields)))
        buttons.append(link("Settings", actions.OpenSurveySettings(**fields)))
    back = actions.OpenSurveys(campaign=action.campaign, campaign_revision=action.campaign_revision)
    return view(
        survey.name,
        body,
        above=f"Survey · {questions(len(survey.questions))}",
        notice=notice,
        actions=buttons,
        more=[
            link("Clone", actions.CloneSurvey(**fields, clone=clone_id), main=fixed),
            link("Delete survey", actions.AskDeleteSurvey(**fields)),
            link("Back", back),
        ],
    )


def preview(survey: Survey, action: OnSurvey, card: ac.Json) -> View:
    """Returns the card that recipients get, in a frame.

    :param card: the card as recipients get it.
    """
    return view(
        survey.name,
        [
            text("This is what people receive:", subtle=True),
            framed(card),
        ],
        above="Preview",
        actions=[link("Back", actions.OpenSurvey(**survey_fields(survey, action)), main=True)],
    )


def ask_delete(survey: Survey, action: OnSurvey) -> View:
    """Returns the confirmation before a survey is deleted."""
    fields = survey_fields(survey, action)
    sentence = (
        f"**{escape(survey.name)}** will be deleted. Campaigns that use it keep their copy of it, "
        "and their results. This can't be undone."
    )
    return view(
        "Delete this survey?",
        [text(sentence)],
        actions=[
            link("Yes, delete it", actions.DeleteSurvey(**fields), danger=True),
            link("Back", actions.OpenSurvey(**fields)),
        ],
    )


def ask_delete_question(survey: Survey, action: OnSurvey, question: Question) -> View:
    """Returns the confirmation before a question is deleted."""
    fields = survey_fields(survey, action)
    yes = actions.ArrangeQuestion(**fields, question=question.id, change="delete")
    return view(
        "Delete this question?",
        [text(f"**{escape(question.text)}** will be deleted. This can't be undone.")],
        above=escape(survey.name),
        actions=[
            link("Yes, delete it", yes, danger=True),
            link("Back", actions.OpenSurvey(**fields)),
        ],
    )


def _question(number: int, question: Question) -> ac.Element:
    return ac.Container(
        [
            ac.TextBlock(f"{number}\\. {escape(question.text)}", weight="bolder", wrap=True),
            small_line(question_line(question)),
        ],
        separator=True,
    )


def _arranging(survey: Survey, fields: SurveyFields, selected: str) -> list[ac.Element]:
    """Returns the field that chooses a question, and the buttons that change it."""
    known = survey.question(selected) or survey.questions[0]
    choices = [
        ac.Choice(f"{number}. {_beginning(question.text)}", question.id)
        for number, question in enumerate(survey.questions, start=1)
    ]
    buttons = [button("Edit", actions.EditQuestion(**fields))]
    if len(choices) > 1:
        buttons.append(button("Move up", actions.ArrangeQuestion(**fields, change="up")))
        buttons.append(button("Move down", actions.ArrangeQuestion(**fields, change="down")))
    if len(choices) < QUESTIONS:
        buttons.append(button("Duplicate", actions.ArrangeQuestion(**fields, change="duplicate")))
    buttons.append(button("Delete", actions.AskDeleteQuestion(**fields)))
    return [
        ac.ChoiceSet(
            "question",
            label="Change a question",
            choices=choices,
            value=known.id,
            style="compact",
            separator=True,
        ),
        ac.ActionSet(buttons),
    ]


def _beginning(text: str) -> str:
    return text if len(text) <= _CHOSEN else f"{text[:_CHOSEN]}…"
