"""Only what Teams has signed for this bot, about a tenant that is served, gets in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.authentication import (
    KEYS_ASKED_EVERY,
    KEYS_KEPT_FOR,
    KeysUnavailable,
    SigningKeys,
    Unauthenticated,
)
from settings import Admins, AppType, Settings
from tests.fake_teams import FakeTeams, FakeUser
from tests.fake_teams.identity import CHANNEL_ISSUER, KEY_ID
from tests.support.chats.inbound_bot import InboundBot, listening

TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER_TENANT = "bbbbbbbb-0000-4000-8000-000000000002"


@pytest.fixture
async def fake() -> AsyncIterator[FakeTeams]:
    async with FakeTeams() as fake:
        yield fake


@pytest.fixture
def user(fake: FakeTeams) -> FakeUser:
    [user] = fake.add_users(1, tenant=TENANT)
    return user


@pytest.fixture(params=list(AppType))
async def bot(fake: FakeTeams, request: pytest.FixtureRequest) -> AsyncIterator[InboundBot]:
    settings = registered(fake, request.param)
    async with listening(settings, fake.identity.metadata_url) as bot:
        yield bot


def registered(fake: FakeTeams, app_type: AppType = AppType.SINGLE_TENANT) -> Settings:
    return Settings(
        app_id=fake.app_id,
        app_type=app_type,
        app_tenant_id=TENANT,
        allowed_tenants=frozenset({TENANT}),
        admins=Admins(people=frozenset({"adele@example.com"})),
    )


async def test_what_teams_has_signed_gets_in(
    fake: FakeTeams, bot: InboundBot, user: FakeUser
) -> None:
    pressed = fake.inbound.pressed(user, {"do": "home"})
    answer = await fake.deliver(bot.messages, pressed)
    assert (answer.status, answer.body["statusCode"]) == (200, 200)
    assert [turn.tenant_id for turn in bot.dialogs.turns] == [TENANT]


Forge = Callable[[FakeTeams], str]


def forged(*, app_id: str = "", service_url: str = "", **changed: Any) -> Forge:
    return lambda fake: fake.identity.channel_token(
        app_id or fake.app_id, service_url or fake.service_url, **changed
    )


def unsigned(fake: FakeTeams) -> str:
    claims = {"iss": CHANNEL_ISSUER, "aud": fake.app_id, "serviceurl": fake.service_url}
    return jwt.encode(claims, "", algorithm="none", headers={"kid": KEY_ID})


def signed_with_the_public_key(fake: FakeTeams) -> str:
    """The old trick of taking the published key for a shared secret."""
    claims = {"iss": CHANNEL_ISSUER, "aud": fake.app_id, "serviceurl": fake.service_url}
    return jwt.encode(claims, "k" * 64, algorithm="HS256", headers={"kid": KEY_ID})


def emulator(version: str) -> Forge:
    """From the Bot Framework Emulator or another bot: a way in that only the SDK offers."""

    def forge(fake: FakeTeams) -> str:
        claims = {
            "iss": "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/",
            "aud": "https://api.botframework.com",
            "appid": fake.app_id,
            "azp": fake.app_id,
            "ver": version,
        }
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": KEY_ID})

    return forge


def unknown_key(fake: FakeTeams) -> str:
    claims = {"iss": CHANNEL_ISSUER, "aud": fake.app_id, "serviceurl": fake.service_url}
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "no such key"})


FORGERIES: dict[str, Forge] = {
    "another bot's": forged(app_id="99999999-2222-3333-4444-555555555555"),
    "another service URL": forged(service_url="https://smba.trafficmanager.net/"),
    "another issuer": forged(issuer="https://login.example.com"),
    "expired": forged(expires_in=-600),
    "not signed by the key it names": forged(
        key=rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ),
    "unsigned": unsigned,
    "signed with a shared secret": signed_with_the_public_key,
    "unknown key": unknown_key,
    "emulator 1.0": emulator("1.0"),
    "emulator 2.0": emulator("2.0"),
    "no JWT": lambda fake: "abc",
    "empty": lambda fake: "",
    "two": lambda fake: "abc def",
}


async def test_forged_tokens_are_refused(fake: FakeTeams, user: FakeUser) -> None:
    async with listening(registered(fake), fake.identity.metadata_url) as bot:
        message = fake.inbound.said(user, "menu")
        statuses = {
            name: (await fake.deliver(bot.messages, message, token=forge(fake))).status
            for name, forge in FORGERIES.items()
        }
        assert statuses == dict.fromkeys(FORGERIES, 401)
        assert (await fake.deliver(bot.messages, message, signed=False)).status == 401
        assert (bot.dialogs.turns, bot.messenger.calls) == ([], [])
        # And nothing of it stands in the way of the real one, which has the same activity id.
        assert (await fake.deliver(bot.messages, message)).status == 200
        assert len(bot.dialogs.turns) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"channelId": "directline"},  # the key does not vouch for it
        {"channelId": ""},  # and is not asked
        {"channelId": None},
        {"serviceUrl": None},
        {"serviceUrl": ""},
    ],
)
async def test_a_good_token_does_not_cover_an_activity_that_hides_its_origin(
    fake: FakeTeams, user: FakeUser, changed: dict[str, object]
) -> None:
    async with listening(registered(fake), fake.identity.metadata_url) as bot:
        token = fake.identity.channel_token(fake.app_id, fake.service_url)
        message = fake.inbound.said(user, "menu") | changed
        assert (await fake.deliver(bot.messages, message, token=token)).status == 401


async def test_another_tenant_is_refused_politely(fake: FakeTeams) -> None:
    [stranger] = fake.add_users(1, tenant=OTHER_TENANT)
    async with listening(registered(fake), fake.identity.metadata_url) as bot:
        message = await fake.deliver(bot.messages, fake.inbound.said(stranger, "menu"))
        pressed = await fake.deliver(bot.messages, fake.inbound.pressed(stranger, {}))
        installed = await fake.deliver(bot.messages, fake.inbound.installed(stranger))
        assert (message.status, pressed.status, installed.status) == (200, 200, 403)
        assert pressed.body["statusCode"] == 403
        [polite] = bot.messenger.summaries
        assert polite.startswith("I am not set up for your organization.")
        assert bot.dialogs.turns == []
        assert await bot.store.users.get(OTHER_TENANT, stranger.id) is None


async def test_without_keys_the_bot_says_that_it_cannot_authenticate(
    fake: FakeTeams, user: FakeUser
) -> None:
    async with listening(registered(fake), f"{fake.identity.imds_url}/nothing") as bot:
        answer = await fake.deliver(bot.messages, fake.inbound.said(user, "menu"))
        assert answer.status == 503
        assert bot.dialogs.turns == []


class Time:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_keys_are_asked_for_once_and_again_when_one_is_unknown(fake: FakeTeams) -> None:
    time = Time()
    keys = SigningKeys(fake.identity.metadata_url, time)
    assert (await keys.get(KEY_ID)).endorsements == ["msteams"]
    # Whoever makes up keys makes us ask no more often than this.
    with pytest.raises(Unauthenticated):
        await keys.get("made up")
    asked = keys.url
    keys.url = f"{fake.identity.imds_url}/nothing"
    time.now += KEYS_ASKED_EVERY + 1
    with pytest.raises(Unauthenticated):
        await keys.get("made up")
    # The service fails, and the keys at hand go on serving, however old they are.
    time.now += 2 * KEYS_KEPT_FOR
    assert (await keys.get(KEY_ID)).public_key is not None
    keys.url = asked
    time.now += KEYS_ASKED_EVERY + 1
    assert (await keys.get(KEY_ID)).public_key is not None


async def test_keys_that_failed_to_come_are_asked_for_again(fake: FakeTeams) -> None:
    time = Time()
    keys = SigningKeys(f"{fake.identity.imds_url}/nothing", time)
    with pytest.raises(KeysUnavailable):
        await keys.get(KEY_ID)
    keys.url = fake.identity.metadata_url
    with pytest.raises(KeysUnavailable):
        await keys.get(KEY_ID)
    time.now += KEYS_ASKED_EVERY + 1
    assert (await keys.get(KEY_ID)).public_key is not None
