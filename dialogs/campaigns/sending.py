"""Trying a campaign on one person, sending it to everyone, and holding it."""

from __future__ import annotations

from datetime import datetime

from campaigns import drafting, lifecycle, readiness
from campaigns.audience import AllUsers, ListAudience, NewcomersAudience, ReceivedAudience
from campaigns.campaign import Campaign, InDoubtPolicy, Purpose, Status
from campaigns.errors import NotPossible
from campaigns.followup import recalled
from campaigns.lists import one_address
from campaigns.outcome import Outcome, Reason, Sent, Stale, Throttled, Unknown
from campaigns.surveys.survey import require_askable
from campaigns.user import User
from cards import actions
from cards.campaigns import campaign as cards
from cards.campaigns import confirmations, followup
from cards.markdown import escape
from cards.message.personal import is_too_big
from cards.texts import REASONS, people
from cards.view import Errors, Notice
from delivery.engine import Engine
from delivery.people.contacts import Contacts
from delivery.starting.surveys import is_over
from dialogs.context import MOVED_ON, Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

_TOO_BIG = (
    "With its survey, this message is too big for Teams. Shorten the message, or the survey's "
    "questions."
)
_CLOSED = "The survey is closed. Reopen it in its results before you send it to more people."


class SendDialog:
    """Try, send, pause, resume, stop, resend."""

    def __init__(self, context: Context, engine: Engine, contacts: Contacts) -> None:
        self._context = context
        self._store = context.store
        self._engine = engine
        self._contacts = contacts

    def routes(self) -> Routes:
        return {
            actions.OpenTry: self.open_try,
            actions.Verify: self.verify,
            actions.SendTest: self.send_test,
            actions.AskSend: self.ask_send,
            actions.Send: self.send,
            actions.Pause: self.pause,
            actions.Resume: self.resume,
            actions.AskStop: self.ask_stop,
            actions.Stop: self.stop,
            actions.AskResend: self.ask_resend,
            actions.Resend: self.resend,
        }

    # --- try

    async def open_try(self, turn: Turn, action: actions.OpenTry) -> Reply:
        campaign = await self._written(turn, action)
        if campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        return show(cards.try_out(campaign, email=turn.user.email))

    async def verify(self, turn: Turn, action: actions.Verify) -> Reply:
        campaign = await self._written(turn, action)
        if campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        user, errors = await self._verified(turn, action.email)
        return show(
            cards.try_out(campaign, email=action.email.strip(), verified=user, errors=errors)
        )

    async def send_test(self, turn: Turn, action: actions.SendTest) -> Reply:
        campaign = await self._written(turn, action)
        if campaign.revision != action.revision:
            # What would be tried is not what the card's reader has seen.
            return await self._context.present(turn, campaign, MOVED_ON)
        user = await self._store.users.get(turn.tenant_id, action.user)
        if user is not None and not _is_theirs(action.email, user):
            # Typed over since the other one was verified: this one comes first, and nothing leaves.
            typed, errors = await self._verified(turn, action.email)
            return show(cards.try_out(campaign, email=action.email, verified=typed, errors=errors))
        if user is None or not user.reachable:
            errors = {"email": "This person can't be reached any more."}
            email = user.email if user is not None else ""
            return show(cards.try_out(campaign, email=email, errors=errors))
        outcome = await self._engine.send_test(campaign, user)
        notice = _tried(outcome, user)
        verified = user if isinstance(outcome, Sent) else None
        return show(cards.try_out(campaign, email=user.email, verified=verified, notice=notice))

    async def _verified(self, turn: Turn, email: str) -> tuple[User | None, Errors]:
        address = one_address(email)
        if address is None:
            return None, {"email": "Type one e-mail address, such as name@example.com."}
        user = await self._by_email(turn.tenant_id, address)
        if user is None:
            # Whoever installed a moment ago may not have been looked up yet.
            await self._contacts.complete_some(turn.tenant_id)
            user = await self._by_email(turn.tenant_id, address)
        if user is None:
            return None, {"email": "Nobody with this address has the app."}
        if not user.reachable:
            why = REASONS[user.unreachable_because] if user.unreachable_because else ""
            return None, {"email": f"{user.full_name} can't be reached: {why}."}
        return user, {}

    async def _by_email(self, tenant_id: str, address: str) -> User | None:
        return (await self._store.users.by_emails(tenant_id, [address])).get(address)

    async def _written(self, turn: Turn, action: actions.OnCampaign) -> Campaign:
        """The draft, when there is a message to try.

        Raises NotPossible.
        """
        campaign = await self._context.find(turn, action)
        lifecycle.require_draft(campaign)
        readiness.require_written(campaign)
        _require_room(campaign)
        return campaign

    # --- send

    async def ask_send(self, turn: Turn, action: actions.AskSend) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status.has_started:
            return await self._context.present(turn, campaign)
        await self.require_sendable(campaign, turn.at)
        if campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        size = await self._context.reach(campaign)
        if campaign.follow_up.purpose is not Purpose.SEND:
            return show(followup.ask_change(campaign, having=size.reachable, unsure=size.left_out))
        view = confirmations.ask_send(
            campaign,
            audience=await self._audience_name(campaign),
            reachable=size.reachable,
            left_out=size.left_out,
            recalled=await self._recalled(campaign),
        )
        return show(view)

    async def _recalled(self, campaign: Campaign) -> bool:
        """Whether it is for newcomers to what was taken back from those before them."""
        key = campaign.original_key
        if key is None or not isinstance(campaign.audience, NewcomersAudience):
            return False
        original = await self._store.campaigns.get(key)
        return original is not None and recalled(await self._context.followers(original))

    async def send(self, turn: Turn, action: actions.Send) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status.has_started:
            # Pressed twice, or by two: it was started once.
            return await self._context.present(turn, campaign)
        await self.require_sendable(campaign, turn.at)
        if campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        try:
            started = await self._engine.send(
                drafting.when_in_doubt(campaign, InDoubtPolicy(action.in_doubt)),
                audience_name=await self._audience_name(campaign),
                sender_id=turn.user.id,
            )
        except Conflict:
            now = await self._context.find(turn, action)
            return await self._context.present(
                turn, now, None if now.status.has_started else MOVED_ON
            )
        return await self._context.present(turn, started)

    async def require_sendable(self, campaign: Campaign, now: datetime) -> None:
        """Raises NotPossible, saying what to do, when nobody would get it."""
        readiness.require_complete(campaign)
        _require_room(campaign)
        if campaign.original_key is None:
            require_askable(campaign.survey, now)
        elif await is_over(self._store, campaign, now):
            raise NotPossible(_CLOSED)
        if (
            isinstance(campaign.audience, ListAudience)
            and await self._store.lists.get(campaign.tenant_id, campaign.audience.list_id) is None
        ):
            raise NotPossible(
                "The distribution list of this campaign was deleted. Choose the recipients again."
            )
        if not (await self._context.reach(campaign)).reachable:
            if isinstance(campaign.audience, NewcomersAudience):
                raise NotPossible("Nobody has joined since; there is nobody to send this to.")
            if isinstance(campaign.audience, ReceivedAudience):
                raise NotPossible("Nobody has this message in their chats.")
            raise NotPossible("Nobody in this audience has the app, so nobody would get it.")

    async def _audience_name(self, campaign: Campaign) -> str:
        if isinstance(campaign.audience, AllUsers):
            return "All users"
        if campaign.original_key is not None:
            return await self._context.audience(campaign)
        return await self._context.list_name(campaign)

    # --- hold

    async def pause(self, turn: Turn, action: actions.Pause) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status is Status.PAUSED or campaign.status.has_ended:
            # Pressed twice, or by two, or too late: the card shows how it is.
            return await self._context.present(turn, campaign)
        paused = await self._engine.pause(campaign.key)
        return await self._context.present(turn, paused or campaign)

    async def resume(self, turn: Turn, action: actions.Resume) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status is Status.SENDING or campaign.status.has_ended:
            return await self._context.present(turn, campaign)
        resumed = await self._engine.resume(campaign.key)
        return await self._context.present(turn, resumed or campaign)

    async def ask_stop(self, turn: Turn, action: actions.AskStop) -> Reply:
        campaign = await self._context.find(turn, action)
        if not cards.is_live(campaign) or campaign.status is Status.STOPPED:
            return await self._context.present(turn, campaign)
        return show(confirmations.ask_stop(campaign, await self._store.ledger.counts(campaign.key)))

    async def stop(self, turn: Turn, action: actions.Stop) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status.has_ended:
            return await self._context.present(turn, campaign)
        stopped = await self._engine.end(campaign.key)
        return await self._context.present(turn, stopped or campaign)

    async def ask_resend(self, turn: Turn, action: actions.AskResend) -> Reply:
        campaign = await self._context.find(turn, action)
        counts = await self._store.ledger.counts(campaign.key)
        if not counts.in_doubt:
            notice = Notice("Nothing of this campaign is in doubt any more.")
            return await self._context.present(turn, campaign, notice)
        return show(confirmations.ask_resend(campaign, counts))

    async def resend(self, turn: Turn, action: actions.Resend) -> Reply:
        campaign = await self._context.find(turn, action)
        counts = await self._store.ledger.counts(campaign.key)
        if not counts.in_doubt or campaign.status is Status.SENDING:
            return await self._context.present(turn, campaign)
        try:
            resumed = await self._engine.resend(campaign.key)
        except NotPossible:
            now = await self._context.find(turn, action)
            if now.status is not Status.SENDING:
                raise
            # Pressed twice, or by two: it was reopened once.
            return await self._context.present(turn, now)
        notice = Notice(f"Sending again to {people(counts.in_doubt)}.")
        return await self._context.present(turn, resumed or campaign, notice)


def _require_room(campaign: Campaign) -> None:
    """Raises NotPossible when the survey, which may have grown since it was chosen, does not fit
    into a message any more.
    """
    if campaign.survey is not None and is_too_big(campaign):
        raise NotPossible(_TOO_BIG)


def _is_theirs(typed: str, user: User) -> bool:
    """Whether the field still names this person; a client may leave out what has not changed."""
    return not typed.strip() or one_address(typed) in (
        user.profile.email.lower(),
        user.profile.upn.lower(),
    )


def _tried(outcome: Outcome, user: User) -> Notice:
    name = escape(user.full_name)
    match outcome:
        case Sent():
            return Notice(f"The test is in {name}'s chat with the bot.")
        case Throttled():
            return Notice("Teams asks to go slower just now. Try again in a moment.", "warning")
        case Unknown():
            return Notice(
                f"Teams did not say whether the test reached {name}. Look there before you "
                "send another one.",
                "warning",
            )
        case Stale():
            why = REASONS[Reason.CONVERSATION_GONE]
            return Notice(f"The test did not reach {name}: {why}.", "attention")
        case _:
            why = REASONS[outcome.reason]
            return Notice(f"The test did not reach {name}: {why}.", "attention")
