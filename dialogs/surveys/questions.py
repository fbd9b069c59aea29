"""Writes the questions of a survey."""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.errors import Invalid, NotPossible
from campaigns.refusals.surveys import QuestionRefusal, SurveyRefusal
from campaigns.surveys import survey as domain
from campaigns.surveys.questions import BOUND, Question, QuestionKind
from campaigns.surveys.survey import Survey
from cards import actions
from cards.message.survey import is_too_big
from cards.refusals.words import errors_of
from cards.surveys.author import ask_delete_question
from cards.surveys.forms import YES
from cards.surveys.question import write_question
from dialogs.routes import Routes
from dialogs.surveys.drafts import CLASH, MOVED_ON, SurveyDrafts, moved
from dialogs.turn import Reply, Turn, show


class SurveyQuestionsDialog:
    """Adds, changes, arranges and deletes questions.

    Every press saves, and shows the survey as it is then.
    """

    def __init__(self, drafts: SurveyDrafts) -> None:
        self._drafts = drafts

    def routes(self) -> Routes:
        return {
            actions.NewQuestion: self.new,
            actions.EditQuestion: self.edit,
            actions.SaveQuestion: self.save,
            actions.AskDeleteQuestion: self.ask_delete,
            actions.ArrangeQuestion: self.arrange,
        }

    async def new(self, turn: Turn, action: actions.NewQuestion) -> Reply:
        survey = await self._drafts.find(turn, action)
        domain.require_unsent(survey)
        question = Question(id="", kind=_kind(action.kind), text="")
        form = write_question(survey, action, question, notice=moved(survey, action))
        return show(form)

    async def edit(self, turn: Turn, action: actions.EditQuestion) -> Reply:
        survey = await self._drafts.find(turn, action)
        domain.require_unsent(survey)
        question = survey.question(action.question)
        if question is None:
            return self._drafts.shown(turn, survey, action, MOVED_ON)
        form = write_question(survey, action, question, notice=moved(survey, action))
        return show(form)

    async def save(self, turn: Turn, action: actions.SaveQuestion) -> Reply:
        survey = await self._drafts.find(turn, action)
        domain.require_unsent(survey)
        before = survey.question(action.question) if action.question else None
        kind = before.kind if before is not None else _kind(action.kind)
        # A question that was deleted in the meantime comes back as a new one.
        question = Question(id=before.id if before is not None else "", kind=kind, text="")
        try:
            question = _question(question, action)
            changed = domain.put(survey, question, turn.at)
            if is_too_big(changed):
                raise Invalid("text", SurveyRefusal.TOO_BIG)
        except Invalid as error:
            form = write_question(survey, action, question, typed=action, errors=errors_of(error))
            return show(form)
        saved = await self._drafts.saved(survey, changed, action)
        if saved is None:
            survey = await self._drafts.find(turn, action)
            if _is_saved(survey, changed, action):
                # The same press came twice at once, and the other one has saved it.
                return self._drafts.shown(turn, survey, action)
            form = write_question(survey, action, question, typed=action, notice=CLASH)
            return show(form)
        question = saved.question(action.question) or saved.questions[-1]
        return self._drafts.shown(turn, saved, action, selected=question.id)

    async def ask_delete(self, turn: Turn, action: actions.AskDeleteQuestion) -> Reply:
        survey = await self._drafts.find(turn, action)
        domain.require_unsent(survey)
        question = survey.question(action.question)
        if question is None:
            return self._drafts.shown(turn, survey, action, MOVED_ON)
        return show(ask_delete_question(survey, action, question))

    async def arrange(self, turn: Turn, action: actions.ArrangeQuestion) -> Reply:
        survey = await self._drafts.find(turn, action)
        changed = _arranged(survey, action, turn.at)
        if is_too_big(changed):
            raise NotPossible(SurveyRefusal.TOO_BIG)
        saved = await self._drafts.saved(survey, changed, action)
        if saved is None:
            survey = await self._drafts.find(turn, action)
            return self._drafts.shown(turn, survey, action, MOVED_ON, selected=action.question)
        selected = f"q{saved.asked}" if action.change == "duplicate" else action.question
        return self._drafts.shown(turn, saved, action, selected=selected)


def _arranged(survey: Survey, action: actions.ArrangeQuestion, now: datetime) -> Survey:
    match action.change:
        case "up":
            return domain.move(survey, action.question, -1, now)
        case "down":
            return domain.move(survey, action.question, 1, now)
        case "duplicate":
            return domain.duplicate(survey, action.question, now)
        case "delete":
            return domain.drop(survey, action.question, now)


def _is_saved(present: Survey, changed: Survey, action: actions.SaveQuestion) -> bool:
    """True when the survey is already as this press would have made it."""
    return present.questions == changed.questions and present.revision == action.revision + 1


def _kind(value: str) -> QuestionKind:
    try:
        return QuestionKind(value)
    except ValueError:
        raise NotPossible(QuestionRefusal.NO_KIND) from None


def _question(question: Question, action: actions.SaveQuestion) -> Question:
    """Returns the question with the values of the fields. Raises Invalid."""
    return msgspec.structs.replace(
        question,
        text=action.text,
        help=action.help,
        required=action.required == YES,
        choices=tuple(action.choices.splitlines()),
        other=action.other == YES,
        low=_bound("low", action.low),
        high=_bound("high", action.high),
        lines=action.lines == YES,
    )


def _bound(field: str, value: str) -> float | None:
    if not value.strip():
        return None
    try:
        number = float(value.strip().replace(",", "."))
    except ValueError:
        raise Invalid(field, QuestionRefusal.BOUND_UNREADABLE) from None
    if not abs(number) <= BOUND:
        raise Invalid(field, QuestionRefusal.BOUND_TOO_LARGE)
    return number
