"""Only what Teams has signed for this bot, about a tenant that is served, gets in."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bot.signing_keys import (
    KEYS_ASKED_EVERY,
    KEYS_KEPT_FOR,
    UNKNOWN_ASKED_EVERY,
    KeysUnavailable,
    SigningKeys,
    Unauthenticated,
)
from settings import Admins, AppType, Settings
from tests.fake_teams import FakeTeams, FakeUser
from tests.fake_teams.identity import CHANNEL_ISSUER, KEY_ID
from tests.support.chats.inbound_bot import InboundBot, listening
from tests.support.raw_server import raw_server

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


async def fetched(keys: SigningKeys) -> None:
    """Waits for the fetch that goes on in the background, if there is one."""
    running = [task for task in asyncio.all_tasks() if task.get_name() == "signing keys"]
    if running:
        await asyncio.wait(running)


async def test_the_known_key_serves_while_the_address_of_the_keys_hangs(fake: FakeTeams) -> None:
    time = Time()
    keys = SigningKeys(fake.identity.metadata_url, time)
    await keys.get(KEY_ID)
    async with hanging() as (url, asked):
        keys.url = url
        time.now += 24 * 3600.0
        # All of these are answered while the fetch that they cause still waits.
        for _ in range(50):
            assert (await keys.get(KEY_ID)).public_key is not None
        await asyncio.wait_for(asked.wait(), 10)
        assert (await keys.get(KEY_ID)).public_key is not None
    await fetched(keys)


async def test_a_withdrawn_key_ends_with_the_next_fetch_and_in_any_case_some_day(
    fake: FakeTeams,
) -> None:
    time = Time()
    keys = SigningKeys(fake.identity.metadata_url, time)
    await keys.get(KEY_ID)
    keys.url = f"{fake.identity.imds_url}/nothing"
    # The service fails, and the keys at hand go on serving...
    time.now += KEYS_KEPT_FOR - 1
    assert (await keys.get(KEY_ID)).public_key is not None
    await fetched(keys)
    # ... but not for ever.
    time.now += 2 + KEYS_ASKED_EVERY
    with pytest.raises(KeysUnavailable):
        await keys.get(KEY_ID)
    keys.url = fake.identity.metadata_url
    time.now += KEYS_ASKED_EVERY + 1
    assert (await keys.get(KEY_ID)).public_key is not None


async def test_made_up_keys_cause_one_fetch_in_a_while_however_many_they_are(
    fake: FakeTeams,
) -> None:
    time = Time()
    keys = SigningKeys(fake.identity.metadata_url, time)
    await keys.get(KEY_ID)

    async def made_up() -> int:
        """Asks for a hundred keys that nobody has; returns the number of fetches."""
        before = fake.identity.paths.count("/v1/keys")
        asked = [keys.get(f"made up {number}") for number in range(100)]
        errors = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(error) for error in errors} == {Unauthenticated}
        return fake.identity.paths.count("/v1/keys") - before

    assert await made_up() == 0
    time.now += UNKNOWN_ASKED_EVERY + 1
    assert await made_up() == 1
    assert await made_up() == 0


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


async def test_keys_are_there_before_the_first_activity(fake: FakeTeams) -> None:
    keys = SigningKeys(fake.identity.metadata_url, Time())
    keys.start()
    await fetched(keys)
    before = len(fake.identity.paths)
    assert (await keys.get(KEY_ID)).endorsements == ["msteams"]
    assert len(fake.identity.paths) == before
    await keys.stop()


ODD_KEYS: list[object] = [
    None,
    5,
    {},
    {"kid": "a", "kty": "EC"},
    {"kid": ["a"], "kty": "RSA"},
    {"kid": "b", "kty": "RSA", "n": "!", "e": "AQAB"},
    {"kid": "c", "kty": "RSA", "n": "A" * 900_000, "e": "AQAB"},
    {"kid": "d", "kty": "RSA", "n": 5, "e": None},
    {"kid": "\ud800", "kty": "RSA"},
]


async def test_odd_keys_do_not_cost_the_good_ones() -> None:
    key = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048).public_key(), as_dict=True)
    good = key | {"kid": "good", "endorsements": ["msteams", 5, None]}
    async with raw_server() as server:
        keys = SigningKeys(server.address, Time())
        # The same document serves for both: the address of the keys, and the keys.
        server.says(json.dumps({"jwks_uri": server.address, "keys": [*ODD_KEYS, good]}).encode())
        assert (await keys.get("good")).endorsements == ["msteams"]
        for name in ("a", "b", "c", "d", "\ufffd"):
            with pytest.raises(Unauthenticated):
                await keys.get(name)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"jwks_uri": 5, "keys": []}',
        b'{"jwks_uri": "", "keys": []}',
        b'{"jwks_uri": "http://[", "keys": []}',
        b'{"jwks_uri": "http://a b/\\r\\nX: y", "keys": []}',
        b'{"jwks_uri": "SERVER", "keys": {}}',
        b'{"jwks_uri": "SERVER", "keys": [5]}',
        b'{"jwks_uri": "file:///etc/passwd", "keys": [5]}',
    ],
)
async def test_documents_of_any_shape_are_no_keys(document: bytes) -> None:
    async with raw_server() as server:
        keys = SigningKeys(server.address, Time())
        server.says(document.replace(b"SERVER", server.address.encode()))
        with pytest.raises(KeysUnavailable):
            await keys.get("any")


async def test_a_document_that_unpacks_to_megabytes_is_no_keys() -> None:
    async with raw_server() as server:
        keys = SigningKeys(server.address, Time())
        server.says(gzip.compress(b"{" + b" " * 30_000_000), Content_Encoding="gzip")
        with pytest.raises(KeysUnavailable):
            await keys.get("any")


@contextlib.asynccontextmanager
async def hanging() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A server that takes a request and never answers; the event tells that one has come."""
    asked = asyncio.Event()
    end = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.set()
        await end.wait()
        writer.close()

    listening = await asyncio.start_server(hang, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", asked
    end.set()
    listening.close()
    await listening.wait_closed()


# Tokens of any shape


def segment(value: object) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def shaped(header: object, payload: object, signature: bytes = b"x" * 256) -> str:
    return f"{segment(header)}.{segment(payload)}.{segment(signature)}"


ODD_TOKENS = {
    "no algorithm": shaped({"alg": "none", "kid": KEY_ID}, {"iss": CHANNEL_ISSUER}),
    "header of another type": shaped([], {"iss": CHANNEL_ISSUER}),
    "payload of another type": shaped({"alg": "RS256"}, ["iss"]),
    "issuer of another type": shaped({"alg": "RS256"}, {"iss": [CHANNEL_ISSUER]}),
    "key id of another type": shaped({"alg": "RS256", "kid": {}}, {"iss": CHANNEL_ISSUER}),
    "key id that can't be hashed": shaped({"alg": "RS256", "kid": []}, {"iss": CHANNEL_ISSUER}),
    "critical header": shaped({"alg": "RS256", "crit": ["b64"]}, {"iss": CHANNEL_ISSUER}),
    "unencoded": shaped({"alg": "RS256", "b64": False, "crit": ["b64"]}, {}),
    "deep": shaped(b"[" * 10_000, b"[" * 10_000),
    "huge number": shaped({"alg": "RS256"}, b'{"iss": "x", "exp": ' + b"9" * 5_000 + b"}"),
    "not a number": shaped({"alg": "RS256", "kid": KEY_ID}, {"iss": CHANNEL_ISSUER, "exp": 1e999}),
    "not UTF-8": shaped(b'{"alg": "\xff"}', b'{"iss": "\xff"}'),
    "surrogates": shaped({"alg": "RS256", "kid": "\ud800"}, {"iss": CHANNEL_ISSUER}),
    "huge": shaped({"alg": "RS256", "kid": "x" * 20_000}, {"iss": CHANNEL_ISSUER}),
    "nested token": shaped({"alg": "RS256", "cty": "JWT"}, shaped({}, {}).encode()),
    "dots": "." * 100,
    "five parts": "a.b.c.d.e",
    "two words": "a b",
    "control characters": "\x0b\x0c\x7f",
}


@pytest.mark.parametrize("token", ODD_TOKENS.values(), ids=ODD_TOKENS.keys())
async def test_a_token_of_any_shape_is_refused_in_one_line_below_error(
    fake: FakeTeams, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    async with listening(registered(fake), fake.identity.metadata_url) as bot:
        caplog.clear()
        answer = await raw_request(bot.url, {"Authorization": f"Bearer {token}"}, b"{}")
        assert answer.split(b" ")[1] in (b"400", b"401")
        assert bot.dialogs.turns == []
    lines = [record for record in caplog.records if record.name.startswith(("bot", "aiohttp"))]
    assert len(lines) == 1
    assert lines[0].levelno < logging.ERROR
    assert len(lines[0].getMessage()) < 500


async def test_the_body_of_a_caller_who_is_not_known_is_not_read(fake: FakeTeams) -> None:
    """The answer is there while the body has not even begun."""
    async with listening(registered(fake), fake.identity.metadata_url) as bot:
        for headers in ({}, {"Authorization": f"Bearer {shaped({}, {})}"}):
            answer = await raw_request(bot.url, headers, b"", length=1_000)
            assert answer.startswith(b"HTTP/1.1 401 ")


async def raw_request(
    url: str, headers: dict[str, str], body: bytes, length: int | None = None
) -> bytes:
    """Posts these bytes as an activity; returns the first line of the answer."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = ["POST /api/messages HTTP/1.1", "Host: bot", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body) if length is None else length}", "", ""]
    writer.write("\r\n".join(lines).encode("latin-1") + body)
    async with asyncio.timeout(20):
        answer = await reader.readline()
    writer.close()
    return answer
