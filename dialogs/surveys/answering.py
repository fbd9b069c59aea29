"""Takes the answers to a survey that recipients press and type.

All of them come from outside and are checked. A response counts when the campaign was sent to this
person and the survey is open, once for each person. It is durable before the card says thank you.
"""

from __future__ import annotations

import logging
import re
import uuid

import msgspec

from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.content import Format
from campaigns.errors import Invalid
from campaigns.surveys import answers as domain
from campaigns.surveys.answers import Answer, Response, Unasked
from campaigns.surveys.results import may_be_shown
from campaigns.surveys.state import is_open
from campaigns.surveys.survey import Readers, Survey
from cards import actions
from cards.markdown import escape
from cards.message import survey as survey_card
from cards.refusals.words import errors_of, in_words
from cards.surveys import results as survey_results
from cards.surveys import thanks as survey_thanks
from cards.view import View
from delivery.starting.surveys import home_of
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show
from storage.base import Recorded

_audit = logging.getLogger("audit")

_GONE = "This survey is no longer kept, so it can't be answered any more."
_NOT_YOURS = "This survey was not sent to you, so you can't answer it."
_TEST = "This is a test. Nothing that is answered here is kept."
_FORGED = "These answers do not belong to this survey. Nothing was kept."
_ELSEWHERE = (
    "You have answered this survey before, and that counts. To change it, go to the card on which "
    "you answered."
)
_UNCHANGED = "Your first answers count: this survey does not take changes."

_RECEIPT = re.compile(r"[0-9a-f]{32}")

_LATEST = 20
"""Number of recent campaigns that are searched for the survey that a typed text answers."""


