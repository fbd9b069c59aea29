"""What comes of a survey that was sent: its results, its end, reminders."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from campaigns.campaign import Campaign
from campaigns.errors import NotPossible
from campaigns.surveys import results, state
from campaigns.surveys.answers import Response
from campaigns.surveys.results import Tally
from campaigns.surveys.state import SurveyState, is_open
from campaigns.surveys.survey import Survey
from campaigns.text.typed import one_line
from cards import actions
from cards.markdown import escape
from cards.surveys import results as survey_results
from cards.surveys.results import EVERYBODY, PAGE, Filter
from cards.view import Notice
from delivery.changes import change
from delivery.starting.reminders import Reminders, require_remindable
from delivery.starting.surveys import recipients_of
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show

_LISTS = 200
"""Distribution lists offered to filter by."""


class SurveyResults:
    """The results as a living card, and what is decided on it."""

    def __init__(self, context: Context, reminders: Reminders) -> None:
        self._context = context
        self._store = context.store
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
        campaign, survey = await self.asked(turn, action)
        of = EVERYBODY if survey.anonymous else await self._filter(turn, action)
        return await self.shown(turn, campaign, survey, page=action.page, of=of)

    async def ask_filter(self, turn: Turn, action: actions.OpenResultsFilter) -> Reply:
        campaign, survey = await self.asked(turn, action)
        _require_named(survey)
        found = await self._store.lists.page(turn.tenant_id, offset=0, limit=_LISTS)
        view = survey_results.ask_filter(
            campaign,
            [(of.id, of.name) for of in found.items],
            of_list=action.of_list,
            department=action.department,
        )
        return show(view)

    async def filter(self, turn: Turn, action: actions.FilterResults) -> Reply:
        campaign, survey = await self.asked(turn, action)
        _require_named(survey)
        narrowed = actions.OpenResults(
            campaign=campaign.id,
            revision=campaign.revision,
            of_list=action.of_list,
            department=action.department,
        )
        of = await self._filter(turn, narrowed)
        return await self.shown(turn, campaign, survey, of=of)

    # --- its end

    async def close(self, turn: Turn, action: actions.CloseSurvey) -> Reply:
        said = Notice("The survey is closed. Nobody can answer it any more.")
        return await self._turned(turn, action, state.closed, said)

    async def reopen(self, turn: Turn, action: actions.ReopenSurvey) -> Reply:
        said = Notice("The survey is open again, until you close it.")
        return await self._turned(turn, action, state.reopened, said)

    async def _turned(
        self,
        turn: Turn,
        action: actions.OnCampaign,
        to: Callable[[SurveyState], SurveyState],
        said: Notice,
    ) -> Reply:
        campaign, survey = await self.asked(turn, action)
        changed = await change(
            self._store.campaigns,
            campaign.key,
            lambda of: msgspec.structs.replace(of, survey_state=to(of.survey_state)),
        )
        return await self.shown(turn, changed or campaign, survey, notice=said)

    # --- reminders

    async def ask_remind(self, turn: Turn, action: actions.AskRemindToAnswer) -> Reply:
        campaign, survey = await self.asked(turn, action)
        require_remindable(campaign, turn.at)
        answered, recipients = await self._numbers(campaign)
        waiting = recipients - answered
        if waiting <= 0:
            nobody = Notice("Everybody who has got the survey has answered.")
            return await self.shown(turn, campaign, survey, notice=nobody)
        number = str(len(campaign.survey_state.reminders) + 1)
        return show(survey_results.ask_remind(campaign, number, waiting=waiting))

    async def remind(self, turn: Turn, action: actions.RemindToAnswer) -> Reply:
        campaign, survey = await self.asked(turn, action)
        given = len(campaign.survey_state.reminders)
        if not action.reminder.isdecimal() or int(action.reminder) != given + 1:
            # Pressed twice, or by two: it has been sent once.
            return await self.shown(turn, campaign, survey)
        reminder = await self._reminders.remind(campaign, given + 1, sender_id=turn.user.id)
        notice = Notice(f"“{escape(reminder.name)}” is being sent; it has a report of its own.")
        now = await self._store.campaigns.get(campaign.key)
        return await self.shown(turn, now or campaign, survey, notice=notice)

    # --- shared

    async def asked(self, turn: Turn, action: actions.OnCampaign) -> tuple[Campaign, Survey]:
        """The campaign that the answers are kept with, and its survey. Raises NotPossible."""
        campaign = await self._context.find(turn, action)
        survey = campaign.survey
        if survey is None or not campaign.status.has_started or campaign.original_key is not None:
            raise NotPossible("This campaign has no results: it has not asked a survey yet.")
        return campaign, survey

    async def shown(
        self,
        turn: Turn,
        campaign: Campaign,
        survey: Survey,
        *,
        page: int = 0,
        of: Filter = EVERYBODY,
        notice: Notice | None = None,
    ) -> Reply:
        answered, recipients = await self._numbers(campaign)
        view = survey_results.for_admins(
            campaign,
            survey,
            await self._tally(turn, campaign, of),
            await self._store.responses.days(campaign.key),
            answered=answered,
            recipients=recipients,
            page=min(page, max(0, (len(survey.questions) - 1) // PAGE)),
            filter=of,
            now_open=is_open(survey, campaign.survey_state, turn.at),
            zone=self._context.zone(turn.user),
            notice=notice,
        )
        return show(view)

    async def _numbers(self, campaign: Campaign) -> tuple[int, int]:
        """How many have answered, and how many have got it."""
        answered = sum((await self._store.responses.days(campaign.key)).values())
        return answered, max(answered, await recipients_of(self._store, campaign))

    async def _tally(self, turn: Turn, campaign: Campaign, of: Filter) -> Tally:
        if not of.words:
            return await self._store.responses.tally(campaign.key)
        on_list: frozenset[str] | None = None
        if of.of_list:
            found = await self._store.lists.get(turn.tenant_id, of.of_list)
            addresses = found.addresses if found is not None else ()
            users = await self._store.users.by_emails(turn.tenant_id, addresses)
            on_list = frozenset(user.id for user in users.values())
        counted: list[Response] = []
        async for chunk in self._store.responses.rows(campaign.key):
            among = [one for one in chunk if on_list is None or one.id in on_list]
            if of.department and among:
                known = await self._store.users.get_many(turn.tenant_id, [one.id for one in among])
                wanted = of.department.casefold()
                among = [
                    one
                    for one in among
                    if one.id in known and known[one.id].details.department.casefold() == wanted
                ]
            counted += among
        return results.tally(one.answers for one in counted)

    async def _filter(self, turn: Turn, action: actions.OpenResults) -> Filter:
        words = []
        of_list = ""
        found = None
        if action.of_list and len(action.of_list) <= 64:
            found = await self._store.lists.get(turn.tenant_id, action.of_list)
        if found is not None:
            of_list = found.id
            words.append(f"people on “{found.name}”")
        department = one_line(action.department)[:64]
        if department:
            words.append(f"the department {department}")
        return Filter(of_list=of_list, department=department, words=", ".join(words))


def _require_named(survey: Survey) -> None:
    if survey.anonymous:
        raise NotPossible("An anonymous survey can't be filtered: nobody knows whose is whose.")
