"""(3) botbuilder: ``CloudAdapter.continue_conversation`` for each recipient, as in its samples.

The adapter has no credentials, so that no token is fetched. The card was rendered before. As many
conversations are continued at once as the engine has sends under way. The SDK posts through
blocking ``requests`` in asyncio's default thread pool, with a new client per call.
"""

from __future__ import annotations

import asyncio
import time

from botbuilder.core import TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import (
    Activity,
    Attachment,
    ChannelAccount,
    ConversationAccount,
    ConversationReference,
)

from benchmarks.sample import Order, Sample
from benchmarks.sending.control import Control
from benchmarks.sending.sends import IN_FLIGHT, activity, person


class _NoCredentials:
    APP_ID = ""
    APP_PASSWORD = ""


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(_NoCredentials()))
    first = person(0, order.server)
    body = activity(first)
    card = body["attachments"][0]
    reference = ConversationReference(
        service_url=order.server,
        channel_id="msteams",
        bot=ChannelAccount(id=first.reference.bot_id),
        user=ChannelAccount(id=first.reference.account_id),
        conversation=ConversationAccount(id=first.reference.conversation_id),
    )
    limit = asyncio.Semaphore(IN_FLIGHT)

    async def logic(context: TurnContext) -> None:
        attachment = Attachment(content_type=card["contentType"], content=card["content"])
        await context.send_activity(
            Activity(
                type="message",
                attachments=[attachment],
                summary=body["summary"],
                channel_data=body["channelData"],
            )
        )

    async def push() -> None:
        async with limit:
            await adapter.continue_conversation(reference, logic, bot_app_id="")

    async with Control(order.server) as control:
        await control.reset()
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(push() for _ in range(order.recipients)))
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        received = await control.counts()
    return Sample(
        messages=received.sent, seconds=seconds, cpu=used, body=received.bytes / received.sent
    )
