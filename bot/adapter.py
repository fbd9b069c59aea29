"""botbuilder's CloudAdapter around the handler: authenticates, runs the turn, catches its errors.

Only this module, ``authentication`` and ``signing_keys`` use botbuilder. Moving to its successor
changes them alone.
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
    """Passes activities through the SDK to the handler.

    The app's type (single tenant, multi tenant, managed identity) makes no difference here: the
    channel signs for the app id.

    :param app_id: the bot's id in Microsoft Entra; None in local mode, which authenticates nobody.
    """

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

    def start(self) -> None:
        """Begins to fetch the channel's signing keys. Needs the running event loop."""
        self._authentication.start()

    async def stop(self) -> None:
        """Ends what :meth:`start` began."""
        await self._authentication.stop()

    async def admit(self, auth_header: str) -> None:
        """Checks the token before the body is read. Raises Unauthenticated or KeysUnavailable."""
        await self._authentication.admit(auth_header)

    async def process(self, activity: Activity, auth_header: str) -> HttpAnswer:
        """Returns the answer to an activity. Raises Unauthenticated or KeysUnavailable."""
        turn = _Turn(self._handler, activity)
        sdk_activity = _for_sdk(activity)
        authenticated = await self._authentication.authenticate_request(sdk_activity, auth_header)
        await self._cloud.process_activity(authenticated, sdk_activity, turn.run)
        return turn.answer


class _Turn:
    """One activity on its way through the SDK. Keeps the answer, which the SDK would deep-copy."""

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
    """Returns the part that the SDK needs to authenticate and to run a turn."""
    chat = activity.conversation
    return SdkActivity(
        type=activity.type,
        id=activity.id,
        channel_id=activity.channel_id,
        service_url=activity.service_url,
        recipient=ChannelAccount(),
        conversation=ConversationAccount(id=chat.id if chat is not None else None),
    )
