"""Counts three walks through the product's code: ``python -m benchmarks.walks``.

* **A press**: an admin presses *Send now*, from the activity's arrival at the handler to the card
  that asks whether to send.
* **A delivery**: the way to one recipient, from the dispatcher's claim to the durable settlement.
* **An answer**: a recipient presses *Send my answers*, from the handler to the card that thanks.

The whole bot runs, with its store in memory and the fake Teams service around it. Each walk is
counted in three ways. *As it runs* follows every call and every return. *As it is read* follows the
first call of each function only: a reader knows it from then on. *Read to the edges* is the same
without the inside of the store and of the calls to Teams.

A *stay* is a stretch of the walk in one file. A *return* is a stay in a file that was left before.
The counts are the same in each run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dis
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextvars import ContextVar
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeVar

import msgspec

from bot.handler import Handler
from storage.embedded.ledger.ledger import EmbeddedLedger
from storage.embedded.store import EmbeddedStore
from tests.fake_teams import FakeTeams
from tests.support.campaigns import staff, survey_staff
from tests.support.chats.cards import buttons, texts
from tests.support.chats.chat import TENANT, Person, running, write

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("bot", "dialogs", "delivery", "cards", "storage", "teams", "campaigns")
"""The packages whose files are counted."""
EDGES = ("storage/", "teams/")
"""The folders behind a protocol, where a reader may stop."""

_IN_WALK: ContextVar[object] = ContextVar("_IN_WALK", default=None)
"""The walk that the present task belongs to. The tasks that it starts inherit it. So no other work
of the bot is counted."""

_YIELD = dis.opmap["YIELD_VALUE"]

T = TypeVar("T")


class Count(msgspec.Struct, frozen=True):
    """The counts of one way to follow a walk."""

    files: list[str]
    """In the order of the first stay in each."""
    stays: int

    @property
    def returns(self) -> int:
        """Number of stays in a file that was left before."""
        return self.stays - len(self.files)


class Walk:
    """The calls between the call of the function ``first`` and the end of the function ``last``."""

    def __init__(self, name: str, first: Callable[..., Any], last: Callable[..., Any]) -> None:
        self.name = name
        self._first = first.__code__
        self._last = last.__code__
        self._run: list[str] = []
        self._read: list[str] = []
        self._functions: set[CodeType] = set()
        self._open: set[FrameType] = set()
        """Coroutines that have begun. Python calls them anew whenever they go on."""
        self._resumed = ""
        self.ended = False

    @property
    def functions(self) -> int:
        """Number of functions that were called."""
        return len(self._functions)

    def counts(self) -> dict[str, Count]:
        """Returns the counts for each of the three ways to follow the walk."""
        to_edges = [file for file in self._read if not file.startswith(EDGES)]
        return {
            "as it runs": _count(self._run),
            "as it is read": _count(self._read),
            "read to the edges": _count(to_edges),
        }

    def follow(self, frame: FrameType, event: str, _: object) -> None:
        """Records a call or a return; ``sys.setprofile`` calls this."""
        if self.ended or event not in ("call", "return"):
            return
        code = frame.f_code
        if code is self._first and event == "call" and not self._functions:
            _IN_WALK.set(self)
            self._open.update(_callers_of(frame))
        if _IN_WALK.get() is not self or not (file := _file_of(code)):
            return
        if event == "return":
            self._return(frame)
        elif frame in self._open:
            self._resumed = file
        else:
            self._call(frame, file)

    def _call(self, frame: FrameType, file: str) -> None:
        self._go_on()
        if frame.f_code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
            self._open.add(frame)
        caller = _caller_of(frame)
        self._run += [caller, file]
        if frame.f_code not in self._functions:
            self._functions.add(frame.f_code)
            self._read += [caller, file]

    def _return(self, frame: FrameType) -> None:
        if frame in self._open and frame.f_code.co_code[frame.f_lasti] == _YIELD:
            return  # It waits for something.
        self._go_on()
        self._open.discard(frame)
        self._run.append(_caller_of(frame))
        self.ended = frame.f_code is self._last

    def _go_on(self) -> None:
        """Records where a coroutine has gone on after waiting."""
        self._run.append(self._resumed)
        self._resumed = ""


def _count(files: list[str]) -> Count:
    named = [file for file in files if file]
    return Count(list(dict.fromkeys(named)), sum(1 for _ in itertools.groupby(named)))


def _file_of(code: CodeType) -> str:
    """Returns the file as a path from the root; empty when it is not the product's."""
    path = Path(code.co_filename)
    if not path.is_relative_to(ROOT):
        return ""
    inside = path.relative_to(ROOT)
    return inside.as_posix() if inside.parts[0] in LAYERS else ""


