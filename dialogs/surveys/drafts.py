"""Finds a survey, saves a change to it and shows it, for all steps of writing a survey."""

from __future__ import annotations

import msgspec

from campaigns.surveys.survey import Survey
from cards.actions import OnSurvey, OpenSurveys
from cards.surveys import author as cards
from cards.view import Notice
from dialogs.context import Context, new_id
from dialogs.errors import Gone
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

GONE = Notice("This survey does not exist any more.", "warning")
MOVED_ON = Notice(
    "This survey has changed since that card was shown. Here it is as it is now.", "warning"
)
CLASH = Notice(
    "Someone else changed this survey in the meantime. What you typed is kept below; "
    "save again to put it into the survey as it is now.",
    "warning",
)


class SurveyDrafts:
    """Finds, saves and shows the surveys that cards are about."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    async def find(self, turn: Turn, action: OnSurvey) -> Survey:
        """Returns the survey as it is now. Raises Gone."""
        survey = await self._store.surveys.get(turn.tenant_id, action.survey)
        if survey is None:
            raise survey_gone(action.campaign, action.campaign_revision)
        return survey

    async def saved(self, survey: Survey, changed: Survey, action: OnSurvey) -> Survey | None:
        """Saves the change and returns it.

        Returns None when someone else has changed the survey since the card was shown.
        """
        if msgspec.structs.replace(changed, updated_at=survey.updated_at) == survey:
            return survey
        if action.revision != survey.revision:
            return None
        try:
            return await self._store.surveys.save(changed)
        except Conflict:
            return None

    def shown(
        self,
        turn: Turn,
        survey: Survey,
        action: OnSurvey,
        notice: Notice | None = None,
        *,
        selected: str = "",
    ) -> Reply:
        """Shows the card on which the survey is written.

        :param selected: the id of the question that is chosen on it; empty for none.
        """
        view = cards.survey_editor(
            survey,
            action,
            clone_id=new_id(),
            zone=self._context.zone(turn.user),
            selected=selected,
            notice=notice,
        )
        return show(view)


def moved(survey: Survey, action: OnSurvey) -> Notice | None:
    """Returns a notice that the survey has changed since the card was shown, if it has."""
    return MOVED_ON if survey.revision != action.revision else None


def survey_gone(campaign: str, campaign_revision: int) -> Gone:
    """Returns the error that opens all surveys, to choose one for this campaign if there is one."""
    return Gone(OpenSurveys(campaign=campaign, campaign_revision=campaign_revision), GONE)
