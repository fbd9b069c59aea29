"""Finds a survey that was sent, and shows its results, for all dialogs about such surveys."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.errors import NotPossible
from campaigns.refusals.surveys import SurveyRefusal
from campaigns.surveys import results
from campaigns.surveys.answers import Response
from campaigns.surveys.results import Tally
from campaigns.surveys.state import is_open
from campaigns.surveys.survey import Survey
from cards import actions
from cards.surveys import results as cards
from cards.surveys.results import EVERYBODY, PAGE, Filter
from cards.view import Notice
from delivery.starting.surveys import recipients_of
from dialogs.context import Context
from dialogs.paging import last_page
from dialogs.turn import Reply, Turn, show


class SentSurveys:
    """Finds surveys that were sent, and shows the card of their results."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    async def find(self, turn: Turn, action: actions.OnCampaign) -> tuple[Campaign, Survey]:
        """Returns the campaign that the responses are kept with, and its survey.

        Raises NotPossible when the campaign has sent no survey of its own.
        """
        campaign = await self._context.find(turn, action)
        survey = campaign.survey
        if survey is None or not campaign.status.has_started or campaign.original_key is not None:
            raise NotPossible(SurveyRefusal.NO_RESULTS)
        return campaign, survey

    async def shown(
        self,
        turn: Turn,
        campaign: Campaign,
        survey: Survey,
        *,
        page: int = 0,
        filtered: Filter = EVERYBODY,
        notice: Notice | None = None,
    ) -> Reply:
        """Shows the results.

        :param filtered: the people whose responses are counted.
        """
        answered, recipients = await self.numbers(campaign)
        view = cards.for_admins(
            campaign,
            survey,
            await self._tally(turn, campaign, filtered),
            await self._store.responses.days(campaign.key),
            answered=answered,
            recipients=recipients,
            page=min(page, last_page(len(survey.questions), PAGE)),
            filter=filtered,
            now_open=is_open(survey, campaign.survey_state, turn.at),
            zone=self._context.zone(turn.user),
            notice=notice,
        )
        return show(view)

    async def numbers(self, campaign: Campaign) -> tuple[int, int]:
        """Returns the number of people who have answered, and of those who have the survey."""
        answered = sum((await self._store.responses.days(campaign.key)).values())
        return answered, max(answered, await recipients_of(self._store, campaign))

    async def _tally(self, turn: Turn, campaign: Campaign, filtered: Filter) -> Tally:
        if not filtered.words:
            return await self._store.responses.tally(campaign.key)
        on_list = await self._on_list(turn, filtered.of_list) if filtered.of_list else None
        counted: list[Response] = []
        async for chunk in self._store.responses.rows(campaign.key):
            responses = [
                response for response in chunk if on_list is None or response.id in on_list
            ]
            if filtered.department and responses:
                responses = await self._in_department(turn, responses, filtered.department)
            counted += responses
        return results.tally(response.answers for response in counted)

    async def _on_list(self, turn: Turn, list_id: str) -> frozenset[str]:
        """Returns the ids of the users on this list; no ids when the list was deleted."""
        distribution_list = await self._store.lists.get(turn.tenant_id, list_id)
        addresses = distribution_list.addresses if distribution_list is not None else ()
        users = await self._store.users.by_emails(turn.tenant_id, addresses)
        return frozenset(user.id for user in users.values())

    async def _in_department(
        self, turn: Turn, responses: list[Response], department: str
    ) -> list[Response]:
        """Returns the responses of the users in this department."""
        users = await self._store.users.get_many(
            turn.tenant_id, [response.id for response in responses]
        )
        wanted = department.casefold()
        return [
            response
            for response in responses
            if response.id in users and users[response.id].details.department.casefold() == wanted
        ]
