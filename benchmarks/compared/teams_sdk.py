"""(4b) The Teams SDK's API client, one client reused for all recipients.

An optional package (``microsoft-teams-api``); without it there is nothing to measure. The same
concurrency and card as the others; its model of the activity is built once per message.
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
    """One run, as the module says."""
    try:
        api = importlib.import_module("microsoft_teams.api")
    except ImportError as error:
        return Sample(missing=f"not installed ({error.name})")
    to = person(0, order.server)
    body = activity(to)
    sent = itertools.count()
    conversations = api.ApiClient(order.server).conversations

    async def work() -> None:
        while next(sent) < order.recipients:
            message = api.MessageActivityInput.model_validate(body)
            await conversations.activities(to.reference.conversation_id).create(message)

    async with Control(order.server) as control:
        await control.reset()
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        received = await control.counts()
    return Sample(
        messages=received.sent, seconds=seconds, cpu=used, body=received.bytes / received.sent
    )
