"""Following up a campaign that was sent: correct it, recall it, send it to newcomers."""

from __future__ import annotations

from campaigns import followup as domain
from campaigns.campaign import Campaign
from campaigns.errors import NotPossible
from campaigns.refusals.campaigns import FollowUpRefusal
from cards import actions
from cards.campaigns import followup as cards
from cards.view import Notice
from delivery.engine import Engine
from delivery.starting.surveys import is_over
from dialogs.authoring.content_steps import ContentSteps
from dialogs.context import Context, new_id
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

_NOBODY_NEW = Notice("Nobody has joined since: everyone who can be reached has got it.")
_NOT_FINISHED = Notice("This one comes first: send it, or delete it.", "warning")


class FollowUpDialog:
    """Begins the campaigns that follow another one.

    Each is first kept as a draft, and then recorded in its original. Another admin who asks for the
    same at the same time gets this one.
    """

    def __init__(self, context: Context, engine: Engine, steps: ContentSteps) -> None:
        self._context = context
        self._store = context.store
        self._engine = engine
        self._steps = steps

    def routes(self) -> Routes:
        return {
            actions.OpenFollowUp: self.open,
            actions.Correct: self.correct,
            actions.AskRecall: self.ask_recall,
            actions.Recall: self.recall,
            actions.SendToNewcomers: self.send_to_newcomers,
        }

    async def open(
        self, turn: Turn, action: actions.OnCampaign, notice: Notice | None = None
    ) -> Reply:
        original = await self._context.find(turn, action)
        if not domain.may_be_followed(original):
            return await self._context.present(turn, original)
        followers = await self._context.followers(original)
        counts = await self._store.ledger.counts(original.key)
        return show(
            cards.follow_up(
                original,
                followers,
                having=counts.success,
                recalled=domain.recalled(followers),
                new_id=new_id(),
                zone=self._context.zone(turn.user),
                notice=notice,
            )
        )

    async def correct(self, turn: Turn, action: actions.Correct) -> Reply:
        original = await self._context.find(turn, action)
        followers = await self._context.followers(original)
        draft, is_new = await self._begin(
            original,
            domain.correction(
                original,
                action.follower,
                followers=followers,
                author_id=turn.user.id,
                now=turn.at,
            ),
        )
        if draft.status.has_started or not is_new:
            return await self._context.present(turn, draft, None if is_new else _NOT_FINISHED)
        return self._steps.content(draft)

    async def ask_recall(self, turn: Turn, action: actions.AskRecall) -> Reply:
        original = await self._context.find(turn, action)
        if not domain.may_be_followed(original):
            return await self._context.present(turn, original)
        counts = await self._store.ledger.counts(original.key)
        if not counts.success:
            return await self.open(turn, action)
        return show(
            cards.ask_recall(
                original, follower_id=new_id(), having=counts.success, unsure=counts.in_doubt
            )
        )

    async def recall(self, turn: Turn, action: actions.Recall) -> Reply:
        original = await self._context.find(turn, action)
        draft, is_new = await self._begin(
            original,
            domain.recall(
                original,
                action.follower,
                followers=await self._context.followers(original),
                author_id=turn.user.id,
                now=turn.at,
            ),
        )
        if draft.status.has_started or not is_new:
            # Pressed twice, or by two admins: it was begun once.
            return await self._context.present(turn, draft, None if is_new else _NOT_FINISHED)
        try:
            started = await self._engine.send(draft, sender_id=turn.user.id)
        except Conflict:
            started = await self._store.campaigns.get(draft.key) or draft
        return await self._context.present(turn, started)

    async def send_to_newcomers(self, turn: Turn, action: actions.SendToNewcomers) -> Reply:
        original = await self._context.find(turn, action)
        followers = await self._context.followers(original)
        draft = domain.to_newcomers(
            original,
            action.follower,
            followers=followers,
            author_id=turn.user.id,
            now=turn.at,
        )
        if await is_over(self._store, draft, turn.at):
            raise NotPossible(FollowUpRefusal.SURVEY_CLOSED)
        begun = domain.unfinished(followers, draft) is not None
        recall = domain.last_recall(followers)
        if recall is not None and not begun and not action.anyway:
            zone = self._context.zone(turn.user)
            return show(cards.ask_newcomers(original, recall, action.follower, zone=zone))
        if not begun and not (await self._context.reach(draft, turn.at)).reachable:
            return await self.open(turn, action, _NOBODY_NEW)
        draft, is_new = await self._begin(original, draft)
        return await self._context.present(turn, draft, None if is_new else _NOT_FINISHED)

    async def _begin(self, original: Campaign, draft: Campaign) -> tuple[Campaign, bool]:
        """Keeps the draft, records it in its original, and returns it and True.

        An unfinished follow-up to the same kind of audience comes first. When there is one, returns
        that one and False, and does not keep the draft.
        """
        kept = await self._store.campaigns.get(draft.key) or await self._context.add(draft)
        while draft.id not in original.follow_up.followers:
            other = domain.unfinished(await self._context.followers(original), draft)
            if other is not None:
                await self._store.campaigns.delete(draft.key)
                return other, False
            try:
                original = await self._store.campaigns.save(domain.followed(original, draft.id))
            except Conflict:
                original = await self._store.campaigns.get(original.key) or original
        return kept or draft, True