def _caller_of(frame: FrameType) -> str:
    """Returns the product's file that waits for this call; empty at the beginning of a task."""
    files = (_file_of(caller.f_code) for caller in _callers_of(frame))
    return next(filter(None, files), "")


def _callers_of(frame: FrameType) -> Iterator[FrameType]:
    """Yields the frames that wait for this call, the nearest first."""
    caller = frame.f_back
    while caller is not None:
        yield caller
        caller = caller.f_back


@contextlib.contextmanager
def followed(walk: Walk) -> Iterator[None]:
    """Follows the walk. Raises AssertionError when it has not come to its end."""
    sys.setprofile(walk.follow)
    try:
        yield
    finally:
        sys.setprofile(None)
    assert walk.ended, f"{walk.name} has not ended"


async def walks() -> list[Walk]:
    """Makes the three walks, one after the other in one bot, and returns them."""
    handle = Handler.on_turn
    press = Walk("A press: Send now", handle, handle)
    delivery = Walk(
        "A delivery: from its claim to its settlement", EmbeddedLedger.claim, EmbeddedLedger.settle
    )
    answer = Walk("An answer: Send my answers", handle, handle)
    async with FakeTeams(auth=True) as fake:
        [user] = fake.add_users(1, tenant=TENANT)
        async with running(fake, Path(), admin=user, store=EmbeddedStore(None)) as bot:
            admin = Person(fake, bot, user)
            await admin.installs()
            await write(admin, name=staff.NAME, message=staff.MESSAGE)
            with followed(press):
                await admin.presses("Send now")
            [yes] = [title for title in buttons(admin.card) if title.startswith("Yes, send to ")]
            with followed(delivery):
                await admin.presses(yes)
                if "Report · Completed" not in texts(admin.card):
                    await admin.sees("· Completed")
            [colleague] = await staff.staff(fake, bot, 1)
            recipient = Person(fake, bot, colleague)
            await survey_staff.ask(admin, survey_staff.ONE)
            survey_staff.opens(recipient)
            with followed(answer):
                await recipient.presses("Send my answers", a_q1="0")
    return [press, delivery, answer]


class _Loop(asyncio.SelectorEventLoop):
    """A loop that does the work of threads itself, so that a walk has one order."""

    def run_in_executor(  # type: ignore[override]  # typeshed's needs Python 3.11's type variables
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self.create_future()
        future.set_result(func(*args))
        return future


def main(arguments: Sequence[str] | None = None) -> None:
    """Walks, and prints the counts."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.walks", description="Counts three walks through the code."
    )
    parser.add_argument("--files", action="store_true", help="list the files of each walk, too")
    options = parser.parse_args(arguments)
    with asyncio.Runner(loop_factory=_Loop) as runner:
        for walk in runner.run(walks()):
            print(f"{walk.name}, {walk.functions} functions")
            for way, count in walk.counts().items():
                print(
                    f"  {way:17} {len(count.files):3} files {count.stays:5} stays "
                    f"{count.returns:5} returns"
                )
            if options.files:
                print(*(f"    {file}" for file in walk.counts()["as it is read"].files), sep="\n")


if __name__ == "__main__":
    main()
