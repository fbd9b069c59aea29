"""How `python -m playground` runs its programs, shown on small ones."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from playground.agents_playground import NodeMissingError, check_node
from playground.process import Child, ProcessError, free_port, is_free

SERVER = """
import http.server, sys
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
print("starting")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ok).serve_forever()
"""


async def start(folder: Path, output: list[str], program: str, *arguments: str) -> Child:
    return await Child.start(
        "sample",
        [sys.executable, "-u", "-c", program, *arguments],
        cwd=folder,
        environment=os.environ,
        write=output.append,
    )


async def test_a_program_is_up_once_it_answers_and_gone_once_it_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    output: list[str] = []
    child = await start(tmp_path, output, SERVER, str(port))

    await child.answers(f"http://127.0.0.1:{port}/", within=20)
    assert not is_free(port)
    await child.stop()

    assert is_free(port)
    assert output[0] == "    sample | starting"


async def test_a_program_that_ends_while_starting_is_not_taken_for_a_slow_one(
    tmp_path: Path,
) -> None:
    output: list[str] = []
    child = await start(tmp_path, output, "raise SystemExit('no such store')")

    with pytest.raises(ProcessError, match="The sample ended while starting, exit code 1"):
        await child.answers(f"http://127.0.0.1:{free_port()}/", within=20)
    assert output == ["    sample | no such store"]


async def test_a_program_that_never_answers_is_given_up(tmp_path: Path) -> None:
    child = await start(tmp_path, [], "input()")

    with pytest.raises(ProcessError, match="The sample does not answer"):
        await child.answers(f"http://127.0.0.1:{free_port()}/", within=0.3)
    await child.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal to refuse")
async def test_a_program_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    port = free_port()
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER
    child = await start(tmp_path, [], deaf, str(port))
    await child.answers(f"http://127.0.0.1:{port}/", within=20)

    assert await child.stop(within=0.3) < 0


async def test_the_input_of_a_program_stays_open(tmp_path: Path) -> None:
    child = await start(tmp_path, [], "import sys; sys.exit(sys.stdin.read())")

    with pytest.raises(ProcessError, match="does not answer"):
        await child.answers(f"http://127.0.0.1:{free_port()}/", within=0.5)
    await child.stop()


def test_a_port_that_another_program_uses_on_all_addresses_is_not_free() -> None:
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        assert not is_free(other.getsockname()[1])


async def test_the_error_about_a_missing_node_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NodeMissingError, match=r"Install Node 18 or newer"):
        await check_node()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script that is a program")
async def test_the_error_about_an_old_node_names_its_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v16.20.2\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NodeMissingError, match=r"Node v16.20.2 is too old"):
        await check_node()
