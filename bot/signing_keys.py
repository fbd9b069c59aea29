"""The channel's public keys: fetched ahead of need, and never while somebody waits who need not."""

from __future__ import annotations

import asyncio
import binascii
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import msgspec
from botframework.connector.auth.jwt_token_extractor import _OpenIdConfig, _OpenIdMetadata
from jwt import InvalidKeyError
from jwt.algorithms import RSAAlgorithm

from teams.bodies import UNCOMPRESSED, from_json, text_or_empty, whole_body

_log = logging.getLogger(__name__)

REFRESHED_EVERY = 6 * 3600.0
"""Seconds after which the keys are fetched again, while the known ones serve. Microsoft asks for
once a day; four times leaves room for failures."""
RETRIED_EVERY = 60.0
"""Seconds until the next try after a fetch that failed."""
KEYS_KEPT_FOR = 5 * 24 * 3600.0
"""Seconds after which keys no longer serve when no fetch has succeeded. A key that Microsoft has
withdrawn ends with the next fetch, and by this time at the latest; five days outlast a long
weekend."""
KEYS_ASKED_EVERY = 10.0
"""Seconds between two fetches, at least, while there are no keys."""
UNKNOWN_ASKED_EVERY = 60.0
"""Seconds between two fetches, at least, for keys that are not known. Anybody can name such a key;
all who do so cause one fetch together."""
KEYS_TIMEOUT = 8.0
"""Seconds; Teams waits 15 for the answer to its activity."""

_LONGEST = 1024 * 1024
"""Bytes of a document; the list of keys has some 50,000."""
_LONGEST_MODULUS = 1_400
"""Letters of a key's modulus: 8,192 bits. A check with a longer one takes long."""


class Unauthenticated(Exception):
    """The request does not come from the channel. ``str`` says why, for the log only."""


class KeysUnavailable(Exception):
    """The channel's signing keys can't be fetched now, so nobody can be authenticated."""


class _NoKeys(Exception):
    """The documents with the keys are not what they should be. ``str`` says which one."""


class _Metadata(msgspec.Struct):
    jwks_uri: str


class _KeySet(msgspec.Struct):
    keys: list[Any]


class SigningKeys(_OpenIdMetadata):  # type: ignore[misc]  # the SDK has no types
    """The keys by their ids. They serve while new ones are fetched, and when that fails.

    :param url: address of the OpenID metadata, which name the address of the keys.
    :param clock: seconds, monotonic.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(url)
        self._clock = clock
        self._known: Mapping[str, _OpenIdConfig] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._running = False

    def start(self) -> None:
        """Fetches the keys in the background, now and ever again. Needs the running event loop."""
        self._running = True
        self._on_time()

    async def stop(self) -> None:
        """Ends the fetching."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    async def get(self, key_id: str | None) -> _OpenIdConfig:
        """Returns the key and its endorsements. Raises Unauthenticated or KeysUnavailable.

        Waits only when the key is not known, and then for a fetch that all share.
        """
        key = self._usable.get(key_id or "")
        if key is not None:
            if self._is_older_than(REFRESHED_EVERY) and self._may_ask(RETRIED_EVERY):
                self._begin_fetch()
            return key
        every = UNKNOWN_ASKED_EVERY if self._usable else KEYS_ASKED_EVERY
        if self._fetching is not None or self._may_ask(every):
            # Not awaited: a caller who gives up must not cancel it for the others.
            await asyncio.wait([self._begin_fetch()])
        if not self._usable:
            raise KeysUnavailable(f"no signing keys from {self.url}")
        key = self._usable.get(key_id or "")
        if key is None:
            raise Unauthenticated("unknown signing key")
        return key

    @property
    def _usable(self) -> Mapping[str, _OpenIdConfig]:
        return {} if self._is_older_than(KEYS_KEPT_FOR) else self._known

    def _is_older_than(self, seconds: float) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at > seconds

    def _may_ask(self, every: float) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at > every

    def _on_time(self) -> None:
        # At ERROR, because no request has caused it.
        self._begin_fetch(logging.ERROR)

    def _begin_fetch(self, level: int = logging.WARNING) -> asyncio.Task[None]:
        if self._fetching is None:
            self._asked_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch(level), name="signing keys")
            self._fetching.add_done_callback(self._on_fetched)
        return self._fetching

    def _on_fetched(self, fetching: asyncio.Task[None]) -> None:
        self._fetching = None
        if not fetching.cancelled() and (error := fetching.exception()) is not None:
            _log.error("fetching the signing keys failed", exc_info=error)
        if self._running:
            if self._timer is not None:
                self._timer.cancel()
            failed = self._fetched_at is None or self._fetched_at < (self._asked_at or 0.0)
            wait = RETRIED_EVERY if failed else REFRESHED_EVERY
            self._timer = asyncio.get_running_loop().call_later(wait, self._on_time)

    async def _fetch(self, level: int) -> None:
        try:
            self._known = await self._keys()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, _NoKeys) as error:
            _log.log(level, "signing keys not fetched from %s: %.200r", self.url, error)
            return
        self._fetched_at = self._clock()

    async def _keys(self) -> Mapping[str, _OpenIdConfig]:
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=KEYS_TIMEOUT),
            trust_env=True,
            raise_for_status=True,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=UNCOMPRESSED,
        ) as session:
            async with asyncio.timeout(KEYS_TIMEOUT):
                async with session.get(self.url) as answer:
                    metadata = from_json(await whole_body(answer, _LONGEST), _Metadata)
                if metadata is None:
                    raise _NoKeys("the metadata are not understood")
                async with session.get(metadata.jwks_uri) as answer:
                    key_set = from_json(await whole_body(answer, _LONGEST), _KeySet)
        found = dict(filter(None, map(_public_key, key_set.keys if key_set is not None else [])))
        if not found:
            raise _NoKeys("there are no keys at the address of the keys")
        return found


def _public_key(key: object) -> tuple[str, _OpenIdConfig] | None:
    """Returns a key by its id; None for one that can't be used. The others are not lost with it."""
    if not isinstance(key, dict) or key.get("kty") != "RSA" or not text_or_empty(key.get("kid")):
        return None
    modulus, exponent = text_or_empty(key.get("n")), text_or_empty(key.get("e"))
    if not 0 < len(modulus) <= _LONGEST_MODULUS or not 0 < len(exponent) <= 16:
        return None
    try:
        public_key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": modulus, "e": exponent})
    except (InvalidKeyError, ValueError, TypeError, binascii.Error):
        return None
    vouched = key.get("endorsements")
    names = vouched if isinstance(vouched, list) else []
    return key["kid"], _OpenIdConfig(public_key, [name for name in names if text_or_empty(name)])
