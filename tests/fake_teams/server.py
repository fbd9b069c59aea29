"""The Bot Connector's REST API, as strict as the real one, on loopback."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any, Self
from urllib.parse import unquote

import aiohttp
import msgspec
from aiohttp import web

from tests.fake_teams.exchange import Received, cut_off, respond, too_big
from tests.fake_teams.faults import CutOff, Fault, Reply, Slow, error_body
from tests.fake_teams.graph import FakeGraph
from tests.fake_teams.identity import Identity
from tests.fake_teams.inbound import Activity, Inbound
from tests.fake_teams.limits import Limits
from tests.fake_teams.people import FakeUser, make_user

APP_ID = "11111111-2222-3333-4444-555555555555"


class Delivered(msgspec.Struct, frozen=True):
    """The bot's answer to an activity."""

    status: int
    body: Any


class FakeTeams:
    """A fake service: its people, the calls it received, and its scripted answers.

    :param auth: refuse calls without a token of ``identity`` (401).
    :param limits: keep Teams' documented limits (429 with ``Retry-After``).
    """

    def __init__(
        self, *, auth: bool = False, limits: bool = False, app_id: str = APP_ID, port: int = 0
    ) -> None:
        self.app_id = app_id
        self.bot_id = f"28:{app_id}"
        self.identity = Identity()
        self.received: list[Received] = []
        self.users: dict[str, FakeUser] = {}
        """The people by account id."""
        self.outage: Callable[[Received], Fault | None] | None = None
        """Returns the answer to a call that nothing is scripted for; None: the usual one."""
        self.graph = FakeGraph(lambda: self.users.values(), lambda: self.graph_url)
        self._auth = auth
        self._limits = Limits() if limits else None
        self._port = port
        self._conversations: dict[str, FakeUser] = {}
        self._messages: dict[str, str] = {}
        self._scripts: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._numbers = itertools.count(int(time.time() * 1000))
        self._made: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        self.identity.__enter__()
        self._runner = web.ServerRunner(
            web.Server(self._handle, access_log=None), shutdown_timeout=1.0
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=1024)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.service_url = f"{self.address}/teams"
        self.graph_url = f"{self.address}/graph"
        self.inbound = Inbound(bot_id=self.bot_id, service_url=self.service_url)
        self._session = aiohttp.ClientSession(trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._runner.cleanup()
        self.identity.__exit__()

    def add_users(
        self, count: int, *, tenant: str = "tenant-1", with_conversation: bool = True
    ) -> list[FakeUser]:
        """Adds people who have the app.

        :param with_conversation: False: their conversations are not created yet.
        """
        users = []
        for _ in range(count):
            user = make_user(self._made[tenant], tenant, with_conversation=with_conversation)
            self._made[tenant] += 1
            self.users[user.account_id] = user
            if with_conversation:
                self._conversations[user.conversation_id] = user
            users.append(user)
        return users

    def lose_conversation(self, user: FakeUser) -> None:
        """Removes the conversation; creating it anew gives another id."""
        del self._conversations[user.conversation_id]
        user.conversation_id = ""

    def lose_message(self, activity_id: str) -> None:
        """Removes the message, as if somebody had deleted it."""
        del self._messages[activity_id]

    def has_message(self, activity_id: str) -> bool:
        return activity_id in self._messages

    def script(self, key: str, faults: Iterable[Fault]) -> None:
        """Sets the answers to the next calls, one for each call.

        :param key: a conversation id for calls in that conversation; an account id for creations
            of a conversation with that person.
        """
        self._scripts[key].extend(faults)

    def arrived(self, call: str = "send") -> Counter[str]:
        """Returns the number of messages that reached each conversation."""
        return Counter(
            post.conversation_id for post in self.received if post.arrived and post.call == call
        )

    async def deliver(
        self, bot_url: str, activity: Activity, *, token: str | None = None, signed: bool = True
    ) -> Delivered:
        """Posts the activity to the bot as the channel does; ``bot_url`` is its messages endpoint.

        :param token: sent in place of a valid one.
        :param signed: False: no token is sent, as to a bot in local mode.
        """
        headers = {}
        if signed:
            good = self.identity.channel_token(self.app_id, activity.get("serviceUrl", ""))
            headers["Authorization"] = f"Bearer {good if token is None else token}"
        async with self._session.post(bot_url, json=activity, headers=headers) as response:
            content = await response.read()
            try:
                body = msgspec.json.decode(content) if content else None
            except msgspec.DecodeError:
                body = content.decode("utf-8", "replace")
            return Delivered(response.status, body)

    async def control(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers requests outside Teams' API; the fake as a process of its own has some."""
        return web.Response(status=404)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        segments = [unquote(part) for part in request.rel_url.raw_path.split("/")]
        if segments[1] == "graph":
            return await self._graph(request)
        if segments[1:4] != ["teams", "v3", "conversations"]:
            return await self.control(request)
        body = await request.read()
        post = Received(
            arrived_at=time.monotonic(),
            method=request.method,
            call="",
            conversation_id="",
            authorization=request.headers.get("Authorization", ""),
        )
        self.received.append(post)
        if too_big(body):
            return respond(post, Reply(413, "MessageSizeTooBig", "Message size too large."))
        if body:
            try:
                post.activity = msgspec.json.decode(body, type=dict[str, Any])
            except msgspec.DecodeError:
                return respond(post, Reply(400, "BadSyntax", "Invalid JSON."))
        user = self._understand(post, segments[4:])
        if isinstance(user, Reply):
            return respond(post, user)
        return await self._answer(request, post, user)

    async def _graph(self, request: web.BaseRequest) -> web.StreamResponse:
        reply = Reply(401, "InvalidAuthenticationToken", "Access token is empty.")
        if not self._auth or self.identity.accepts(_token(request)):
            target = str(request.rel_url).removeprefix("/graph")
            reply = self.graph.answer(request.method, target, await request.read())
        headers = {} if reply.retry_after is None else {"Retry-After": str(reply.retry_after)}
        body = error_body(reply.code, reply.message) if reply.body is None else reply.body
        return web.json_response(body, status=reply.status, headers=headers)

    def _understand(self, post: Received, path: list[str]) -> FakeUser | Reply:
        """Names the call and returns the person it is about, or returns a refusal."""
        scheme, _, token = post.authorization.partition(" ")
        if self._auth and not (scheme == "Bearer" and self.identity.accepts(token)):
            denied = {"message": "Authorization has been denied for this request."}
            return Reply(401, body=denied)
        if not _name_call(post, path):
            return Reply(405, "MethodNotAllowed", "No such call.")
        if post.call == "open":
            user = self.users.get(post.account_id)
            if user is None or (post.activity or {}).get("tenantId") != user.tenant:
                return Reply(400, "BadArgument", "Invalid user identity in provided tenant")
        else:
            user = self._conversations.get(post.conversation_id)
            if user is None:
                return Reply(404, "ConversationNotFound", "Conversation not found.")
        post.tenant = user.tenant
        return user

    async def _answer(
        self, request: web.BaseRequest, post: Received, user: FakeUser
    ) -> web.StreamResponse:
        key = post.conversation_id or post.account_id
        if self._limits is not None:
            look_up = post.call == "member"
            wait = self._limits.refuse(user.tenant, key, post.arrived_at, look_up=look_up)
            if wait:
                return respond(post, Reply(429, "TooManyRequests", retry_after=wait))
        script = self._scripts.get(key)
        fault = script.popleft() if script else None
        if fault is None and self.outage is not None:
            fault = self.outage(post)
        seconds = 0.0
        if isinstance(fault, Slow):
            seconds, fault = fault.seconds, fault.then
        if fault is None:
            fault = self._usual(post, user)
            post.arrived = fault.arrived
        else:
            post.arrived = fault.arrived if isinstance(fault, Reply) else fault.done
            if post.arrived:
                self._usual(post, user)
        if seconds:
            await asyncio.sleep(seconds)
        if isinstance(fault, CutOff):
            return await cut_off(request, fault)
        return respond(post, fault)

    def _usual(self, post: Received, user: FakeUser) -> Reply:
        """Does what Teams does when nothing is scripted, and returns its answer."""
        if not user.installed:
            return Reply(403, "ForbiddenOperationException", "The app is not installed.")
        if user.blocked and post.call in ("send", "open"):
            return Reply(403, "ConversationBlockedByUser", "User blocked the conversation.")
        match post.call:
            case "open":
                return self._open(user)
            case "member":
                if post.account_id != user.account_id:
                    return Reply(404, "MemberNotFoundInConversation", "Member not found.")
                return Reply(200, body=user.member())
            case "send":
                return self._send(post)
        if self._messages.get(post.activity_id) != post.conversation_id:
            return Reply(404, "ActivityNotFoundInConversation", "Activity not found.")
        if post.call == "delete":
            del self._messages[post.activity_id]
        return Reply(200, body={"id": post.activity_id})

    def _open(self, user: FakeUser) -> Reply:
        if not user.conversation_id:
            user.conversation_id = f"a:1{next(self._numbers)}{user.id.replace('-', '')}"
            self._conversations[user.conversation_id] = user
        return Reply(201, body={"id": user.conversation_id})

    def _send(self, post: Received) -> Reply:
        activity = post.activity or {}
        attachments, text = activity.get("attachments"), activity.get("text")
        if activity.get("type") not in ("message", "typing") or (
            activity["type"] == "message" and not attachments and not text
        ):
            return Reply(400, "BadArgument", "Unknown activity type, or nothing to send.")
        post.activity_id = str(next(self._numbers))
        self._messages[post.activity_id] = post.conversation_id
        # Text beside a card becomes two messages, and the id is lost.
        return Reply(201, body={} if attachments and text else {"id": post.activity_id})


def _token(request: web.BaseRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _name_call(post: Received, path: list[str]) -> bool:
    """Notes which call it is; returns False when there is no such call."""
    match post.method, path:
        case "POST", []:
            post.call = "open"
            members = (post.activity or {}).get("members") or [{}]
            post.account_id = members[0].get("id", "")
        case "POST", [conversation, "activities"] | [conversation, "activities", _]:
            post.call, post.conversation_id = "send", conversation
        case "PUT", [conversation, "activities", activity]:
            post.call, post.conversation_id, post.activity_id = "update", conversation, activity
        case "DELETE", [conversation, "activities", activity]:
            post.call, post.conversation_id, post.activity_id = "delete", conversation, activity
        case "GET", [conversation, "members", account]:
            post.call, post.conversation_id, post.account_id = "member", conversation, account
        case _:
            return False
    return True
