"""Surveys as admins write them: all of them, and the living card of each."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import INTRODUCTION_LIMIT, NAME_LIMIT, QUESTIONS, Survey
from cards import actions
from cards import elements as ac
from cards.actions import Action, OnSurvey
from cards.markdown import escape
from cards.message import pasted
from cards.message import survey as survey_card
from cards.survey_texts import KINDS, kind_of, questions, settings_of
from cards.surveys.forms import At, at
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, paged, text, view

PAGE = 6

_CHOSEN = 60
"""Characters of a question by which it is chosen."""


def surveys(
    shown: Sequence[Survey],
    *,
    page: int,
    total: int,
    campaign: str = "",
    campaign_revision: int = 0,
    notice: Notice | None = None,
) -> View:
    """One page of the tenant's surveys, by name; with ``campaign``, to choose one for it."""
    body: list[ac.Element] = [_row(of, campaign, campaign_revision) for of in shown]
    buttons: list[ac.CardAction] = []

    def turned(to: int) -> actions.OpenSurveys:
        return actions.OpenSurveys(page=to, campaign=campaign, campaign_revision=campaign_revision)

    if not total:
        said = "There are no surveys yet. Make one, and send it with a campaign."
        body.append(text(said, subtle=True))
    elif total > PAGE:
        body.append(text(paged(page, PAGE, total), subtle=True, small=True))
        if page:
            buttons.append(link("Previous", turned(page - 1)))
        if (page + 1) * PAGE < total:
            buttons.append(link("Next", turned(page + 1)))
    new = actions.OpenNewSurvey(campaign=campaign, campaign_revision=campaign_revision)
    back: Action = actions.OpenHome()
    if campaign:
        back = actions.OpenContent(campaign=campaign, revision=campaign_revision)
    return view(
        "Choose a survey" if campaign else "Surveys",
        body,
        notice=notice,
        actions=[*buttons, link("New survey", new, main=not total), link("Back", back)],
    )


def describe(
    action: OnSurvey,
    *,
    revision: int,
    name: str = "",
    introduction: str = "",
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """The form for a survey's title and introduction; a new one (revision 0) or a changed one."""
    of = At(
        survey=action.survey,
        revision=revision,
        campaign=action.campaign,
        campaign_revision=action.campaign_revision,
    )
    back: Action = actions.OpenSurvey(**of)
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
        actions=[button("Save", actions.SaveSurvey(**of), main=True), link("Back", back)],
    )


def one_survey(
    survey: Survey,
    action: OnSurvey,
    *,
    clone_id: str,
    zone: ZoneInfo,
    selected: str = "",
    notice: Notice | None = None,
) -> View:
    """The living card: what the survey has, and everything that can be done with it.

    Buttons of its own for each of 20 questions would be more than Teams takes in one card, so a
    question is chosen first.

    :param selected: the question that is chosen; the first, when there is none with this id.
    """
    of = at(survey, action)
    fixed = survey.used
    body: list[ac.Element] = [text(escape(line)) for line in survey.introduction.splitlines()]
    body.append(text(settings_of(survey, zone), subtle=True, small=True))
    if fixed:
        said = "This survey has been sent, so it can't be changed any more. Clone it to change it."
        body.append(text(said, subtle=True))
    if not survey.questions:
        body.append(text("There are no questions yet. Choose a kind, and add the first one."))
    body += [_question(*numbered) for numbered in enumerate(survey.questions, start=1)]
    if survey.questions and not fixed:
        body += _arranging(survey, of, selected)
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
        add = button("Add a question", actions.NewQuestion(**of), main=not survey.questions)
        body.append(ac.ActionSet([add]))
    if survey.questions:
        buttons.append(link("Preview", actions.PreviewSurvey(**of)))
    if action.campaign and survey.questions:
        use = actions.UseSurvey(
            campaign=action.campaign, revision=action.campaign_revision, survey=survey.id
        )
        buttons.append(link("Use this survey", use, main=True))
    if not fixed:
        buttons.append(link("Title", actions.DescribeSurvey(**of)))
        buttons.append(link("Settings", actions.OpenSurveySettings(**of)))
    back = actions.OpenSurveys(campaign=action.campaign, campaign_revision=action.campaign_revision)
    return view(
        survey.name,
        body,
        above=f"Survey · {questions(len(survey.questions))}",
        notice=notice,
        actions=buttons,
        more=[
            link("Clone", actions.CloneSurvey(**of, clone=clone_id), main=fixed),
            link("Delete survey", actions.AskDeleteSurvey(**of)),
            link("Back", back),
        ],
    )


