"""Checks that activities come from Teams: the SDK's check of the token, without its faults.

The SDK (botbuilder 4.17.1) checks signature, issuer, audience, expiry and service URL. Left to
itself it also

- fetches the signing keys with a blocking call in the event loop, without a time limit,
- keeps the keys for a day, and does not fetch a new one that came meanwhile,
- raises anything from ``AttributeError`` to a bare ``Exception`` for a token that it does not like,
- does not check the service URL when the activity has none, nor the channel when the activity
  names none, and
- builds two HTTP clients for every activity; this bot uses neither.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from botbuilder.schema import Activity
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    BotFrameworkAuthenticationFactory,
    ClaimsIdentity,
    ServiceClientCredentialsFactory,
)
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor, _OpenIdMetadata

_log = logging.getLogger(__name__)

CHANNEL = "msteams"
KEYS_KEPT_FOR = 24 * 3600.0
"""Seconds until the signing keys are fetched again; Microsoft asks for once a day."""
KEYS_ASKED_EVERY = 10.0
"""Seconds between two fetches, at least, however many tokens with unknown keys come in."""
KEYS_TIMEOUT = 8.0
"""Seconds; Teams waits 15 for the answer to its activity."""


class Unauthenticated(Exception):
    """The request does not come from the channel. ``str`` says why, for the log only."""


class KeysUnavailable(Exception):
    """The channel's signing keys can't be fetched now, so nobody can be authenticated."""


class ChannelAuthentication(BotFrameworkAuthentication):  # type: ignore[misc]  # the SDK has no types
    """Lets in activities that Teams has signed for this bot; in local mode (no app id), all."""

    def __init__(self, *, app_id: str | None, token_issuer: str, openid_metadata_url: str) -> None:
        self._sdk: Any = None
        if app_id is None:
            return
        self._sdk = BotFrameworkAuthenticationFactory.create(
            to_bot_from_channel_token_issuer=token_issuer,
            to_bot_from_channel_open_id_metadata_url=openid_metadata_url,
            # Tokens of the emulator and of other bots are checked against the channel's keys, which
            # never signed them: there is one way in.
            to_bot_from_emulator_open_id_metadata_url=openid_metadata_url,
            credential_factory=_Audience(app_id),
        )
        # The SDK looks here for the keys of this address before it makes its own.
        JwtTokenExtractor.metadataCache[openid_metadata_url] = SigningKeys(openid_metadata_url)

    async def authenticate_request(
        self, activity: Activity, auth_header: str
    ) -> AuthenticateRequestResult:
        """Returns the sender's identity. Raises Unauthenticated or KeysUnavailable."""
        result = AuthenticateRequestResult()
        if self._sdk is None:
            result.claims_identity = ClaimsIdentity({}, True)
        else:
            result.claims_identity = await self._checked(activity, auth_header)
        result.connector_factory = _NoConnectors()
        return result

    async def _checked(self, activity: Activity, auth_header: str) -> ClaimsIdentity:
        if not auth_header:
            raise Unauthenticated("no token")
        if activity.channel_id != CHANNEL:
            # The SDK checks the signing key's endorsement only for the channel that is named. In
            # other channels people write tenant and Entra id as they like.
            raise Unauthenticated("not from the Teams channel")
        if not activity.service_url:
            raise Unauthenticated("no service URL")
        try:
            result = await self._sdk.authenticate_request(activity, auth_header)
        except (Unauthenticated, KeysUnavailable):
            raise
        except Exception as error:
            # The SDK raises anything up to a bare Exception; each of them means no entry.
            raise Unauthenticated(f"{type(error).__name__}: {error}") from error
        return result.claims_identity

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Returns None: the bot signs nobody in."""

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> Any:
        """Raises Unauthenticated: Teams posts, and does not stream."""
        raise Unauthenticated("streaming is not offered")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> _NoConnectors:
        """Returns a factory that makes no client."""
        return _NoConnectors()


class SigningKeys(_OpenIdMetadata):  # type: ignore[misc]  # the SDK has no types
    """The channel's public keys, fetched without blocking and kept for a day.

    An unknown key causes a new fetch, at most every ten seconds. When fetching fails, the keys at
    hand stay in use.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(url)
        self._clock = clock
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._lock = asyncio.Lock()

    async def get(self, key_id: str | None) -> Any:
        """Returns the key and its endorsements. Raises Unauthenticated or KeysUnavailable."""
        if self._stale() or not self._has(key_id):
            async with self._lock:
                if self._may_ask() and (self._stale() or not self._has(key_id)):
                    await self._fetch()
        if self._fetched_at is None:
            raise KeysUnavailable(f"no signing keys from {self.url}")
        if not self._has(key_id):
            raise Unauthenticated("unknown signing key")
        return self._find(key_id)

    async def _fetch(self) -> None:
        self._asked_at = self._clock()
        timeout = aiohttp.ClientTimeout(total=KEYS_TIMEOUT)
        try:
            # A session of its own: this happens once a day.
            async with aiohttp.ClientSession(
                timeout=timeout, trust_env=True, raise_for_status=True
            ) as session:
                async with session.get(self.url) as answer:
                    keys_url = (await answer.json(content_type=None))["jwks_uri"]
                async with session.get(keys_url) as answer:
                    keys = (await answer.json(content_type=None))["keys"]
            self.keys = [key for key in keys if key["kid"]]
        except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError) as error:
            _log.error("signing keys not fetched from %s: %r", self.url, error)
            return
        self._fetched_at = self._clock()

    def _stale(self) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at > KEYS_KEPT_FOR

    def _may_ask(self) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at > KEYS_ASKED_EVERY

    def _has(self, key_id: str | None) -> bool:
        return any(key["kid"] == key_id for key in self.keys)


class _Audience(ServiceClientCredentialsFactory):  # type: ignore[misc]  # the SDK has no types
    """Tells the SDK which audience is ours. It needs no secret, since the SDK never sends."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id.lower()

    async def is_valid_app_id(self, app_id: object) -> bool:
        return isinstance(app_id, str) and app_id.lower() == self._app_id

    async def is_authentication_disabled(self) -> bool:
        return False

    async def create_credentials(self, *_: object) -> Any:
        raise NotImplementedError("the SDK sends nothing")


class _NoConnectors:
    """Takes the place of the SDK's connector, which blocks and is built for each activity."""

    async def create(self, service_url: str, audience: str | None = None) -> _NoConnectors:
        # The SDK insists on an object; this one has none of the methods that would send.
        return self
