"""The fake as a process of its own, for tests that kill the bot and for benchmarks.

It prints one line of JSON with its addresses and then serves until its standard input closes or it
is terminated. Beside Teams' API it offers (JSON):

- ``POST /control/users`` ``{"count": 100, "tenant": "tenant-1"}``: returns the people it added
- ``POST /control/script`` ``{"key": "a:1...", "faults": [{"type": "Reply", "status": 429}]}``
- ``GET /control/arrived``: messages that reached each conversation
- ``GET /control/received``: all calls, without their bodies
- ``POST /control/revoke``: all tokens given so far are refused from now on
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

import msgspec
from aiohttp import web

from tests.fake_teams.exchange import Received
from tests.fake_teams.faults import Fault
from tests.fake_teams.server import FakeTeams


class _People(msgspec.Struct):
    count: int
    tenant: str = "tenant-1"
    with_conversation: bool = True


class _Script(msgspec.Struct):
    key: str
    faults: list[Fault]


class ControlledFake(FakeTeams):
    """The fake, with the control API."""

    async def control(self, request: web.BaseRequest) -> web.StreamResponse:
        answer: object = None
        match request.method, request.rel_url.path:
            case "POST", "/control/users":
                wanted = msgspec.json.decode(await request.read(), type=_People)
                answer = self.add_users(
                    wanted.count, tenant=wanted.tenant, with_conversation=wanted.with_conversation
                )
            case "POST", "/control/script":
                script = msgspec.json.decode(await request.read(), type=_Script)
                self.script(script.key, script.faults)
            case "GET", "/control/arrived":
                answer = self.arrived()
            case "GET", "/control/received":
                answer = [_without_body(post) for post in self.received]
            case "POST", "/control/revoke":
                self.identity.revoke_all()
            case _:
                return web.Response(status=404)
        return web.Response(
            body=msgspec.json.encode(answer), headers={"Content-Type": "application/json"}
        )


def _without_body(post: Received) -> Received:
    return msgspec.structs.replace(post, activity=None)


async def serve(fake: ControlledFake) -> None:
    """Serves until the process is told to end, or the process that started it is gone."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with fake:
        ready = {
            "address": fake.address,
            "service_url": fake.service_url,
            "app_id": fake.app_id,
            "bot_id": fake.bot_id,
            "login_url": fake.identity.login_url,
            "certificate": str(fake.identity.certificate),
            "metadata_url": fake.identity.metadata_url,
            "imds_url": fake.identity.imds_url,
        }
        sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
        sys.stdout.flush()
        gone = asyncio.create_task(_until_closed(reader, ended))
        await ended.wait()
        gone.cancel()


async def _until_closed(reader: asyncio.StreamReader, ended: asyncio.Event) -> None:
    while await reader.read(1024):
        """Input has no meaning; only its end counts."""
    ended.set()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_teams", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--auth", action="store_true", help="refuse calls without a token")
    parser.add_argument("--limits", action="store_true", help="keep Teams' rate limits")
    options = parser.parse_args(arguments)
    asyncio.run(serve(ControlledFake(auth=options.auth, limits=options.limits, port=options.port)))


if __name__ == "__main__":
    main()
