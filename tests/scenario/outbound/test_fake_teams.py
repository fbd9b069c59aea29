"""The fake itself: as strict as the real service, and believed by the real SDK."""

import asyncio
import json
import sys
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from botbuilder.integration.aiohttp import ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fake_teams import Delivered, FakeTeams
from tests.fake_teams.identity import CHANNEL_ISSUER
from tests.fake_teams.limits import PER_CONVERSATION, Limits, SlidingWindows
from tests.support.tree import ROOT

ANY = {"type": "message", "attachments": [{"contentType": "x", "content": {}}]}


async def post(fake: FakeTeams, conversation_id: str, body: Any, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{fake.service_url}/v3/conversations/{conversation_id}/activities"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as response,
    ):
        return response.status


def sdk_authentication(fake: FakeTeams) -> Any:
    return ConfigurationBotFrameworkAuthentication(
        SimpleNamespace(
            APP_ID=fake.app_id,
            APP_PASSWORD="secret",
            TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL=fake.identity.metadata_url,
            TO_BOT_FROM_CHANNEL_TOKEN_ISSUER=CHANNEL_ISSUER,
            TO_CHANNEL_FROM_BOT_LOGIN_URL="https://login.microsoftonline.com/",
            TO_CHANNEL_FROM_BOT_OAUTH_SCOPE=CHANNEL_ISSUER,
            OAUTH_URL=CHANNEL_ISSUER,
        )
    )


async def test_the_sdk_believes_what_the_fake_signs_and_nothing_else() -> None:
    async with FakeTeams() as fake:
        authentication = sdk_authentication(fake)

        async def messages(request: web.BaseRequest) -> web.StreamResponse:
            activity = Activity().deserialize(await request.json())
            header = request.headers["Authorization"]
            result = await authentication.authenticate_request(activity, header)
            return web.json_response(
                {"type": activity.type, "aud": result.claims_identity.claims["aud"]}
            )

        runner = web.ServerRunner(web.Server(messages))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"

        [user] = fake.add_users(1)
        activities = [
            fake.inbound.installed(user),
            fake.inbound.uninstalled(user),
            fake.inbound.members_added(user),
            fake.inbound.said(user, "menu"),
            fake.inbound.submitted(user, {"a": 1}),
            fake.inbound.pressed(user, {"a": 1}, verb="send", reply_to_id="17"),
            fake.inbound.reacted(user, "17"),
            fake.inbound.read(user, "17"),
        ]
        for activity in activities:
            assert await fake.deliver(url, activity) == Delivered(
                200, {"type": activity["type"], "aud": fake.app_id}
            )
        assert len({activity["id"] for activity in activities}) == len(activities)

        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        sign = fake.identity.channel_token
        forged = [
            sign(fake.app_id, fake.service_url, key=stranger),
            sign(fake.app_id, fake.service_url, expires_in=-3600),
            sign(fake.app_id, fake.service_url, issuer="https://example.com"),
            sign(fake.app_id, "https://example.com"),
            sign("another-app", fake.service_url),
        ]
        for token in forged:
            answer = await fake.deliver(url, activities[0], token=token)
            assert answer.status == 500
        await runner.cleanup()


async def test_a_token_is_asked_for_and_can_be_revoked() -> None:
    async with FakeTeams(auth=True) as fake:
        [user] = fake.add_users(1)
        token = fake.identity.give_token()
        assert await post(fake, user.conversation_id, ANY) == 401
        assert await post(fake, user.conversation_id, ANY, "made-up") == 401
        assert await post(fake, user.conversation_id, ANY, token) == 201
        fake.identity.revoke_all()
        assert await post(fake, user.conversation_id, ANY, token) == 401
        assert fake.arrived() == {user.conversation_id: 1}


async def test_the_size_is_counted_as_utf_16() -> None:
    async with FakeTeams() as fake:
        [user] = fake.add_users(1)
        fits, too_big = (ANY | {"summary": "x" * length} for length in (51_000, 51_200))
        assert await post(fake, user.conversation_id, fits) == 201
        assert await post(fake, user.conversation_id, too_big) == 413


async def test_an_empty_or_unknown_activity_is_refused() -> None:
    async with FakeTeams() as fake:
        [user] = fake.add_users(1)
        assert await post(fake, user.conversation_id, {"type": "message"}) == 400
        assert await post(fake, user.conversation_id, {"type": "odd", "text": "x"}) == 400
        assert await post(fake, "a:unknown", ANY) == 404
        user.installed = False
        assert await post(fake, user.conversation_id, ANY) == 403
        assert fake.arrived().total() == 0


def test_the_window_slides() -> None:
    windows = SlidingWindows(((2, 1.0),))
    for now in (0.0, 0.9):
        assert windows.wait("a", now) == 0
        windows.count("a", now)
    assert windows.wait("a", 0.95) == pytest.approx(0.05)
    assert windows.wait("b", 0.95) == 0
    # A bucket that is emptied each second would allow two here.
    windows.count("a", 1.0)
    assert windows.wait("a", 1.05) == pytest.approx(0.85)


@pytest.mark.parametrize(("calls", "seconds"), PER_CONVERSATION)
def test_each_limit_of_a_conversation_is_kept(calls: int, seconds: float) -> None:
    limits = Limits()
    now, allowed = 0.0, 0
    while now < seconds:
        allowed += limits.refuse("tenant", "a:1", now, look_up=False) == 0
        now += 0.125
    assert allowed == calls
    assert limits.refuse("tenant", "a:2", now, look_up=False) == 0


async def test_it_runs_as_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fake_teams", "--auth"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    async with aiohttp.ClientSession(ready["address"]) as session:
        async with session.post("/control/users", json={"count": 2}) as response:
            users = await response.json()
        url = f"/teams/v3/conversations/{users[0]['conversation_id']}/activities"
        async with session.post(url, json=ANY) as response:
            assert response.status == 401
        async with session.get("/control/received") as response:
            [received] = await response.json()
        assert received["status"] == 401
        async with session.get("/control/arrived") as response:
            assert await response.json() == {}
    # It goes when whoever started it goes.
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 30) == 0
