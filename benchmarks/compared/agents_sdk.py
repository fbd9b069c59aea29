"""(4a) The Microsoft 365 Agents SDK's connector client, one client reused for all recipients.

Needs an optional package (``microsoft-agents-hosting-core``); without it nothing is measured.
Concurrency and card are those of the other senders; its model of the activity is built once per
message.
"""

from __future__ import annotations

import asyncio
import importlib
import itertools
import time

from benchmarks.sample import Order, Sample
from benchmarks.sending.control import Control
from benchmarks.sending.sends import IN_FLIGHT, activity, person


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    try:
        models = importlib.import_module("microsoft_agents.activity")
        client = importlib.import_module(
            "microsoft_agents.hosting.core.connector.client.connector_client"
        )
    except ImportError as error:
        return Sample(missing=f"not installed ({error.name})")
    recipient = person(0, order.server)
    body = activity(recipient)
    sent = itertools.count()
    connector = client.ConnectorClient(endpoint=f"{order.server}/", token="")

    async def work() -> None:
        while next(sent) < order.recipients:
            message = models.Activity.model_validate(body)
            await connector.conversations.send_to_conversation(
                recipient.reference.conversation_id, message
            )

    async with Control(order.server) as control:
        await control.reset()
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        received = await control.counts()
    await connector.close()
    return Sample(
        messages=received.sent, seconds=seconds, cpu=used, body=received.bytes / received.sent
    )
