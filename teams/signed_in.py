"""Keeps the bot signed in from its start on, so that a wrong secret shows before anybody sends."""

from __future__ import annotations

import asyncio
import contextlib

import msgspec

from teams.errors import TokenError
from teams.tokens import TokenSource


class SignInRules(msgspec.Struct, frozen=True, kw_only=True):
    """Times between two looks at the sign-in; all in seconds."""

    first_pause: float = 10.0
    """Time until a sign-in that has failed is tried again; it is doubled each time."""
    longest_pause: float = 300.0
    """The longest time until it is tried again. By then an outage has been over for a while, or
    somebody has repaired the registration."""
    look: float = 60.0
    """Time between two looks while it works. The token is renewed in time, and only then."""


STANDARD = SignInRules()


class SignedIn:
    """Tries the sign-in at the start, and again until it works.

    It retries no message. It only sees that there is a token, and knows the reason when there is
    none.
    """

    def __init__(self, tokens: TokenSource, rules: SignInRules = STANDARD) -> None:
        self._tokens = tokens
        self._rules = rules
        self._tried = asyncio.Event()

    @property
    def trouble(self) -> str:
        """The sentence for the operator about what is wrong with the sign-in; empty: nothing is."""
        return self._tokens.trouble

    async def tried(self, within: float) -> None:
        """Waits until the sign-in has been tried once, for at most ``within`` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._tried.wait()

    async def run(self) -> None:
        """Looks at the sign-in until it is cancelled."""
        pause = self._rules.first_pause
        while True:
            # The failure stays in ``trouble``, and the source of the tokens has logged it.
            with contextlib.suppress(TokenError):
                await self._tokens.get()
            self._tried.set()
            if self._tokens.trouble:
                await asyncio.sleep(pause)
                pause = min(2 * pause, self._rules.longest_pause)
            else:
                await asyncio.sleep(self._rules.look)
                pause = self._rules.first_pause