class AnswerDialog:
    """Takes answers, and shows people their own answers and the results.

    Open to everyone, not only to admins.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def for_everyone(self) -> Routes:
        """Returns the routes that recipients may take, too."""
        return {
            actions.SendAnswers: self.send,
            actions.OpenAnswers: self.open,
            actions.OpenSharedResults: self.results,
        }

    async def send(self, turn: Turn, action: actions.SendAnswers) -> Reply:
        asked = await self._asked(turn, action)
        if isinstance(asked, str):
            return show(survey_thanks.refused(asked))
        fields = turn.pressed if isinstance(turn.pressed, dict) else {}
        if not is_open(asked.survey, asked.home.survey_state, turn.at):
            return await self._over(turn, asked, unsent=True)
        try:
            answers = domain.read(asked.survey, fields)
        except Unasked as error:
            self._refuse(turn, asked.campaign, f"sent what no card has: {error}")
            return show(survey_thanks.refused(_FORGED))
        except Invalid as error:
            typed = {
                name: str(value)[: domain.TEXT_LIMIT]
                for name, value in fields.items()
                if name.startswith((domain.FIELD, domain.OTHER_FIELD))
                and isinstance(value, str | int | float)
            }
            return _show(
                asked,
                survey_card.answer_form(
                    asked.campaign,
                    asked.survey,
                    asked.receipt,
                    fields=typed,
                    errors=errors_of(error),
                ),
            )
        return await self._record(turn, asked, answers)

    async def open(self, turn: Turn, action: actions.OpenAnswers) -> Reply:
        asked = await self._asked(turn, action)
        if isinstance(asked, str):
            return show(survey_thanks.refused(asked))
        response = await self._response(turn, asked)
        if not is_open(asked.survey, asked.home.survey_state, turn.at):
            return await self._over(turn, asked)
        if response is not None and not (action.change and asked.survey.changeable):
            return await self._thanks(turn, asked, response.answers)
        if response is None and await self._has_answered(turn, asked):
            return await self._thanks(turn, asked, None, note=_ELSEWHERE)
        fields = domain.fields_of(asked.survey, response.answers if response is not None else {})
        return _show(
            asked,
            survey_card.answer_form(asked.campaign, asked.survey, asked.receipt, fields=fields),
        )

    async def results(self, turn: Turn, action: actions.OpenSharedResults) -> Reply:
        asked = await self._asked(turn, action)
        if isinstance(asked, str):
            return show(survey_thanks.refused(asked))
        if not await self._sees_results(turn, asked):
            return show(survey_thanks.refused("The results of this survey are not open to you."))
        key = asked.home.key
        tally = await self._store.responses.tally(key)
        view = survey_results.for_recipients(
            asked.survey,
            tally,
            shown=may_be_shown(tally, anonymous=asked.survey.anonymous),
            page=action.page,
            action=action,
        )
        return _show(asked, view)

    async def typed(self, turn: Turn) -> Reply | None:
        """Takes typed text as the answer to a survey of one question.

        Returns None when no such survey waits for this person's answer.
        """
        if not turn.text.strip():
            return None
        asked = await self._waiting(turn)
        if asked is None or asked.survey.only_question is None:
            return None
        question = asked.survey.only_question
        try:
            answer = domain.read_typed(question, turn.text)
        except Invalid as error:
            if turn.is_admin:
                # An admin more likely meant this for the bot than for the survey.
                return None
            errors = {domain.FIELD + question.id: in_words(error.refusal)}
            view = survey_card.answer_form(
                asked.campaign, asked.survey, asked.receipt, fields={}, errors=errors
            )
            return show(view)
        return await self._record(turn, asked, {question.id: answer})

    async def _waiting(self, turn: Turn) -> _Asked | None:
        """Returns the latest survey of one question that waits for this person's answer."""
        started = [status for status in Status if status.has_started]
        page = await self._store.campaigns.page(turn.tenant_id, started, offset=0, limit=_LATEST)
        for campaign in page.items:
            survey = campaign.survey
            if survey is None or survey.only_question is None:
                continue
            home = await home_of(self._store, campaign)
            if home is None or not is_open(survey, home.survey_state, turn.at):
                continue
            delivery = await self._store.ledger.find(campaign.key, turn.user.id)
            if delivery is None or not delivery.may_have_arrived:
                continue
            asked = _Asked(campaign, home, survey, uuid.uuid4().hex)
            if not await self._has_answered(turn, asked):
                return asked
        return None

    async def _asked(self, turn: Turn, action: actions.OnAnswers) -> _Asked | str:
        """Returns the survey that was sent to this person, or the sentence that says why not."""
        campaign = await self._store.campaigns.get(CampaignKey(turn.tenant_id, action.campaign))
        if campaign is None or campaign.format is not Format.SURVEY:
            return _GONE
        if not campaign.status.has_started:
            return _TEST
        survey, home = campaign.survey, await home_of(self._store, campaign)
        if survey is None or home is None:
            return _GONE
        delivery = await self._store.ledger.find(campaign.key, turn.user.id)
        if delivery is None or not delivery.may_have_arrived:
            self._refuse(turn, campaign, "which they were not sent")
            return _NOT_YOURS
        if survey.anonymous and not _RECEIPT.fullmatch(action.receipt):
            self._refuse(turn, campaign, "with a receipt that no card has")
            return _FORGED
        return _Asked(campaign, home, survey, action.receipt)

    async def _record(self, turn: Turn, asked: _Asked, answers: dict[str, Answer]) -> Reply:
        response = Response(self._response_id(turn, asked), answers)
        recorded = await self._store.responses.record(
            asked.home.key,
            turn.user.id,
            response,
            day=turn.at.astimezone(self._context.time_zone).date(),
            change=asked.survey.changeable,
        )
        if await self._store.campaigns.get(asked.home.key) is None:
            # It was deleted after it was looked at, and its answers with it: all but this one.
            await self._store.responses.drop(asked.home.key)
            return show(survey_thanks.refused(_GONE))
        match recorded:
            case Recorded.ELSEWHERE:
                return await self._thanks(turn, asked, None, note=_ELSEWHERE)
            case Recorded.KEPT:
                kept = await self._response(turn, asked)
                is_same = kept is None or kept.answers == answers
                return await self._thanks(
                    turn, asked, kept.answers if kept else None, note="" if is_same else _UNCHANGED
                )
            case _:
                return await self._thanks(turn, asked, answers)

    async def _thanks(
        self, turn: Turn, asked: _Asked, answers: dict[str, Answer] | None, *, note: str = ""
    ) -> Reply:
        view = survey_thanks.thanks(
            asked.campaign,
            asked.survey,
            asked.receipt,
            answers,
            is_open=is_open(asked.survey, asked.home.survey_state, turn.at),
            sees_results=await self._sees_results(turn, asked),
            note=note,
        )
        return _show(asked, view)

    async def _over(self, turn: Turn, asked: _Asked, *, unsent: bool = False) -> Reply:
        """Shows that the survey is closed.

        :param unsent: True when this person has just sent answers, and they came too late.
        """
        response = await self._response(turn, asked)
        view = survey_thanks.over(
            asked.campaign,
            asked.survey,
            asked.receipt,
            response.answers if response is not None else None,
            sees_results=await self._sees_results(turn, asked),
            unsent=unsent,
        )
        return _show(asked, view)

    async def _sees_results(self, turn: Turn, asked: _Asked) -> bool:
        match asked.survey.readers:
            case Readers.NOBODY:
                return False
            case Readers.ANSWERED:
                return await self._has_answered(turn, asked)
            case Readers.EVERYBODY:
                return not is_open(asked.survey, asked.home.survey_state, turn.at)

    async def _has_answered(self, turn: Turn, asked: _Asked) -> bool:
        return bool(await self._store.responses.answered(asked.home.key, [turn.user.id]))

    async def _response(self, turn: Turn, asked: _Asked) -> Response | None:
        return await self._store.responses.get(asked.home.key, self._response_id(turn, asked))

    def _response_id(self, turn: Turn, asked: _Asked) -> str:
        """Returns the id under which this person's response is kept."""
        return asked.receipt if asked.survey.anonymous else turn.user.id

    def _refuse(self, turn: Turn, campaign: Campaign, what: str) -> None:
        _audit.warning(
            "refused: user %s of tenant %s answered the survey of %s: %s",
            turn.user.id,
            turn.tenant_id,
            campaign.id,
            escape(what),
        )


class _Asked(msgspec.Struct, frozen=True):
    """A survey that was sent to somebody."""

    campaign: Campaign
    home: Campaign
    """The campaign that the responses are kept with: the original, for a follow-up of it."""
    survey: Survey
    receipt: str
    """The id under which an anonymous response is kept."""


def _show(asked: _Asked, view: View) -> Reply:
    """Shows a card that has the person's own answers or their receipt on it.

    The card of an anonymous survey must not be stored.
    """
    return show(view, private=asked.survey.anonymous)
