"""Tokens: the real MSAL against the fake sign-in service over TLS, and the connector with both."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from campaigns.message import Message
from campaigns.outcome import Reason, Rejected, Sent
from campaigns.user import ConversationReference
from teams.connector import Connector
from teams.errors import TokenError
from teams.hosts import Hosts
from teams.signin import ManagedIdentitySignIn, SecretSignIn
from teams.tokens import Token, TokenRules, Tokens
from tests.fake_teams import FakeTeams, FakeUser, Identity, TokenAnswer

MESSAGE = Message(card={"type": "AdaptiveCard", "version": "1.5"}, summary="News")


@pytest.fixture
def identity() -> Iterator[Identity]:
    with Identity() as running:
        yield running


def sign_in(identity: Identity, tenant_id: str = "tenant-1") -> SecretSignIn:
    return SecretSignIn(
        app_id="the-app",
        secret="the-secret",
        tenant_id=tenant_id,
        login_url=identity.login_url,
        trusted=str(identity.certificate),
    )


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Gives ``token 1``, ``token 2``...; waits for ``gate`` in its thread."""

    def __init__(self, lifetime: float = 3600.0) -> None:
        self.fetches = 0
        self.error: TokenError | None = None
        self.gate = threading.Event()
        self.gate.set()
        self._lifetime = lifetime

    def __call__(self) -> Token:
        self.fetches += 1
        number = self.fetches
        assert self.gate.wait(10)
        if self.error is not None:
            raise self.error
        return Token(f"token {number}", self._lifetime)


async def until_idle() -> None:
    """Lets the flight that runs in the background land."""
    flights = [task for task in asyncio.all_tasks() if task.get_name() == "fetch token"]
    await asyncio.wait_for(asyncio.gather(*flights, return_exceptions=True), 10)


# MSAL


async def test_a_single_tenant_bot_signs_in_at_its_tenant(identity: Identity) -> None:
    token = await Tokens(sign_in(identity)).get()
    assert identity.accepts(token)
    [request] = identity.token_requests
    assert request["grant_type"] == "client_credentials"
    assert request["client_id"] == "the-app"
    assert request["client_secret"] == "the-secret"
    assert request["scope"] == "https://api.botframework.com/.default"
    assert identity.paths[-1] == "/tenant-1/oauth2/v2.0/token"


async def test_a_multi_tenant_bot_signs_in_at_botframework_com(identity: Identity) -> None:
    await Tokens(sign_in(identity, tenant_id="")).get()
    assert identity.paths[-1] == "/botframework.com/oauth2/v2.0/token"


async def test_a_managed_identity_needs_no_secret(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", identity.imds_url)
    token = await Tokens(ManagedIdentitySignIn(app_id="the-app")).get()
    assert identity.accepts(token)
    [request] = identity.token_requests
    assert request["client_id"] == "the-app"
    assert request["resource"] == "https://api.botframework.com"


REFUSALS = [
    (TokenAnswer.refusal(7000222, "The provided client secret keys are expired."), "has expired"),
    (TokenAnswer.refusal(7000215, "Invalid client secret provided."), "secret is wrong"),
    (TokenAnswer.refusal(700016, "Application not found."), "not known in this tenant"),
    (TokenAnswer.refusal(99999, "Never seen."), "AADSTS99999: Never seen."),
]


@pytest.mark.parametrize(("answer", "words"), REFUSALS)
async def test_a_refusal_is_one_plain_sentence(
    identity: Identity, answer: TokenAnswer, words: str
) -> None:
    identity.token_script.append(answer)
    with pytest.raises(TokenError, match=words) as caught:
        await Tokens(sign_in(identity)).get()
    assert caught.value.reason is Reason.UNAUTHORISED
    assert "the-secret" not in str(caught.value)
    assert "Trace ID" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        TokenAnswer(status=500),
        TokenAnswer(status=503, body={"error": "server_error"}),
        TokenAnswer(status=429, body={"error": "too_many_requests"}),
        TokenAnswer(status=400, body={"error": "temporarily_unavailable"}),
    ],
)
async def test_an_ill_sign_in_service_is_worth_another_try(
    identity: Identity, answer: TokenAnswer
) -> None:
    fetch = sign_in(identity)
    identity.token_script.append(answer)
    with pytest.raises(TokenError) as caught:
        await Tokens(fetch).get()
    assert caught.value.reason is Reason.NOT_CONNECTED
    # MSAL would repeat the error for a minute; nothing is kept of it.
    assert identity.accepts(await Tokens(fetch).get())


async def test_a_sign_in_service_out_of_reach_is_worth_another_try() -> None:
    with Identity() as identity:
        gone = sign_in(identity)
        # Kept, so that it is the connection that fails.
        certificate = identity.certificate.read_bytes()
    identity.certificate.parent.mkdir()
    identity.certificate.write_bytes(certificate)
    try:
        with pytest.raises(TokenError, match="could not be reached") as caught:
            await Tokens(gone).get()
    finally:
        identity.certificate.unlink()
        identity.certificate.parent.rmdir()
    assert caught.value.reason is Reason.NOT_CONNECTED


async def test_a_sign_in_service_that_is_not_trusted_gets_no_secret(identity: Identity) -> None:
    sign_in = SecretSignIn(app_id="a", secret="s", tenant_id="t", login_url=identity.login_url)
    with pytest.raises(TokenError, match="not to be trusted"):
        await Tokens(sign_in).get()
    assert identity.token_requests == []


