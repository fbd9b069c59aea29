"""`python -m playground`: the bot and the Agents Playground, together, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from playground import agents_playground, bot, colleagues
from playground.process import Child, ProcessError, free_port, is_free, show

LOG = bot.ROOT / "artifacts" / "agents-playground.log"


def main() -> int:
    """Runs both programs; returns the exit code: 0 when asked to stop, 1 when something failed."""
    options = _parse_options()
    try:
        return asyncio.run(_run(options.bot_port, options.port, open_browser=options.browser))
    except KeyboardInterrupt:
        return 0


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground", description=__doc__)
    parser.add_argument("--bot-port", type=int, default=3978, help="the bot's port (3978)")
    parser.add_argument("--port", type=int, default=56150, help="the playground's port (56150)")
    parser.add_argument(
        "--browser",
        action=argparse.BooleanOptionalAction,
        default=agents_playground.has_screen(),
        help="open the playground in a browser (by default where there is a screen)",
    )
    return parser.parse_args()


async def _run(bot_port: int, port: int, *, open_browser: bool) -> int:
    _stop_on_signals()
    try:
        _require_free(bot_port, port)
        return await _run_both(bot_port, port, open_browser=open_browser)
    except ProcessError as error:
        print(error, file=sys.stderr)
        return 1
    except asyncio.CancelledError:
        show("\nStopped.")
        return 0


def _stop_on_signals() -> None:
    """Handles a signal to stop like Ctrl-C: both children end first."""
    if sys.platform == "win32":
        return
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        # A second signal is ignored: cancelling twice would leave a child behind.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)


def _require_free(bot_port: int, port: int) -> None:
    """Raises ProcessError when another program has one of the ports.

    The error suggests a command with free ports.
    """
    needed = {"bot": bot_port, "playground": port}
    taken = [name for name in needed if not is_free(needed[name])]
    if bot_port == port:
        taken = list(needed)
    if not taken:
        return
    others: list[int] = []
    for name, number in needed.items():
        others.append(_free_from(number, but=others) if name in taken else number)
    reason = " ".join(f"Port {needed[name]} is in use, and the {name} needs it." for name in taken)
    if bot_port == port:
        reason = f"The bot and the playground need a port each; both were given {port}."
    command = f"{_python()} -m playground --bot-port {others[0]} --port {others[1]}"
    raise ProcessError(
        f"{reason}\nIf make run is running already, use that one. Otherwise take other ports:\n\n"
        f"  {command}\n"
    )


def _free_from(port: int, but: list[int]) -> int:
    """Returns the next free port above this one that is not in `but`."""
    return next(
        (number for number in range(port + 1, 65_536) if number not in but and is_free(number)),
        free_port(),
    )


def _python() -> str:
    """Returns the path of this Python, as a person would type it in the project's folder."""
    here = Path(sys.executable)
    return str(here.relative_to(bot.ROOT)) if here.is_relative_to(bot.ROOT) else str(here)


async def _run_both(bot_port: int, port: int, *, open_browser: bool) -> int:
    async with AsyncExitStack() as stack:
        # Node comes before the bot, so that people learn at once when it is missing.
        try:
            await agents_playground.install()
            has_playground = True
        except agents_playground.NodeMissingError as missing:
            show(f"{missing}\nStarting the bot alone.")
            has_playground = False

        children = [await bot.start(bot_port)]
        stack.push_async_callback(children[0].stop)
        if has_playground:
            LOG.parent.mkdir(exist_ok=True)
            child = await agents_playground.start(
                port, bot=bot.endpoint(bot_port), log=LOG, open_browser=open_browser
            )
            stack.push_async_callback(child.stop)
            children.append(child)
            await colleagues.install(bot.endpoint(bot_port), agents_playground.url(port))
        _greet(bot_port, port if has_playground else None)
        ended, code = await _first_to_end(children)
        print(f"The {ended.name} ended by itself, exit code {code}.", file=sys.stderr)
    return 1


def _greet(bot_port: int, port: int | None) -> None:
    show(f"\n  The bot listens at   {bot.endpoint(bot_port)}")
    if port is not None:
        show(f"  Talk to it at        {agents_playground.url(port)}   (type: menu)")
    show(f"  Ctrl-C stops {'it' if port is None else 'both'}.\n")


async def _first_to_end(children: list[Child]) -> tuple[Child, int]:
    waiting = {asyncio.create_task(child.ended()): child for child in children}
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    ended = done.pop()
    return waiting[ended], ended.result()


if __name__ == "__main__":
    sys.exit(main())
