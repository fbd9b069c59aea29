"""Requests without a good activity get an HTTP status that says so, and never a 500."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.startup import Lifetime
from campaigns.outcome import Reason, Throttled
from settings import Settings
from tests.support.chats.inbound_bot import InboundBot, listening

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def bot() -> AsyncIterator[InboundBot]:
    async with listening(Settings()) as bot:
        yield bot


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "text/plain"}, b'{"type": "typing"}', 415),
        ({"Content-Type": ""}, b'{"type": "typing"}', 415),
        ({"Content-Type": "application/json;;;"}, b'{"type": "typing"}', 200),
        ({"Content-Type": "application/json; charset=utf-8"}, b'{"type": "typing"}', 200),
        (JSON, b"", 400),
        (JSON, b"{", 400),
        (JSON, b"[]", 400),
        (JSON, b'{"type": 1}', 400),
        (JSON, '{"type": "typing"}'.encode("utf-16"), 400),
        (JSON, b'{"type": "message", "value": ' + b"[" * 200_000, 400),
        (JSON, b'{"type": "message", "value": "' + b"x" * 1024 * 1024 + b'"}', 413),
        (JSON | {"Content-Encoding": "gzip"}, b"no gzip", 415),
        (JSON | {"Content-Encoding": "gzip"}, gzip.compress(b'{"type": "typing"}', mtime=0), 415),
        (JSON | {"Content-Encoding": "br, gzip"}, b"", 415),
        (JSON | {"Content-Encoding": "identity"}, b'{"type": "typing"}', 200),
        # Odd, but an activity: not handled, and no reason to deliver it again.
        (JSON, b'{"type": "message"}', 200),
        (JSON, b'{"type": "no such thing"}', 200),
    ],
)
async def test_the_status_says_what_is_wrong(
    bot: InboundBot,
    session: aiohttp.ClientSession,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    async with session.post(bot.messages, data=io.BytesIO(body), headers=headers) as answer:
        assert answer.status == status
    assert bot.dialogs.turns == []


async def test_a_body_that_comes_drop_by_drop_is_not_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with listening(Settings(), body_timeout=0.5) as bot:
        host, port = bot.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /api/messages HTTP/1.1\r\nHost: bot\r\n"
            b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
        )
        async with asyncio.timeout(20.0):
            assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        writer.close()
        assert bot.dialogs.turns == []
    assert "its body comes too slowly" in caplog.text


@pytest.mark.parametrize("depth", [100, 400, 700, 900, 1_000, 5_000])
async def test_deep_nesting_is_survived_wherever_it_gets_to(
    bot: InboundBot, session: aiohttp.ClientSession, depth: int
) -> None:
    deep = "[" * depth + "]" * depth
    body = json.dumps(GOOD | {"value": {"action": {"data": "DEEP"}}}).replace('"DEEP"', deep)
    async with session.post(bot.messages, data=body.encode(), headers=JSON) as answer:
        assert answer.status in (200, 400)


async def test_what_the_application_needs_is_there_before_and_after_it() -> None:
    seen: list[str] = []

    def lifetime(name: str) -> Lifetime:
        async def run(application: web.Application) -> AsyncIterator[None]:
            seen.append(f"{name} up")
            yield
            seen.append(f"{name} down")

        return run

    async with listening(Settings(), lifetimes=[lifetime("store"), lifetime("engine")]):
        assert seen == ["store up", "engine up"]
    assert seen[2:] == ["engine down", "store down"]


async def test_only_post_takes_activities(bot: InboundBot, session: aiohttp.ClientSession) -> None:
    async with session.get(bot.messages) as answer:
        assert answer.status == 405


async def test_health_and_readiness(bot: InboundBot, session: aiohttp.ClientSession) -> None:
    async def get(path: str) -> tuple[int, Any]:
        async with session.get(bot.url + path) as answer:
            return answer.status, await answer.json()

    assert await get("/healthz") == (200, {"status": "ok"})
    assert await get("/readyz") == (200, {"status": "ok"})
    bot.not_ready["engine"] = "stopped"
    not_ready = {"status": "not ready", "reasons": {"engine": "stopped"}}
    assert await get("/readyz") == (503, not_ready)
    assert await get("/healthz") == (200, {"status": "ok"})
    await bot.store.close()
    status, body = await get("/readyz")
    assert status == 503
    assert sorted(body["reasons"]) == ["engine", "store"]
    await bot.store.open()


async def test_metrics_count_activities_replies_and_refusals(
    bot: InboundBot, session: aiohttp.ClientSession
) -> None:
    bot.messenger.outcomes.append(Throttled(1.0))
    for body in (GOOD | {"type": "message", "text": "menu"}, GOOD, {"type": "made up"}, {}):
        async with session.post(bot.messages, json=body):
            pass
    async with session.get(f"{bot.url}/metrics") as answer:
        assert answer.content_type == "text/plain"
        lines = (await answer.text()).splitlines()
    for line in (
        'bot_activities_total{type="message"} 1.0',
        'bot_activities_total{type="invoke"} 1.0',
        'bot_activities_total{type="other"} 1.0',
        'bot_replies_total{outcome="in_place"} 1.0',
        'bot_replies_total{outcome="throttled"} 1.0',
        'bot_refused_requests_total{status="400"} 1.0',
        "bot_turn_seconds_count 3.0",
    ):
        assert line in lines


async def test_what_people_write_is_not_logged(
    bot: InboundBot, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    bot.messenger.outcomes.append(Throttled(1.0))
    bot.dialogs.error = ZeroDivisionError("a mistake of ours")
    for changed in (
        {"type": "message", "text": "private words"},
        {"value": {"action": {"data": {"message": "private words"}}}},
        {"name": "task/fetch", "value": "private words"},
        {"from": "private words"},
        {"from": None, "text": "private words"},
    ):
        async with session.post(bot.messages, json=GOOD | changed):
            pass
    assert Reason.THROTTLED.value in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "private words" not in caplog.text


GOOD: dict[str, Any] = {
    "type": "invoke",
    "name": "adaptiveCard/action",
    "channelId": "msteams",
    "serviceUrl": "http://127.0.0.1:9/",
    "from": {"id": "29:1", "aadObjectId": "e-1"},
    "recipient": {"id": "28:bot"},
    "conversation": {"conversationType": "personal", "id": "a:1"},
    "channelData": {"tenant": {"id": "tenant-1"}},
    "value": {"action": {"data": {}}},
}
"""An activity without an id, so that each delivery of it is worked on."""

TYPES = ("message", "invoke", "installationUpdate", "conversationUpdate", "event", "typing")
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = (*GOOD, "id", "text", "locale", "localTimezone", "entities", "replyToId", "action")
KEYS += ("membersAdded", "membersRemoved", "deliveryMode", "timestamp")
activities = st.builds(
    lambda kind, changed: GOOD | {"type": kind} | changed,
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(KEYS), anything, max_size=6),
)


@pytest.fixture(scope="module")
def messages_url() -> Iterator[str]:
    """A bot in a thread of its own, since hypothesis is not asynchronous."""
    started: list[str] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with listening(Settings()) as bot:
            started.append(bot.messages)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield started[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


@given(activities | anything)
@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_shape_of_activity_brings_a_server_error(messages_url: str, activity: object) -> None:
    request = urllib.request.Request(messages_url, json.dumps(activity).encode(), JSON)
    assert status_of(request) in (200, 400, 403, 501)


def status_of(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