async def test_a_tenant_that_does_not_exist_is_named_as_the_reason(identity: Identity) -> None:
    with pytest.raises(TokenError, match="tenant is not known") as caught:
        await Tokens(sign_in(identity, tenant_id="missing-tenant")).get()
    assert caught.value.reason is Reason.UNAUTHORISED


# The cache


async def test_many_callers_share_one_fetch() -> None:
    source = Source()
    tokens = Tokens(source)
    got = await asyncio.gather(*(tokens.get() for _ in range(100)))
    assert set(got) == {"token 1"}
    assert source.fetches == 1


async def test_the_token_is_fetched_anew_in_the_background_ahead_of_its_expiry() -> None:
    clock, source = Clock(), Source(lifetime=3600)
    tokens = Tokens(source, clock=clock)
    await tokens.get()
    clock.now += 2990
    assert await tokens.get() == "token 1"
    assert source.fetches == 1
    clock.now += 20
    source.gate.clear()
    # The old one still serves, and nobody waits.
    assert [await tokens.get() for _ in range(5)] == ["token 1"] * 5
    source.gate.set()
    await until_idle()
    assert await tokens.get() == "token 2"
    assert source.fetches == 2


async def test_an_expired_token_is_not_given_out() -> None:
    clock, source = Clock(), Source(lifetime=3600)
    tokens = Tokens(source, clock=clock)
    await tokens.get()
    clock.now += 3590
    assert await tokens.get() == "token 2"


async def test_a_failing_refresh_leaves_the_old_token_in_use_until_it_expires() -> None:
    clock, source = Clock(), Source(lifetime=3600)
    tokens = Tokens(source, clock=clock)
    await tokens.get()
    source.error = TokenError(Reason.NOT_CONNECTED, "Out of reach.")
    clock.now += 3100
    assert await tokens.get() == "token 1"
    await until_idle()
    assert await tokens.get() == "token 1"
    await until_idle()
    # It was not asked again at once.
    assert source.fetches == 2
    clock.now += 480
    with pytest.raises(TokenError, match="Out of reach"):
        await tokens.get()
    source.error = None
    clock.now += 5
    assert await tokens.get() == "token 4"


async def test_an_error_is_repeated_for_a_while_without_asking_again() -> None:
    clock, source = Clock(), Source()
    source.error = TokenError(Reason.UNAUTHORISED, "Expired secret.")
    tokens = Tokens(source, clock=clock)
    results = await asyncio.gather(*(tokens.get() for _ in range(50)), return_exceptions=True)
    assert {str(result) for result in results} == {"Expired secret."}
    with pytest.raises(TokenError):
        await tokens.get()
    assert source.fetches == 1
    clock.now += 5
    with pytest.raises(TokenError):
        await tokens.get()
    assert source.fetches == 2


async def test_who_gives_up_waiting_does_not_take_the_token_from_the_others() -> None:
    source = Source()
    source.gate.clear()
    tokens = Tokens(source)
    impatient, patient = asyncio.create_task(tokens.get()), asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    impatient.cancel()
    source.gate.set()
    assert await asyncio.wait_for(patient, 10) == "token 1"
    assert source.fetches == 1


async def test_only_the_present_token_is_forgotten_and_not_when_it_is_new() -> None:
    clock, source = Clock(), Source()
    tokens = Tokens(source, clock=clock)
    first = await tokens.get()
    await tokens.forget(first)
    assert await tokens.get() == first
    clock.now += 10
    await tokens.forget(first)
    second = await tokens.get()
    clock.now += 10
    # A straggler that was refused with the first one.
    await tokens.forget(first)
    assert await tokens.get() == second == "token 2"


# With the connector


def reference_to(fake: FakeTeams, user: FakeUser) -> ConversationReference:
    return ConversationReference(
        service_url=fake.service_url,
        conversation_id=user.conversation_id,
        bot_id=fake.bot_id,
        account_id=user.account_id,
    )


async def test_a_hundred_refused_sends_make_one_fetch() -> None:
    async with FakeTeams(auth=True) as fake:
        tokens = Tokens(sign_in(fake.identity), rules=TokenRules(youngest_forgotten=0))
        references = [reference_to(fake, user) for user in fake.add_users(100)]

        async def send_twice(reference: ConversationReference) -> None:
            outcome = await connector.send(reference, MESSAGE)
            assert isinstance(outcome, Rejected)
            assert outcome.reason is Reason.UNAUTHORISED
            assert isinstance(await connector.send(reference, MESSAGE), Sent)

        async with Connector(tokens, Hosts(["127.0.0.1"])) as connector:
            assert isinstance(await connector.send(references[0], MESSAGE), Sent)
            fake.identity.revoke_all()
            await asyncio.gather(*(send_twice(reference) for reference in references))
        assert len(fake.identity.token_requests) == 2
        assert fake.arrived().total() == 101


async def test_without_a_refusal_nothing_is_fetched_anew() -> None:
    async with FakeTeams(auth=True) as fake:
        [user] = fake.add_users(1)
        tokens = Tokens(sign_in(fake.identity), rules=TokenRules(youngest_forgotten=0))
        async with Connector(tokens, Hosts(["127.0.0.1"])) as connector:
            await connector.send(reference_to(fake, user), MESSAGE)
            await connector.send(reference_to(fake, user), MESSAGE)
        assert len(fake.identity.token_requests) == 1