def preview(survey: Survey, action: OnSurvey, card: ac.Json) -> View:
    """The very card that recipients get."""
    return view(
        survey.name,
        [
            text("This is what people receive:", subtle=True),
            ac.Container(
                [ac.Given(of) for of in pasted.embedded(survey_card.inert(card))],
                show_border=True,
                rounded_corners=True,
            ),
        ],
        above="Preview",
        actions=[link("Back", actions.OpenSurvey(**at(survey, action)), main=True)],
    )


def ask_delete(survey: Survey, action: OnSurvey) -> View:
    """The confirmation before a survey is forgotten."""
    of = at(survey, action)
    said = (
        f"**{escape(survey.name)}** will be deleted. Campaigns that use it keep their copy of it, "
        "and their results. This can't be undone."
    )
    return view(
        "Delete this survey?",
        [text(said)],
        actions=[
            link("Yes, delete it", actions.DeleteSurvey(**of), danger=True),
            link("Back", actions.OpenSurvey(**of)),
        ],
    )


def _row(survey: Survey, campaign: str, campaign_revision: int) -> ac.Element:
    facts = [questions(len(survey.questions)), "anonymous" if survey.anonymous else "named"]
    facts += ["sent"] if survey.used else []
    of = At(
        survey=survey.id,
        revision=survey.revision,
        campaign=campaign,
        campaign_revision=campaign_revision,
    )
    buttons: list[ac.CardAction] = []
    if campaign and survey.questions:
        use = actions.UseSurvey(campaign=campaign, revision=campaign_revision, survey=survey.id)
        buttons.append(link("Use", use, main=True, tooltip=f"Use {survey.name}"))
    buttons.append(link("Open", actions.OpenSurvey(**of), tooltip=f"Open {survey.name}"))
    return ac.ColumnSet(
        [
            ac.Column(
                [
                    ac.TextBlock(escape(survey.name), weight="bolder", wrap=True),
                    ac.TextBlock(
                        " · ".join(facts), is_subtle=True, size="small", spacing="none", wrap=True
                    ),
                ],
                width="stretch",
            ),
            ac.Column([ac.ActionSet(buttons)], width="auto", vertical_content_alignment="center"),
        ],
        separator=True,
    )


def ask_delete_question(survey: Survey, action: OnSurvey, question: Question) -> View:
    """The confirmation before a question is taken out."""
    of = at(survey, action)
    yes = actions.ArrangeQuestion(**of, question=question.id, what="delete")
    return view(
        "Delete this question?",
        [text(f"**{escape(question.text)}** will be deleted. This can't be undone.")],
        above=escape(survey.name),
        actions=[
            link("Yes, delete it", yes, danger=True),
            link("Back", actions.OpenSurvey(**of)),
        ],
    )


def _question(number: int, question: Question) -> ac.Element:
    return ac.Container(
        [
            ac.TextBlock(f"{number}\\. {escape(question.text)}", weight="bolder", wrap=True),
            ac.TextBlock(
                kind_of(question), is_subtle=True, size="small", spacing="none", wrap=True
            ),
        ],
        separator=True,
    )


def _arranging(survey: Survey, of: At, selected: str) -> list[ac.Element]:
    """One of the questions, and what can be done with it."""
    known = survey.question(selected) or survey.questions[0]
    choices = [
        ac.Choice(f"{number}. {_beginning(question.text)}", question.id)
        for number, question in enumerate(survey.questions, start=1)
    ]
    buttons = [button("Edit", actions.EditQuestion(**of))]
    if len(choices) > 1:
        buttons.append(button("Move up", actions.ArrangeQuestion(**of, what="up")))
        buttons.append(button("Move down", actions.ArrangeQuestion(**of, what="down")))
    if len(choices) < QUESTIONS:
        buttons.append(button("Duplicate", actions.ArrangeQuestion(**of, what="duplicate")))
    buttons.append(button("Delete", actions.AskDeleteQuestion(**of)))
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
