"""Installs the bot for the playground's other people, which its page can't do.

The page speaks for Alex Wilber and installs for Alex alone. With the five colleagues a campaign has
six recipients, and there is something to see while it is sent.
"""

from __future__ import annotations

import aiohttp

_BOT = "28:00000000-0000-0000-0000-000000000011"
_ALEX = "user-id-0"
_TEAM = "team-id"
"""The conversation that all people of the playground are members of."""


async def install(bot: str, playground: str) -> None:
    """Tells the bot that everyone in the playground has installed it.

    `bot` is the bot's endpoint, and `playground` the playground's address. A second call changes
    nothing. Raises `aiohttp.ClientError` when one of the two does not answer as it should.
    """
    service = f"{playground}/_connector"
    async with aiohttp.ClientSession(raise_for_status=True) as http:
        members = await (await http.get(f"{service}/v3/conversations/{_TEAM}/members")).json()
        for member in members:
            if member["id"] == _ALEX:
                continue
            tenant = {"id": member["tenantId"]}
            wanted = {
                "bot": {"id": _BOT},
                "members": [{"id": member["id"]}],
                "tenantId": member["tenantId"],
                "channelData": {"tenant": tenant},
                "isGroup": False,
            }
            chat = await (await http.post(f"{service}/v3/conversations", json=wanted)).json()
            installed = {
                "type": "installationUpdate",
                "action": "add",
                "id": f"installed-{member['id']}",
                "channelId": "msteams",
                "serviceUrl": service,
                "from": {"id": member["id"], "aadObjectId": member["objectId"]},
                "recipient": {"id": _BOT},
                "conversation": {"id": chat["id"], "conversationType": "personal"},
                "channelData": {"tenant": tenant},
                "locale": "en-US",
            }
            await http.post(bot, json=installed)
