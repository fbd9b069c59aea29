"""The form for a question: its text, and the fields that its kind needs."""

from __future__ import annotations

from campaigns.surveys.questions import HELP_LIMIT, QUESTION_LIMIT, Question, QuestionKind
from campaigns.surveys.survey import Survey
from cards import actions
from cards import elements as ac
from cards.actions import OnSurvey
from cards.markdown import escape
from cards.survey_texts import KINDS
from cards.surveys.forms import box, survey_fields
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, text, view


def write_question(
    survey: Survey,
    action: OnSurvey,
    question: Question,
    *,
    typed: actions.SaveQuestion | None = None,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Returns the form for a new question (without an id), or for changing a question.

    :param typed: the fields as typed, to show them again; None shows the question as it is.
    """
    fields = survey_fields(survey, action)
    given = typed or _typed(question)
    kind = question.kind
    body: list[ac.Element] = [
        ac.TextInput(
            "text",
            label="Question",
            value=given.text or None,
            max_length=QUESTION_LIMIT,
        ),
        *error(errors, "text"),
    ]
    if kind.has_choices:
        body += [
            ac.TextInput(
                "choices",
                label="Choices, one per line",
                value=given.choices or None,
                is_multiline=True,
                placeholder="2 to 25 choices",
            ),
            *error(errors, "choices"),
            ac.ToggleInput(
                "other", title="Offer “Other”, with a field to say what", value=box(given.other)
            ),
        ]
    if kind is QuestionKind.NUMBER:
        body += [
            ac.TextInput("low", label="Smallest number", value=given.low or None, max_length=20),
            *error(errors, "low"),
            ac.TextInput("high", label="Largest number", value=given.high or None, max_length=20),
            *error(errors, "high"),
            text("Leave empty for no bound.", subtle=True, small=True),
        ]
    if kind is QuestionKind.TEXT:
        body.append(ac.ToggleInput("lines", title="Several lines", value=box(given.lines)))
    body += [
        ac.ToggleInput("required", title="Everybody must answer this", value=box(given.required)),
        ac.TextInput(
            "help",
            label="Help line",
            value=given.help or None,
            placeholder="A hint under the question",
            max_length=HELP_LIMIT,
        ),
        *error(errors, "help"),
    ]
    save = actions.SaveQuestion(**fields, question=question.id, kind=kind.value)
    return view(
        KINDS[kind],
        body,
        above=escape(survey.name),
        notice=notice,
        actions=[
            button("Save question", save, main=True),
            link("Back", actions.OpenSurvey(**fields)),
        ],
    )


def _typed(question: Question) -> actions.SaveQuestion:
    """Returns the fields of a question as it is."""
    return actions.SaveQuestion(
        survey="none",
        text=question.text,
        help=question.help,
        required=box(question.required),
        choices="\n".join(question.choices),
        other=box(question.other),
        low="" if question.low is None else f"{question.low:g}",
        high="" if question.high is None else f"{question.high:g}",
        lines=box(question.lines),
    )
