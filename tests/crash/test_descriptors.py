"""A real process with few file descriptors, and callers who want them all."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from pathlib import Path

import aiohttp

from tests.support.processes.bot_process import BotProcess

FEW = 128
"""Descriptors of the process; it has some 20 in use."""


async def test_more_callers_than_descriptors_stop_neither_health_nor_store_nor_fill_the_log(
    tmp_path: Path,
) -> None:
    bot = BotProcess(tmp_path / "store", tmp_path / "log", descriptors=FEW)
    await bot.start()
    try:
        await bot.answers()
        host, port = bot.messages.removeprefix("http://").split("/")[0].split(":")
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(2 * FEW):
                _, writer = await asyncio.open_connection(host, int(port))
                stack.callback(writer.close)
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: b")
            for path in ("healthz", "readyz"):
                # Readiness writes a file: the store has descriptors, too.
                url = f"http://{host}:{port}/{path}"
                async with aiohttp.ClientSession() as session, session.get(url) as answer:
                    assert answer.status == 200
            assert bot.descriptors_in_use() < FEW - 20
        assert "connections at most" in bot.log
        assert bot.log.count(" connections are open, and further ones take the place") == 1
        assert " ERROR " not in bot.log
        assert len(bot.log) < 5_000
        code, _ = await bot.terminate()
        assert code == 0
    finally:
        await bot.close()


async def test_the_process_takes_the_descriptors_that_it_may_have(tmp_path: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    bot = BotProcess(tmp_path / "store", tmp_path / "log", descriptors=FEW, hard_descriptors=hard)
    await bot.start()
    try:
        await bot.answers()
        expected = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
        assert f" {expected} file descriptors, " in bot.log
    finally:
        await bot.close()
