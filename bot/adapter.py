"""botbuilder's CloudAdapter around the handler: authenticates, runs the turn, catches its errors.

With ``authentication`` this is all there is of botbuilder; a port to its successor ends here.
"""

from __future__ import annotations

from botbuilder.core import TurnContext
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity as SdkActivity
from botbuilder.schema import ChannelAccount, ConversationAccount

from bot.activities import Activity
from bot.answer import DONE, HttpAnswer
from bot.authentication import ChannelAuthentication
from bot.handler import Handler

_TURN = "bot.turn"


class Adapter:
    """The way in for activities.

    ``app_id`` is the bot's id in Microsoft Entra; None is local mode: nobody is authenticated.
    The app's type (single tenant, multi tenant, managed identity) makes no difference to what
    comes in: the channel signs for the app id."""

    def __init__(
        self,
        handler: Handler,
        *,
        app_id: str | None,
        token_issuer: str,
        openid_metadata_url: str,
    ) -> None:
        self._handler = handler
        self._authentication = ChannelAuthentication(
            app_id=app_id, token_issuer=token_issuer, openid_metadata_url=openid_metadata_url
        )
        self._cloud = CloudAdapter(self._authentication)
        self._cloud.on_turn_error = _on_turn_error

    async def process(self, activity: Activity, auth_header: str) -> HttpAnswer:
        """The answer to an activity. Raises Unauthenticated or KeysUnavailable."""
        turn = _Turn(self._handler, activity)
        seen = _for_sdk(activity)
        checked = await self._authentication.authenticate_request(seen, auth_header)
        await self._cloud.process_activity(checked, seen, turn.run)
        return turn.answer


class _Turn:
    """One activity on its way through the SDK, which would deep-copy the answer if it had it."""

    def __init__(self, handler: Handler, activity: Activity) -> None:
        self._handler = handler
        self._activity = activity
        self.answer = DONE

    async def run(self, context: TurnContext) -> None:
        context.turn_state[_TURN] = self
        self.answer = await self._handler.on_turn(self._activity)

    async def failed(self, error: Exception) -> None:
        self.answer = await self._handler.failed(self._activity, error)


async def _on_turn_error(context: TurnContext, error: Exception) -> None:
    turn: _Turn = context.turn_state[_TURN]
    await turn.failed(error)


def _for_sdk(activity: Activity) -> SdkActivity:
    """What the SDK reads to authenticate and to run a turn; the handler has the rest."""
    of = activity.conversation
    return SdkActivity(
        type=activity.type,
        id=activity.id,
        channel_id=activity.channel_id,
        service_url=activity.service_url,
        recipient=ChannelAccount(),
        conversation=ConversationAccount(id=of.id if of is not None else None),
    )
