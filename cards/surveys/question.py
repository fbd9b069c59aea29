"""The form of one question: its text, and what its kind needs."""

from __future__ import annotations

from campaigns.surveys.questions import HELP_LIMIT, QUESTION_LIMIT, Question, QuestionKind
from campaigns.surveys.survey import Survey
from cards import actions
from cards import elements as ac
from cards.actions import OnSurvey
from cards.markdown import escape
from cards.survey_texts import KINDS
from cards.surveys.forms import at, box
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
                "other", title="Offer “Other”, with a field to say what", value=box(given.other)
            ),
        ]
    if kind is QuestionKind.NUMBER:
        fields += [
            ac.TextInput("low", label="Smallest number", value=given.low or None, max_length=20),
            *error(errors, "low"),
            ac.TextInput("high", label="Largest number", value=given.high or None, max_length=20),
            *error(errors, "high"),
            text("Leave empty for no bound.", subtle=True, small=True),
        ]
    if kind is QuestionKind.TEXT:
        fields.append(ac.ToggleInput("lines", title="Several lines", value=box(given.lines)))
    fields += [
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


def _typed(question: Question) -> actions.SaveQuestion:
    """What the fields say of a question as it is."""
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
