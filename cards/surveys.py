"""Surveys as admins write them: all of them, one living card, and the forms of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict
from zoneinfo import ZoneInfo

from campaigns.surveys import (
    HELP_LIMIT,
    INTRODUCTION_LIMIT,
    NAME_LIMIT,
    QUESTION_LIMIT,
    QUESTIONS,
    REMIND_BEFORE,
    THANKS,
    THANKS_LIMIT,
    Kind,
    Question,
    Readers,
    Survey,
)
from cards import actions, pasted, survey_form
from cards import elements as ac
from cards.actions import Action, OnSurvey
from cards.markdown import escape
from cards.survey_texts import KINDS, READERS, kind_of, questions, settings_of
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, paged, text, view

PAGE = 6

YES = "true"
"""What a ticked box sends."""


class At(TypedDict):
    """The fields that every action on a survey has."""

    survey: str
    revision: int
    campaign: str
    campaign_revision: int


def at(survey: Survey, action: OnSurvey) -> At:
    """The survey as this card shows it, on the way that the action came."""
    return At(
        survey=survey.id,
        revision=survey.revision,
        campaign=action.campaign,
        campaign_revision=action.campaign_revision,
    )


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
    buttons: list[ac.Action] = []

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
    survey: Survey, action: OnSurvey, *, clone_id: str, zone: ZoneInfo, notice: Notice | None = None
) -> View:
    """The living card: what the survey has, and everything that can be done with it."""
    of = at(survey, action)
    fixed = survey.used
    body: list[ac.Element] = [text(escape(line)) for line in survey.introduction.splitlines()]
    body.append(text(settings_of(survey, zone), subtle=True, small=True))
    if fixed:
        said = "This survey has been sent, so it can't be changed any more. Clone it to change it."
        body.append(text(said, subtle=True))
    if not survey.questions:
        body.append(text("There are no questions yet. Choose a kind, and add the first one."))
    body += [
        _question(number, question, len(survey.questions), of, fixed)
        for number, question in enumerate(survey.questions, start=1)
    ]
    buttons: list[ac.Action] = []
    if not fixed and len(survey.questions) < QUESTIONS:
        body.append(
            ac.ChoiceSet(
                "kind",
                label="Another question" if survey.questions else "The first question",
                choices=[ac.Choice(KINDS[kind], kind.value) for kind in Kind],
                value=Kind.SINGLE.value,
                style="compact",
            )
        )
        buttons.append(
            button("Add a question", actions.NewQuestion(**of), main=not survey.questions)
        )
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
            link("Delete", actions.AskDeleteSurvey(**of), tooltip="Delete this survey"),
            link("Back", back),
        ],
    )


def write_question(
    survey: Survey,
    action: OnSurvey,
    question: Question,
    *,
    typed: actions.SaveQuestion | None = None,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """The form of one question, new (without an id) or changed."""
    of = at(survey, action)
    given = typed or _typed(question)
    kind = question.kind
    fields: list[ac.Element] = [
        ac.TextInput(
            "text",
            label="Question",
            value=given.text or None,
            max_length=QUESTION_LIMIT,
        ),
        *error(errors, "text"),
    ]
    if kind.has_choices:
        fields += [
            ac.TextInput(
                "choices",
                label="Choices, one per line",
                value=given.choices or None,
                is_multiline=True,
                placeholder="2 to 25 choices",
            ),
            *error(errors, "choices"),
            ac.ToggleInput(
                "other", title="Offer “Other”, with a field to say what", value=_box(given.other)
            ),
        ]
    if kind is Kind.NUMBER:
        fields += [
            ac.TextInput("low", label="Smallest number", value=given.low or None, max_length=20),
            *error(errors, "low"),
            ac.TextInput("high", label="Largest number", value=given.high or None, max_length=20),
            *error(errors, "high"),
            text("Leave empty for no bound.", subtle=True, small=True),
        ]
    if kind is Kind.TEXT:
        fields.append(ac.ToggleInput("lines", title="Several lines", value=_box(given.lines)))
    fields += [
        ac.ToggleInput("required", title="Everybody must answer this", value=_box(given.required)),
        ac.TextInput(
            "help",
            label="Help line",
            value=given.help or None,
            placeholder="A hint under the question",
            max_length=HELP_LIMIT,
        ),
        *error(errors, "help"),
    ]
    save = actions.SaveQuestion(**of, question=question.id, kind=kind.value)
    return view(
        KINDS[kind],
        fields,
        above=escape(survey.name),
        notice=notice,
        actions=[
            button("Save question", save, main=True),
            link("Back", actions.OpenSurvey(**of)),
        ],
    )


def settings(
    survey: Survey,
    action: OnSurvey,
    *,
    zone: ZoneInfo,
    typed: actions.SaveSurveySettings | None = None,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """The form of how a survey may be answered."""
    of = at(survey, action)
    given = typed or actions.SaveSurveySettings(
        **of,
        anonymous=_box(survey.anonymous),
        changeable=_box(survey.changeable),
        closes=survey.closes_at.astimezone(zone).date().isoformat() if survey.closes_at else "",
        remind=str(survey.remind_before) if survey.remind_before else "",
        readers=survey.readers.value,
        thanks=survey.thanks,
    )
    fields: list[ac.Element] = [
        ac.ChoiceSet(
            "anonymous",
            label="Names",
            style="expanded",
            value=_box(given.anonymous),
            choices=[
                ac.Choice("Named: you see who answered what", "false"),
                ac.Choice("Anonymous: nobody ever does", YES),
            ],
            wrap=True,
        ),
        ac.ToggleInput(
            "changeable",
            title="Answers may be changed until the end",
            value=_box(given.changeable),
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
            choices=[ac.Choice(READERS[who], who.value) for who in Readers],
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
        fields,
        above=escape(survey.name),
        notice=notice,
        actions=[
            button("Save settings", actions.SaveSurveySettings(**of), main=True),
            link("Back", actions.OpenSurvey(**of)),
        ],
    )


def preview(survey: Survey, action: OnSurvey, card: ac.Json) -> View:
    """The very card that recipients get."""
    return view(
        survey.name,
        [
            text("This is what people receive:", subtle=True),
            ac.Container(
                [ac.Given(of) for of in pasted.embedded(survey_form.inert(card))],
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
    kept = (
        " Campaigns that have been sent keep their copy of it, and their results."
        if survey.used
        else ""
    )
    return view(
        "Delete this survey?",
        [text(f"**{escape(survey.name)}** will be deleted.{kept} This can't be undone.")],
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
    buttons: list[ac.Action] = []
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


def _question(number: int, question: Question, total: int, of: At, fixed: bool) -> ac.Element:
    items: list[ac.Element] = [
        ac.TextBlock(f"{number}\\. {escape(question.text)}", weight="bolder", wrap=True),
        ac.TextBlock(kind_of(question), is_subtle=True, size="small", spacing="none", wrap=True),
    ]
    if not fixed:
        buttons: list[ac.Action] = [link("Edit", actions.EditQuestion(**of, question=question.id))]
        if number > 1:
            buttons.append(_arrange("Up", of, question, "up"))
        if number < total:
            buttons.append(_arrange("Down", of, question, "down"))
        if total < QUESTIONS:
            buttons.append(_arrange("Duplicate", of, question, "duplicate"))
        buttons.append(_arrange("Delete", of, question, "delete"))
        items.append(ac.ActionSet(buttons, spacing="small"))
    return ac.Container(items, separator=True, spacing="medium")


def _arrange(title: str, of: At, question: Question, what: str) -> ac.Action:
    # What is none of these would be refused when it comes back.
    action = actions.ArrangeQuestion(**of, question=question.id, what=what)  # type: ignore[arg-type]
    return link(title, action, tooltip=f"{title}: {question.text[:80]}")


def _typed(question: Question) -> actions.SaveQuestion:
    """What the fields say of a question as it is."""
    return actions.SaveQuestion(
        survey="none",
        text=question.text,
        help=question.help,
        required=_box(question.required),
        choices="\n".join(question.choices),
        other=_box(question.other),
        low="" if question.low is None else f"{question.low:g}",
        high="" if question.high is None else f"{question.high:g}",
        lines=_box(question.lines),
    )


def _box(ticked: bool | str) -> str:
    """What a box, or a choice between two, says."""
    return YES if ticked in (True, YES) else "false"
