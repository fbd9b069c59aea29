"""`make run` when other programs use its ports: it names a command that works."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from playground.bot import ROOT
from playground.process import free_port, is_free

COMMAND = re.compile(
    r"^  (\S*python\S*) -m playground --bot-port (\d+) --port (\d+)$", re.MULTILINE
)


@pytest.fixture
def taken() -> Iterator[int]:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def errors_of_run(bot_port: int, port: int) -> str:
    """Returns what the playground prints before it ends with an error."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "playground", "--bot-port", str(bot_port), "--port", str(port),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await asyncio.wait_for(child.communicate(), 30.0)
    assert child.returncode == 1
    return errors.decode()


async def test_a_taken_port_is_answered_by_a_command_with_free_ones(taken: int) -> None:
    other = free_port()
    for bot_port, port in ((taken, other), (other, taken)):
        text = await errors_of_run(bot_port, port)
        assert f"Port {taken} is in use" in text
        command = COMMAND.search(text)
        assert command is not None, text
        offered = [int(command[2]), int(command[3])]
        assert taken not in offered
        assert other in offered
        assert all(map(is_free, offered))


async def test_bot_and_playground_can_not_have_the_same_port() -> None:
    port = free_port()
    text = await errors_of_run(port, port)
    command = COMMAND.search(text)
    assert command is not None, text
    assert command[2] != command[3]
