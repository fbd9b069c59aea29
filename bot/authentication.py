"""Checks that activities come from Teams: the SDK's check of the token, without its faults.

The SDK (botbuilder 4.17.1) checks signature, issuer, audience, expiry and service URL. Left to
itself it also

- fetches the signing keys with a blocking call in the event loop, without a time limit,
- keeps the keys for a day, and does not fetch a new one that came meanwhile (see
  ``bot.signing_keys``),
- raises anything from ``AttributeError`` to a bare ``Exception`` for a token that it does not like,
- does not check the service URL when the activity has none, nor the channel when the activity
  names none, and
- builds two HTTP clients for every activity; this bot uses neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botbuilder.schema import Activity
from botframework.connector.auth import (
    AuthenticateRequestResult,
    AuthenticationConstants,
    BotFrameworkAuthentication,
    BotFrameworkAuthenticationFactory,
    ClaimsIdentity,
    ServiceClientCredentialsFactory,
    VerifyOptions,
)
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor

from bot.signing_keys import KeysUnavailable, SigningKeys, Unauthenticated

CHANNEL = "msteams"
_CLOCKS_APART = 5 * 60
"""Seconds that our clock and the channel's may be apart; the SDK's own number."""


class ChannelAuthentication(BotFrameworkAuthentication):  # type: ignore[misc]  # the SDK has no types
    """Lets in activities that Teams has signed for this bot; in local mode (no app id), all."""

    def __init__(self, *, app_id: str | None, token_issuer: str, openid_metadata_url: str) -> None:
        self._sdk: Any = None
        self._keys: SigningKeys | None = None
        if app_id is None:
            return
        self._audience = _Audience(app_id)
        self._sdk = BotFrameworkAuthenticationFactory.create(
            to_bot_from_channel_token_issuer=token_issuer,
            to_bot_from_channel_open_id_metadata_url=openid_metadata_url,
            # Tokens of the emulator and of other bots are checked against the channel's keys, which
            # never signed them: there is one way in.
            to_bot_from_emulator_open_id_metadata_url=openid_metadata_url,
            credential_factory=self._audience,
        )
        # The SDK looks here for the keys of this address before it makes its own.
        self._keys = JwtTokenExtractor.metadataCache[openid_metadata_url] = SigningKeys(
            openid_metadata_url
        )
        self._extractor = JwtTokenExtractor(
            VerifyOptions(
                issuer=[token_issuer],
                audience=None,  # the SDK ignores it
                clock_tolerance=_CLOCKS_APART,
                ignore_expiration=False,
            ),
            openid_metadata_url,
            AuthenticationConstants.ALLOWED_SIGNING_ALGORITHMS,
        )

    def start(self) -> None:
        """Begins to fetch the signing keys in the background. Needs the running event loop."""
        if self._keys is not None:
            self._keys.start()

    async def stop(self) -> None:
        """Ends what :meth:`start` began."""
        if self._keys is not None:
            await self._keys.stop()

    async def admit(self, auth_header: str) -> None:
        """Checks the part of the token that needs no activity: signature, issuer, bot and age.

        So a body is read, kept and decoded for the channel only. Raises Unauthenticated or
        KeysUnavailable.
        """
        if self._keys is None:
            return
        with _explained():
            claims = await self._extractor.get_identity_from_auth_header(auth_header, CHANNEL)
            if claims is None:
                raise Unauthenticated("no token of the channel")
            app_id = claims.get_claim_value(AuthenticationConstants.AUDIENCE_CLAIM)
            if not await self._audience.is_valid_app_id(app_id):
                raise Unauthenticated("a token for another bot")

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
        with _explained():
            result = await self._sdk.authenticate_request(activity, auth_header)
        return result.claims_identity

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Returns None: the bot signs nobody in."""

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> Any:
        """Raises Unauthenticated: Teams posts, and does not stream."""
        raise Unauthenticated("streaming is not offered")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> _NoConnectors:
        """Returns a factory that makes no client."""
        return _NoConnectors()


@contextmanager
def _explained() -> Iterator[None]:
    """Turns the SDK's errors into Unauthenticated."""
    try:
        yield
    except (Unauthenticated, KeysUnavailable):
        raise
    except Exception as error:
        # The SDK raises anything up to a bare Exception; each of them means no entry.
        raise Unauthenticated(f"{type(error).__name__}: {error}") from error


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
