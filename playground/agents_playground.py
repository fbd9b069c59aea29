"""Installs and starts the Microsoft 365 Agents Playground, a Node program that plays Teams."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from playground.process import Child, ProcessError, Write, show

FOLDER = Path(__file__).resolve().parent
PACKAGE = "@microsoft/m365agentsplayground"
INSTALLED = FOLDER / "node_modules" / PACKAGE

NODE_VERSION = 18
"""The oldest Node that the playground runs on."""

START_SECONDS = 60.0


class NodeMissingError(Exception):
    """Node is not on this machine, or too old; the text says what to install."""


async def install(*, write: Write = show) -> None:
    """Installs the pinned playground in `playground/node_modules`, unless it is there.

    No other step needs a network. Raises `NodeMissingError`, or `ProcessError` when npm fails.
    """
    await check_node()
    if _installed_version() == _pinned_version():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise NodeMissingError(
            "npm, which comes with Node, is missing. Install it to get the playground."
        )
    write(f"Installing the Agents Playground {_pinned_version()} with npm, once ...")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    child = await Child.start("npm", command, cwd=FOLDER, environment=os.environ, write=write)
    try:
        code = await child.ended()
    finally:
        await child.stop()
    if code != 0:
        raise ProcessError(f"npm could not install the Agents Playground (exit code {code}).")


async def check_node() -> None:
    """Raises `NodeMissingError` unless a recent enough Node is installed."""
    advice = (
        f"Install Node {NODE_VERSION} or newer from https://nodejs.org to see the bot in a browser."
    )
    node = shutil.which("node")
    if node is None:
        raise NodeMissingError(f"Node is missing. {advice}")
    lines: list[str] = []
    child = await Child.start(
        "node", [node, "--version"], cwd=FOLDER, environment=os.environ, write=lines.append
    )
    await child.ended()
    version = lines[-1].split()[-1] if lines else "of unknown version"
    major = version.lstrip("v").split(".")[0]
    if not major.isdecimal() or int(major) < NODE_VERSION:
        raise NodeMissingError(f"Node {version} is too old. {advice}")


async def start(
    port: int,
    *,
    bot: str,
    log: Path,
    open_browser: bool = False,
    write: Write = show,
) -> Child:
    """Starts an installed playground that talks to the endpoint `bot`; returns when it answers.

    `log` is the file for its own log. Raises `ProcessError` when it does not answer in time, and
    `NodeMissingError`.
    """
    node = shutil.which("node")
    if node is None:
        raise NodeMissingError("Node is missing.")
    environment = {
        **os.environ,
        "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(FOLDER / ".m365agentsplayground.yml"),
        "M365_AGENTS_PLAYGROUND_LOGFILE": str(log),
    }
    if not open_browser:
        environment["TEAMSAPPTESTER_BROWSER"] = "none"
    command = [
        node,
        str(INSTALLED / "cli.js"),
        "start",
        "--app-endpoint", bot,
        "--channel-id", "msteams",
        "--port", str(port),
        "--disable-telemetry",
    ]  # fmt: skip
    child = await Child.start(
        "playground", command, cwd=FOLDER, environment=environment, write=write
    )
    try:
        await child.answers(url(port), within=START_SECONDS)
    except BaseException:
        await child.stop()
        raise
    return child


def url(port: int) -> str:
    """Returns the playground's address. It answers to this name and not to 127.0.0.1."""
    return f"http://localhost:{port}"


def has_screen() -> bool:
    """True when a browser opened here can be seen."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _pinned_version() -> str:
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    version: str = package["dependencies"][PACKAGE]
    return version


def _installed_version() -> str | None:
    try:
        package = json.loads((INSTALLED / "package.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    version: str = package["version"]
    return version
