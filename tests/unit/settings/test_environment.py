"""The process's environment and the `.env` file, and what stops the start in them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from settings import LogLevel, SettingsError, TinyDBStore, from_environment
from settings.names import COMPOSE_NAMES
from tests.support.tree import ROOT


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=4000\nLOG_LEVEL=DEBUG\nSTORE='tinydb:a$HOME'\nTIME_ZONE=\n", "utf-8")
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
        (b"PORT=4000\nMICROSOFT_APP_ID\n", ".env line 2 is not understood"),
        (b"PORT=4000\nexport ADMINS\n", ".env line 2 is not understood"),
        (b"PORT=4000\nMICROSOFT_APP_PASSWORD=s3cret\0\n", ".env line 2 has a NUL character"),
        ("PORT=4000\n".encode("utf-16-le"), ".env line 1 has a NUL character"),
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


def lines_of(content: str, folder: Path) -> list[str]:
    """The lines that the operator gets for this file."""
    file = folder / ".env"
    file.write_text(content, "utf-8", newline="")
    with pytest.raises(SettingsError) as caught:
        from_environment(file)
    return str(caught.value).splitlines()


EXAMPLE = "the names are those in .env.example"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            "PORT=4000\nPERSONAL_TRACKNG=off\n",
            "PERSONAL_TRACKNG (.env line 2) is not known: is PERSONAL_TRACKING meant?",
        ),
        (
            "\r\n\r\nPERSONALTRACKING=off\r\n",
            "PERSONALTRACKING (.env line 3) is not known: is PERSONAL_TRACKING meant?",
        ),
        ("port=1", "port (.env line 1) is not known: is PORT meant?"),
        ("PROT=1", "PROT (.env line 1) is not known: is PORT meant?"),
        ("export RATE=10", f"RATE (.env line 1) is not known: {EXAMPLE}"),
        ("ADMIN=a@b.example", "ADMIN (.env line 1) is not known: is ADMINS meant?"),
        ("TIMEZONE=UTC", "TIMEZONE (.env line 1) is not known: is TIME_ZONE meant?"),
        ("TZ=UTC", "TZ (.env line 1) is not known: is TIME_ZONE meant?"),
        ("DATABASE_URL=x", "DATABASE_URL (.env line 1) is not known: is STORE meant?"),
        (
            "MicrosoftAppPassword=x",
            "MicrosoftAppPassword (.env line 1) is not known: is MICROSOFT_APP_PASSWORD meant?",
        ),
        (
            "CLIENT_SECRET=x",
            "CLIENT_SECRET (.env line 1) is not known: is MICROSOFT_APP_PASSWORD meant?",
        ),
        ("HTTPS_PROXY=x", f"HTTPS_PROXY (.env line 1) is not known: {EXAMPLE}"),
        ("Abc8Q~s3cret=x", f".env line 1 has a name that is not known: {EXAMPLE}"),
        ("s3cret" * 9 + "=x", f".env line 1 has a name that is not known: {EXAMPLE}"),
        ("PORT=1\n\nPORT=1", "PORT (.env lines 1 and 3) is set 2 times: keep one of them"),
        (
            "PORT=1\nPORT=2\n# x\nexport PORT=3",
            "PORT (.env lines 1, 2 and 4) is set 3 times: keep one of them",
        ),
    ],
)
def test_a_name_that_would_be_passed_over_stops_the_start(
    content: str, line: str, tmp_path: Path
) -> None:
    lines = lines_of(content, tmp_path)
    assert lines == [line]
    assert "s3cret" not in lines[0]


def test_names_and_values_of_file_and_environment_are_reported_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONAL_TRACKINGS", "off")
    assert lines_of("LOG_LEVL=DEBUG\nTIME_ZONE=Mars\n", tmp_path) == [
        "LOG_LEVL (.env line 1) is not known: is LOG_LEVEL meant?",
        "PERSONAL_TRACKINGS (environment) is not known: is PERSONAL_TRACKING meant?",
        "TIME_ZONE = 'Mars' is not allowed: an IANA time zone, such as Europe/Berlin",
    ]


@pytest.mark.parametrize(
    ("content", "store"),
    [
        ("STORE=tinydb:a", "a"),
        ("export STORE=tinydb:a\n", "a"),
        ("\ufeffSTORE=tinydb:a\r\n# end\r\n", "a"),
        ("  STORE = 'tinydb:a'  # a comment\n", "a"),
        ('STORE="tinydb:a b"\n', "a b"),
    ],
)
def test_a_line_may_be_written_as_in_a_shell(content: str, store: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(content, "utf-8", newline="")
    assert from_environment(file).store == TinyDBStore(Path(store))


def test_the_variables_of_compose_may_stand_in_the_same_file(tmp_path: Path) -> None:
    compose = (ROOT / "compose.yaml").read_text("utf-8")
    names = set(re.findall(r"\$\{(\w+)", compose))
    assert names == {*COMPOSE_NAMES}
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}=x\n" for name in [*names, "COMPOSE_PROJECT_NAME"]), "utf-8")
    from_environment(file)
