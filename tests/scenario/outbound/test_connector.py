"""The connector against the fake over real HTTP: every fault ends in the right outcome."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from campaigns.message import Message
from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    Throttled,
    Transient,
    Unknown,
    Unreachable,
)
from campaigns.user import ConversationReference, Profile
from delivery.messenger import Messenger, Roster
from teams.connector import ADAPTIVE_CARD, Connector
from teams.errors import TokenError
from teams.hosts import Hosts
from teams.tokens import NoToken, Token, Tokens
from teams.transport import Timeouts
from tests.fake_teams import CutOff, FakeTeams, FakeUser, Fault, Reply, Slow

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "Hi"}]}
MESSAGE = Message(card=CARD, summary="News for you")


@pytest.fixture
async def fake() -> AsyncIterator[FakeTeams]:
    async with FakeTeams() as running:
        yield running


@pytest.fixture
async def connector() -> AsyncIterator[Connector]:
    timeouts = Timeouts(connect=1.0, total=1.0)
    async with Connector(NoToken(), Hosts(local=True), timeouts=timeouts) as running:
        yield running


def reference_to(fake: FakeTeams, user: FakeUser, **changes: str) -> ConversationReference:
    values = {
        "service_url": fake.service_url,
        "conversation_id": user.conversation_id,
        "bot_id": fake.bot_id,
        "account_id": user.account_id,
    }
    return ConversationReference(**values | changes)


def as_the_engine_sees_it(connector: Connector) -> tuple[Messenger, Roster]:
    """Nothing to run: the type checker refuses it when the connector does not fit."""
    return connector, connector


def kind(outcome: object) -> tuple[type, Reason | None]:
    return type(outcome), getattr(outcome, "reason", None)


async def test_a_card_is_sent_alone_and_asks_for_an_alert(
    fake: FakeTeams, connector: Connector
) -> None:
    [user] = fake.add_users(1)
    outcome = await connector.send(reference_to(fake, user), MESSAGE)
    [post] = fake.received
    assert outcome == Sent(post.activity_id)
    assert post.activity == {
        "type": "message",
        "from": {"id": fake.bot_id},
        "recipient": {"id": user.account_id},
        "conversation": {"id": user.conversation_id},
        "attachments": [{"contentType": ADAPTIVE_CARD, "content": CARD}],
        "summary": "News for you",
        "channelData": {"notification": {"alert": True}},
    }


async def test_without_alert_no_alert_is_asked_for(fake: FakeTeams, connector: Connector) -> None:
    [user] = fake.add_users(1)
    await connector.send(reference_to(fake, user), Message(card=CARD, summary="", alert=False))
    activity = fake.received[0].activity
    assert activity is not None
    assert "channelData" not in activity
    assert "summary" not in activity


FAULTS: list[tuple[Fault, type, Reason | None]] = [
    (Reply(400, "BadArgument"), Rejected, Reason.BAD_REQUEST),
    (Reply(401), Rejected, Reason.UNAUTHORISED),
    (Reply(403, "ConversationBlockedByUser"), Unreachable, Reason.BLOCKED),
    (Reply(403, body={"errorCode": 209}), Unreachable, Reason.BLOCKED),
    (Reply(403, "BotDisabledByAdmin"), Unreachable, Reason.DISABLED_BY_ADMIN),
    (Reply(403, "BotNotInConversationRoster"), Unreachable, Reason.NOT_INSTALLED),
    (Reply(404, "ConversationNotFound"), Stale, None),
    (Reply(408), Unknown, Reason.NO_ANSWER),
    (Reply(412), Transient, Reason.NOT_DONE),
    (Reply(413, body=b"<pre>Payload Too Large</pre>"), Rejected, Reason.TOO_BIG),
    (Reply(429, retry_after=7), Throttled, None),
    (Reply(500), Unknown, Reason.SERVER_ERROR),
    (Reply(502, body=b"<html>"), Unknown, Reason.SERVER_ERROR),
    (Reply(503, retry_after=1), Unknown, Reason.SERVER_ERROR),
    (Reply(504, done=True), Unknown, Reason.SERVER_ERROR),
    (Reply(307, headers={"Location": "/teams/elsewhere"}), Transient, Reason.NOT_CONNECTED),
    (Reply(403, "Unknown"), Transient, Reason.REFUSED),
    (Reply(403, body=b""), Transient, Reason.REFUSED),
    (Reply(403, body=b"\xe9\xff{"), Transient, Reason.REFUSED),
    (Reply(404, body=b"<html>"), Transient, Reason.REFUSED),
    (Reply(201, body=b'{"id":"\xe9"}'), Sent, None),
    (Reply(200, body=b"x" * 1_000_000), Sent, None),
    (CutOff(), Unknown, Reason.NO_ANSWER),
    (CutOff(done=False), Unknown, Reason.NO_ANSWER),
    (CutOff(in_body=True), Sent, None),
    (CutOff(in_body=True, status=500), Unknown, Reason.SERVER_ERROR),
    (Slow(1.5), Unknown, Reason.NO_ANSWER),
]


@pytest.mark.parametrize(("fault", "outcome", "reason"), FAULTS)
async def test_a_send_is_one_request_whatever_happens(
    fake: FakeTeams, connector: Connector, fault: Fault, outcome: type, reason: Reason | None
) -> None:
    [user] = fake.add_users(1)
    reference = reference_to(fake, user)
    # The fault strikes on a connection that has been used before, where a client might retry.
    fake.script(user.conversation_id, [Reply(201), fault])
    await connector.send(reference, MESSAGE)
    assert kind(await connector.send(reference, MESSAGE)) == (outcome, reason)
    assert len(fake.received) == 2


async def test_retry_after_is_handed_on(fake: FakeTeams, connector: Connector) -> None:
    [user] = fake.add_users(1)
    fake.script(user.conversation_id, [Reply(429, retry_after=7)])
    outcome = await connector.send(reference_to(fake, user), MESSAGE)
    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == 7.0


class DyingServer:
    """Answers the first request of each connection, and closes it when it has read a second."""

    def __init__(self, *, read_second: bool) -> None:
        self.requests: list[bytes] = []
        self._read_second = read_second

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._request(reader)
        body = b'{"id":"1"}'
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        if self._read_second:
            await self._request(reader)
        writer.close()
        await writer.wait_closed()

    async def _request(self, reader: asyncio.StreamReader) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        self.requests.append(head.split(b"\r\n")[0])


@pytest.mark.parametrize("method", ["send", "open"])
async def test_a_post_is_never_replayed_on_a_kept_connection_that_dies(
    connector: Connector, method: str
) -> None:
    dying = DyingServer(read_second=True)
    server = await asyncio.start_server(dying, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reference = ConversationReference(
            service_url=f"http://127.0.0.1:{port}",
            conversation_id="a:1",
            bot_id="28:b",
            account_id="29:a",
        )
        assert await connector.send(reference, MESSAGE) == Sent("1")
        if method == "send":
            outcome: object = await connector.send(reference, MESSAGE)
            assert kind(outcome) == (Unknown, Reason.NO_ANSWER)
        else:
            outcome = await connector.open("tenant-1", reference)
            assert kind(outcome) == (Transient, Reason.NO_ANSWER)
        assert [line.split()[0] for line in dying.requests] == [b"POST", b"POST"]


async def test_an_idle_connection_is_given_up_before_the_server_closes_it() -> None:
    closing = DyingServer(read_second=True)
    server = await asyncio.start_server(closing, "127.0.0.1", 0)
    timeouts = Timeouts(keep_alive=0.05)
    async with server, Connector(NoToken(), Hosts(local=True), timeouts=timeouts) as connector:
        port = server.sockets[0].getsockname()[1]
        reference = ConversationReference(
            service_url=f"http://127.0.0.1:{port}",
            conversation_id="a:1",
            bot_id="28:b",
            account_id="29:a",
        )
        assert await connector.send(reference, MESSAGE) == Sent("1")
        await asyncio.sleep(2 * timeouts.keep_alive)
        # On the first connection this would be its second request, and would stay unanswered.
        assert await connector.send(reference, MESSAGE) == Sent("1")


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


async def test_a_refused_connection_never_left_us(fake: FakeTeams, connector: Connector) -> None:
    [user] = fake.add_users(1)
    reference = reference_to(fake, user, service_url=f"http://127.0.0.1:{closed_port()}")
    assert kind(await connector.send(reference, MESSAGE)) == (Transient, Reason.NOT_CONNECTED)


async def test_an_unknown_name_never_left_us(fake: FakeTeams) -> None:
    [user] = fake.add_users(1)
    async with Connector(NoToken(), Hosts(["teams.invalid"])) as connector:
        reference = reference_to(fake, user, service_url="https://teams.invalid/emea")
        outcome = await connector.send(reference, MESSAGE)
        assert kind(outcome) == (Transient, Reason.NOT_CONNECTED)


async def test_a_certificate_that_is_not_trusted_never_left_us(
    fake: FakeTeams, connector: Connector
) -> None:
    [user] = fake.add_users(1)
    reference = reference_to(fake, user, service_url=fake.identity.login_url)
    assert kind(await connector.send(reference, MESSAGE)) == (Transient, Reason.NOT_CONNECTED)


async def test_a_tls_handshake_that_hangs_never_left_us(fake: FakeTeams) -> None:
    [user] = fake.add_users(1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        timeouts = Timeouts(connect=0.2, total=5.0)
        async with Connector(NoToken(), Hosts(local=True), timeouts=timeouts) as connector:
            outcome = await connector.send(reference_to(fake, user, service_url=url), MESSAGE)
    assert kind(outcome) == (Transient, Reason.NOT_CONNECTED)


async def test_a_host_that_is_not_trusted_is_not_called(fake: FakeTeams) -> None:
    [user] = fake.add_users(1)
    reference = reference_to(fake, user)
    asked: list[int] = []

    def fetch() -> Token:
        asked.append(1)
        return Token("secret", 3600)

    async with Connector(Tokens(fetch), Hosts(["smba.trafficmanager.net"])) as connector:
        calls: list[Outcome | ConversationReference | Profile] = [
            await connector.send(reference, MESSAGE),
            await connector.update(reference, "1", MESSAGE),
            await connector.open("tenant-1", reference),
            await connector.profile(reference),
        ]
    assert [kind(call) for call in calls] == [(Rejected, Reason.WRONG_HOST)] * 4
    assert fake.received == []
    assert asked == []


async def test_ids_are_quoted(fake: FakeTeams, connector: Connector) -> None:
    [user] = fake.add_users(1)
    odd = "19:a/b?c#d%2Fé@thread.v2;messageid=1"
    reference = reference_to(fake, user, conversation_id=odd)
    assert isinstance(await connector.send(reference, MESSAGE), Stale)
    assert fake.received[0].conversation_id == odd


async def test_a_message_is_replaced_and_taken_back(fake: FakeTeams, connector: Connector) -> None:
    [user] = fake.add_users(1)
    reference = reference_to(fake, user)
    sent = await connector.send(reference, MESSAGE)
    assert isinstance(sent, Sent)
    assert await connector.update(reference, sent.activity_id, MESSAGE) == sent
    assert await connector.delete(reference, sent.activity_id) == sent
    gone = await connector.update(reference, sent.activity_id, MESSAGE)
    assert kind(gone) == (Rejected, Reason.MESSAGE_GONE)
    assert [post.method for post in fake.received] == ["POST", "PUT", "DELETE", "PUT"]
    fake.script(user.conversation_id, [Reply(400, "BadArgument", "not a known activity id")])
    assert kind(await connector.delete(reference, "1")) == (Rejected, Reason.MESSAGE_GONE)
    fake.script(user.conversation_id, [Reply(403, "Unknown")])
    assert kind(await connector.update(reference, "1", MESSAGE)) == (
        Transient,
        Reason.MESSAGE_GONE,
    )
    fake.script(user.conversation_id, [Reply(501), Reply(503)])
    assert kind(await connector.delete(reference, "1")) == (Rejected, Reason.BAD_REQUEST)
    assert kind(await connector.delete(reference, "1")) == (Transient, Reason.SERVER_ERROR)


async def test_a_conversation_is_created_and_then_used(
    fake: FakeTeams, connector: Connector
) -> None:
    [user] = fake.add_users(1, tenant="tenant-9", with_conversation=False)
    reference = reference_to(fake, user)
    assert isinstance(await connector.send(reference, MESSAGE), Stale)
    opened = await connector.open("tenant-9", reference)
    assert isinstance(opened, ConversationReference)
    assert opened.conversation_id == user.conversation_id
    assert isinstance(await connector.send(opened, MESSAGE), Sent)
    created, _ = fake.received
    assert created.activity == {
        "bot": {"id": fake.bot_id},
        "members": [{"id": user.account_id}],
        "tenantId": "tenant-9",
        "channelData": {"tenant": {"id": "tenant-9"}},
        "isGroup": False,
    }


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Reply(403, "BotDisabledByAdmin"), (Unreachable, Reason.DISABLED_BY_ADMIN)),
        (Reply(429, retry_after=1), (Throttled, None)),
        # Creating twice does no harm: an unknown fate is worth another try.
        (Reply(500), (Transient, Reason.SERVER_ERROR)),
        (CutOff(), (Transient, Reason.NO_ANSWER)),
        (CutOff(in_body=True), (Transient, Reason.NO_ANSWER)),
        (Reply(201, body={}), (Transient, Reason.NO_ANSWER)),
        (Reply(201, body={"id": ""}), (Transient, Reason.NO_ANSWER)),
        (Reply(201, body={"id": "a:\0"}), (Transient, Reason.NO_ANSWER)),
        (Reply(201, body=b'{"id":"a:\xff"'), (Transient, Reason.NO_ANSWER)),
        (
            Reply(400, "BadArgument", "Failed to decrypt pairwise id"),
            (Transient, Reason.REFUSED),
        ),
    ],
)
async def test_why_a_conversation_was_not_created(
    fake: FakeTeams, connector: Connector, fault: Fault, outcome: tuple[type, Reason | None]
) -> None:
    [user] = fake.add_users(1, with_conversation=False)
    fake.script(user.account_id, [fault])
    assert kind(await connector.open(user.tenant, reference_to(fake, user))) == outcome
    assert len(fake.received) == 1


async def test_a_profile_is_read(fake: FakeTeams, connector: Connector) -> None:
    [user] = fake.add_users(1)
    assert await connector.profile(reference_to(fake, user)) == Profile(
        name=user.name,
        given_name=user.given_name,
        surname=user.surname,
        email=user.email,
        upn=user.upn,
    )


async def test_a_profile_may_have_gaps(fake: FakeTeams, connector: Connector) -> None:
    [user] = fake.add_users(1)
    body = {"id": user.account_id, "givenName": None, "name": "Adele"}
    fake.script(user.conversation_id, [Reply(200, body=body)])
    assert await connector.profile(reference_to(fake, user)) == Profile(name="Adele")


async def test_names_come_without_what_nobody_sees(fake: FakeTeams, connector: Connector) -> None:
    [user] = fake.add_users(1)
    body = {
        "id": user.account_id,
        "name": "Adele\u202e ecnaV\u202c\n\u200bVance" + "x" * 1_000,
        "givenName": "\u200b\u3164",
        "email": "adele\u200b@example.com",
    }
    fake.script(user.conversation_id, [Reply(200, body=body)])
    found = await connector.profile(reference_to(fake, user))
    assert isinstance(found, Profile)
    assert found.name.startswith("Adele ecnaV Vancexxx")
    assert len(found.name) == 256
    assert (found.given_name, found.email) == ("", "adele@example.com")


async def test_a_name_in_another_encoding_is_read(fake: FakeTeams, connector: Connector) -> None:
    [user] = fake.add_users(1)
    body = '{"name":"Zoë Müller","givenName":"Zoë","surname":7}'
    for encoding in ("utf-8", "iso-8859-1"):
        fake.script(user.conversation_id, [Reply(200, body=body.encode(encoding))])
        found = await connector.profile(reference_to(fake, user))
        assert found == Profile(name="Zoë Müller", given_name="Zoë")


async def test_half_an_emoji_in_a_name_costs_itself_alone(
    fake: FakeTeams, connector: Connector
) -> None:
    [user] = fake.add_users(1)
    fake.script(user.conversation_id, [Reply(200, body=rb'{"name":"Zoe \ud83d"}')])
    assert await connector.profile(reference_to(fake, user)) == Profile(name="Zoe \ufffd")


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Reply(404, "ConversationNotFound"), (Stale, None)),
        (Reply(404, "MemberNotFoundInConversation"), (Unreachable, Reason.NOT_INSTALLED)),
        (Reply(429, retry_after=1), (Throttled, None)),
        (Reply(503), (Transient, Reason.SERVER_ERROR)),
        (Reply(200, body=b"<html>"), (Transient, Reason.NO_ANSWER)),
        (Reply(200, body=b"\xff\xfe{"), (Transient, Reason.NO_ANSWER)),
        (Reply(200, body=b"[" * 60_000), (Transient, Reason.NO_ANSWER)),
        (Reply(403, "Unknown"), (Transient, Reason.REFUSED)),
    ],
)
async def test_why_a_profile_was_not_read(
    fake: FakeTeams, connector: Connector, fault: Fault, outcome: tuple[type, Reason | None]
) -> None:
    [user] = fake.add_users(1)
    fake.script(user.conversation_id, [fault])
    assert kind(await connector.profile(reference_to(fake, user))) == outcome


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [(Reason.UNAUTHORISED, Rejected), (Reason.NOT_CONNECTED, Transient)],
)
async def test_without_a_token_nothing_is_sent(
    fake: FakeTeams, reason: Reason, outcome: type
) -> None:
    [user] = fake.add_users(1)

    def fetch() -> Token:
        raise TokenError(reason, "Why there is none.")

    async with Connector(Tokens(fetch), Hosts(local=True)) as connector:
        result = await connector.send(reference_to(fake, user), MESSAGE)
    assert kind(result) == (outcome, reason)
    assert isinstance(result, Rejected | Transient)
    assert result.answer.message == "Why there is none."
    assert fake.received == []


async def test_many_sends_at_once_keep_the_limits_apart_by_tenant() -> None:
    async with (
        FakeTeams(limits=True) as fake,
        Connector(NoToken(), Hosts(local=True)) as connector,
    ):
        users = fake.add_users(60, tenant="one") + fake.add_users(40, tenant="two")
        outcomes = await asyncio.gather(
            *(connector.send(reference_to(fake, user), MESSAGE) for user in users)
        )
    assert sum(isinstance(outcome, Sent) for outcome in outcomes[:60]) == 50
    assert all(isinstance(outcome, Sent) for outcome in outcomes[60:])
    refused = [outcome for outcome in outcomes if isinstance(outcome, Throttled)]
    assert {outcome.retry_after for outcome in refused} == {1.0}
