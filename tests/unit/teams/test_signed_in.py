"""When the sign-in is tried, and what counts as trouble."""

from __future__ import annotations

import asyncio
import threading
from itertools import pairwise

import pytest

from campaigns.outcome import Reason
from teams.errors import TokenError
from teams.signed_in import SignedIn
from teams.tokens import Token, Tokens
from tests.support.virtual_time import VirtualTime, run

REFUSED = TokenError(Reason.UNAUTHORISED, "The secret has expired.")
OUT_OF_REACH = TokenError(Reason.NOT_CONNECTED, "Out of reach.")


class Failing:
    """A source of tokens that fails until it is mended, and notes when it was asked."""

    def __init__(self, time: VirtualTime) -> None:
        self.trouble = "The secret has expired."
        self.asked: list[float] = []
        self._time = time

    async def get(self) -> str:
        self.asked.append(self._time.monotonic())
        if self.trouble:
            raise REFUSED
        return "token"

    async def forget(self, refused: str) -> None:
        raise AssertionError


def test_a_sign_in_that_fails_is_tried_less_and_less_often() -> None:
    async def main(time: VirtualTime) -> None:
        tokens = Failing(time)
        looking = asyncio.create_task(SignedIn(tokens).run())
        await asyncio.sleep(1_300)
        pauses = [round(later - earlier) for earlier, later in pairwise(tokens.asked)]
        assert pauses == [10, 20, 40, 80, 160, 300, 300, 300]
        tokens.trouble = ""
        await asyncio.sleep(600)
        mended = len(tokens.asked)
        tokens.trouble = "The secret has expired."
        await asyncio.sleep(100)
        pauses = [round(later - earlier) for earlier, later in pairwise(tokens.asked[mended - 1 :])]
        assert pauses[:3] == [60, 10, 20]
        looking.cancel()

    run(main)


class Source:
    """Gives a token for an hour, or raises ``error``."""

    def __init__(self) -> None:
        self.error: TokenError | None = None

    def __call__(self) -> Token:
        if self.error is not None:
            raise self.error
        return Token("token", 3600.0)


@pytest.mark.parametrize(
    ("error", "at_renewal", "at_expiry"),
    [
        (REFUSED, "The secret has expired.", "The secret has expired."),
        (OUT_OF_REACH, "", "Out of reach."),
    ],
    ids=["refused", "out of reach"],
)
async def test_a_later_failure_is_trouble_as_soon_as_it_is_certain(
    error: TokenError, at_renewal: str, at_expiry: str
) -> None:
    now, source = [1000.0], Source()
    tokens = Tokens(source, clock=lambda: now[0])
    assert tokens.trouble == "The first sign-in is under way."
    await tokens.get()
    assert tokens.trouble == ""
    source.error = error
    now[0] += 3_100
    await tokens.get()
    await asyncio.wait_for(renewed(), 10)
    assert tokens.trouble == at_renewal
    now[0] += 500
    with pytest.raises(TokenError):
        await tokens.get()
    assert tokens.trouble == at_expiry
    source.error = None
    now[0] += 5
    await tokens.get()
    assert tokens.trouble == ""


async def test_a_token_that_teams_refused_is_no_trouble_of_the_sign_in() -> None:
    now = [1000.0]
    tokens = Tokens(Source(), clock=lambda: now[0])
    token = await tokens.get()
    now[0] += 20
    await tokens.forget(token)
    assert tokens.trouble == ""


async def renewed() -> None:
    """Waits for the fetch in the background."""
    flights = [task for task in asyncio.all_tasks() if task.get_name() == "fetch token"]
    await asyncio.gather(*flights, return_exceptions=True)


async def test_the_end_of_the_process_does_not_wait_for_a_sign_in_that_hangs() -> None:
    gate = threading.Event()

    def hang() -> Token:
        gate.wait(10)
        return Token("token", 3600.0)

    before = set(threading.enumerate())
    getting = asyncio.create_task(Tokens(hang).get())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    [thread] = set(threading.enumerate()) - before
    assert thread.daemon
    gate.set()
    assert await getting == "token"
