"""The process's environment and the `.env` file, and what stops the start in them."""

import subprocess
import sys
from pathlib import Path

import pytest

from settings import LogLevel, SettingsError, TinyDBStore, from_environment
from tests.support.tree import ROOT


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=4000\nLOG_LEVEL=DEBUG\nSTORE='tinydb:a$HOME'\nTIME_ZONE\n", "utf-8")
    monkeypatch.setenv("PORT", "5000")
    for variable in ("LOG_LEVEL", "STORE", "TIME_ZONE", "MICROSOFT_APP_ID", "HOST", "ADMINS"):
        monkeypatch.delenv(variable, raising=False)
    settings = from_environment(file)
    assert settings.port == 5000
    assert settings.log_level is LogLevel.DEBUG
    assert settings.store == TinyDBStore(Path("a$HOME")), "a dollar sign is only a dollar sign"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"PORT=4000\nADMINS=j\xf6rg@contoso.com\n", ".env line 2 is not in UTF-8"),
        ("PORT=4000\n".encode("utf-16"), ".env line 1 is not in UTF-8"),
        (b"PORT=4000\n\n\nMICROSOFT_APP_PASSWORD s3cret\n", ".env line 4 is not understood"),
        (b"MICROSOFT_APP_PASSWORD='s3cret\nPORT=4000\n", ".env line 1 is not understood"),
    ],
)
def test_a_file_that_is_not_understood_stops_the_start(
    content: bytes, line: str, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        from_environment(file)
    lines = str(caught.value)
    assert lines.startswith(f"{line}: ")
    assert "\n" not in lines
    assert "s3cret" not in lines


def test_every_line_that_is_not_understood_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"HOST 127.0.0.1\r\n# fine\r\n\r\nPORT 4000\r\n")
    with pytest.raises(SettingsError) as caught:
        from_environment(file)
    assert [str(problem).partition(" is ")[0] for problem in caught.value.problems] == [
        ".env line 1",
        ".env line 4",
    ]


def test_a_folder_in_place_of_the_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(SettingsError) as caught:
        from_environment(tmp_path / ".env")
    assert str(caught.value).startswith(".env can't be read (")
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_the_first_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORT", raising=False)
    file = tmp_path / ".env"
    file.write_text("PORT=4000\n", "utf-8-sig")
    assert from_environment(file).port == 4000


def test_a_bad_file_ends_the_program_with_one_line_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"ADMINS=j\xf6rg@contoso.com\n")
    ended = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr == ".env line 1 is not in UTF-8: a text file in UTF-8\n"
