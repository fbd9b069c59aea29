"""The results of a survey that was sent, closing it, and reminders."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from campaigns.errors import NotPossible
from campaigns.refusals.surveys import SurveyRefusal
from campaigns.surveys import state
from campaigns.surveys.state import SurveyState
from campaigns.surveys.survey import Survey
from campaigns.text.typed import one_line
from cards import actions
from cards.markdown import escape
from cards.surveys import results as cards
from cards.surveys.results import EVERYBODY, Filter
from cards.view import Notice
from delivery.changes import change
from delivery.starting.reminders import Reminders, require_remindable
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.surveys.sent import SentSurveys
from dialogs.turn import Reply, Turn, show

_LISTS = 200
"""Distribution lists that are offered for filtering, at most."""


class SurveyResultsDialog:
    """Shows and filters the results, closes and reopens the survey, and reminds people."""

    def __init__(self, context: Context, sent: SentSurveys, reminders: Reminders) -> None:
        self._store = context.store
        self._sent = sent
        self._reminders = reminders

    def routes(self) -> Routes:
        return {
            actions.OpenResults: self.open,
            actions.OpenResultsFilter: self.ask_filter,
            actions.FilterResults: self.filter,
            actions.CloseSurvey: self.close,
            actions.ReopenSurvey: self.reopen,
            actions.AskRemindToAnswer: self.ask_remind,
            actions.RemindToAnswer: self.remind,
        }

    async def open(self, turn: Turn, action: actions.OpenResults) -> Reply:
        campaign, survey = await self._sent.find(turn, action)
        filtered = EVERYBODY if survey.anonymous else await self._filter(turn, action)
        return await self._sent.shown(turn, campaign, survey, page=action.page, filtered=filtered)

    async def ask_filter(self, turn: Turn, action: actions.OpenResultsFilter) -> Reply:
        campaign, survey = await self._sent.find(turn, action)
        _require_named(survey)
        lists = await self._store.lists.page(turn.tenant_id, offset=0, limit=_LISTS)
        view = cards.ask_filter(
            campaign,
            [(distribution_list.id, distribution_list.name) for distribution_list in lists.items],
            of_list=action.of_list,
            department=action.department,
        )
        return show(view)

    async def filter(self, turn: Turn, action: actions.FilterResults) -> Reply:
        campaign, survey = await self._sent.find(turn, action)
        _require_named(survey)
        narrowed = actions.OpenResults(
            campaign=campaign.id,
            revision=campaign.revision,
            of_list=action.of_list,
            department=action.department,
        )
        filtered = await self._filter(turn, narrowed)
        return await self._sent.shown(turn, campaign, survey, filtered=filtered)

    async def close(self, turn: Turn, action: actions.CloseSurvey) -> Reply:
        notice = Notice("The survey is closed. Nobody can answer it any more.")
        return await self._change_state(turn, action, state.closed, notice)

    async def reopen(self, turn: Turn, action: actions.ReopenSurvey) -> Reply:
        notice = Notice("The survey is open again, until you close it.")
        return await self._change_state(turn, action, state.reopened, notice)

    async def ask_remind(self, turn: Turn, action: actions.AskRemindToAnswer) -> Reply:
        campaign, survey = await self._sent.find(turn, action)
        require_remindable(campaign, turn.at)
        answered, recipients = await self._sent.numbers(campaign)
        waiting = recipients - answered
        if waiting <= 0:
            nobody = Notice("Everybody who has got the survey has answered.")
            return await self._sent.shown(turn, campaign, survey, notice=nobody)
        number = str(len(campaign.survey_state.reminders) + 1)
        return show(cards.ask_remind(campaign, number, waiting=waiting))

    async def remind(self, turn: Turn, action: actions.RemindToAnswer) -> Reply:
        campaign, survey = await self._sent.find(turn, action)
        number = len(campaign.survey_state.reminders) + 1
        if not action.reminder.isdecimal() or int(action.reminder) != number:
            # Pressed twice, or by two admins: it was sent once.
            return await self._sent.shown(turn, campaign, survey)
        reminder = await self._reminders.remind(campaign, number, sender_id=turn.user.id)
        notice = Notice(f"“{escape(reminder.name)}” is being sent; it has a report of its own.")
        present = await self._store.campaigns.get(campaign.key)
        return await self._sent.shown(turn, present or campaign, survey, notice=notice)

    async def _change_state(
        self,
        turn: Turn,
        action: actions.OnCampaign,
        transition: Callable[[SurveyState], SurveyState],
        notice: Notice,
    ) -> Reply:
        campaign, survey = await self._sent.find(turn, action)
        changed = await change(
            self._store.campaigns,
            campaign.key,
            lambda present: msgspec.structs.replace(
                present, survey_state=transition(present.survey_state)
            ),
        )
        return await self._sent.shown(turn, changed or campaign, survey, notice=notice)

    async def _filter(self, turn: Turn, action: actions.OpenResults) -> Filter:
        """Returns the chosen filter, without a list that was deleted."""
        words = []
        list_id = ""
        distribution_list = None
        if action.of_list and len(action.of_list) <= 64:
            distribution_list = await self._store.lists.get(turn.tenant_id, action.of_list)
        if distribution_list is not None:
            list_id = distribution_list.id
            words.append(f"people on “{distribution_list.name}”")
        department = one_line(action.department)[:64]
        if department:
            words.append(f"the department {department}")
        return Filter(of_list=list_id, department=department, words=", ".join(words))


def _require_named(survey: Survey) -> None:
    if survey.anonymous:
        raise NotPossible(SurveyRefusal.ANONYMOUS)
