"""Trying a campaign on one person before it is sent."""

from __future__ import annotations

from campaigns import lifecycle, readiness
from campaigns.campaign import Campaign
from campaigns.lists import one_address
from campaigns.outcome import Outcome, Reason, Sent, Stale, Throttled, Unknown
from campaigns.user import User
from cards import actions
from cards.campaigns import campaign as cards
from cards.markdown import escape
from cards.texts import REASONS
from cards.view import Errors, Notice
from delivery.engine import Engine
from delivery.people.contacts import Contacts
from dialogs.campaigns.sending import require_room
from dialogs.context import MOVED_ON, Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show


class TryDialog:
    """Verifies an e-mail address, and sends the campaign to it as a test."""

    def __init__(self, context: Context, engine: Engine, contacts: Contacts) -> None:
        self._context = context
        self._store = context.store
        self._engine = engine
        self._contacts = contacts

    def routes(self) -> Routes:
        return {
            actions.OpenTry: self.open,
            actions.Verify: self.verify,
            actions.SendTest: self.send_test,
        }

    async def open(self, turn: Turn, action: actions.OpenTry) -> Reply:
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
            # The campaign is no longer the one that the card shows.
            return await self._context.present(turn, campaign, MOVED_ON)
        user = await self._store.users.get(turn.tenant_id, action.user)
        if user is not None and not _is_theirs(action.email, user):
            # Another address was typed after this one was verified: verify it, and send nothing.
            other, errors = await self._verified(turn, action.email)
            return show(cards.try_out(campaign, email=action.email, verified=other, errors=errors))
        if user is None or not user.reachable:
            errors = {"email": "This person can't be reached any more."}
            email = user.email if user is not None else ""
            return show(cards.try_out(campaign, email=email, errors=errors))
        outcome = await self._engine.send_test(campaign, user)
        notice = _tried(outcome, user)
        verified = user if isinstance(outcome, Sent) else None
        return show(cards.try_out(campaign, email=user.email, verified=verified, notice=notice))

    async def _verified(self, turn: Turn, email: str) -> tuple[User | None, Errors]:
        """Returns the person with this address, or None and the mistake in the address."""
        address = one_address(email)
        if address is None:
            return None, {"email": "Type one e-mail address, such as name@example.com."}
        user = await self._by_email(turn.tenant_id, address)
        if user is None:
            # Somebody who installed the app a moment ago may not have been looked up yet.
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
        """Returns the draft.

        Raises NotPossible when it is no draft any more, or has no message to try.
        """
        campaign = await self._context.find(turn, action)
        lifecycle.require_draft(campaign)
        readiness.require_written(campaign)
        require_room(campaign)
        return campaign


def _is_theirs(address: str, user: User) -> bool:
    """True when the address is still this person's.

    An empty one counts as theirs, because a client may leave out a field that has not changed.
    """
    return not address.strip() or one_address(address) in (
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
