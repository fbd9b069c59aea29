"""The app package: valid by Teams' own schema, and filled from the settings."""

import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from manifest.__main__ import main
from manifest.package import FOLDER, ICONS
from settings import PackageSettings, load_package_settings
from tests.support.tree import ROOT

APP = "0f5e8f0a-6a0e-4f0c-9f53-1f3a4b5c6d7e"
PUBLISHED = PackageSettings(app_id=APP, public_url="https://campaigns.contoso.com/bot")
SCHEMA = ROOT / "tests" / "schemas" / "teams-manifest-1.19.json"


def published() -> PackageSettings:
    return PUBLISHED


def packaged(folder: Path, *arguments: str) -> dict[str, Any]:
    target = folder / "new" / "app.zip"
    assert main([*arguments, "--output", str(target)], published) == 0
    with zipfile.ZipFile(target) as package:
        assert sorted(package.namelist()) == ["color.png", "manifest.json", "outline.png"]
        manifest: dict[str, Any] = json.loads(package.read("manifest.json"))
    return manifest


def test_the_manifest_is_valid_by_the_schema_it_names(tmp_path: Path) -> None:
    manifest = packaged(tmp_path)
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.validators.validator_for(schema).check_schema(schema)
    jsonschema.validate(manifest, schema)
    assert manifest["manifestVersion"] == schema["properties"]["manifestVersion"]["const"]
    assert f"/v{manifest['manifestVersion']}/" in manifest["$schema"]


def test_the_schema_is_not_toothless(tmp_path: Path) -> None:
    manifest = packaged(tmp_path)
    manifest["bots"][0]["scope"] = ["personal"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest, json.loads(SCHEMA.read_text("utf-8")))


def test_the_manifest_speaks_of_this_bot(tmp_path: Path) -> None:
    manifest = packaged(tmp_path)
    [bot] = manifest["bots"]
    assert manifest["id"] == bot["botId"] == manifest["webApplicationInfo"]["id"] == APP
    assert manifest["validDomains"] == ["campaigns.contoso.com"]
    assert manifest["developer"]["websiteUrl"] == "https://campaigns.contoso.com/bot"
    assert bot["scopes"] == ["personal"]
    assert bot["supportsFiles"] is False


def test_the_commands_of_the_chat_are_offered(tmp_path: Path) -> None:
    [bot] = packaged(tmp_path)["bots"]
    [commands] = bot["commandLists"]
    assert commands["scopes"] == ["personal"]
    assert [command["title"] for command in commands["commands"]] == [
        "menu",
        "new campaign",
        "campaigns",
        "lists",
        "help",
    ]


def test_read_receipts_are_asked_for_and_nothing_else(tmp_path: Path) -> None:
    assert packaged(tmp_path)["authorization"]["permissions"]["resourceSpecific"] == [
        {"name": "ChatMessageReadReceipt.Read.Chat", "type": "Application"}
    ]


def test_an_organisation_gives_it_its_own_name_and_pages(tmp_path: Path) -> None:
    manifest = packaged(
        tmp_path,
        *("--name", "Contoso News", "--developer", "Contoso Communications"),
        *("--website", "https://contoso.com", "--privacy", "https://contoso.com/privacy"),
        *("--version", "2.0.1"),
    )
    assert manifest["name"]["short"] == "Contoso News"
    assert manifest["version"] == "2.0.1"
    assert manifest["developer"] == {
        "name": "Contoso Communications",
        "websiteUrl": "https://contoso.com",
        "privacyUrl": "https://contoso.com/privacy",
        "termsOfUseUrl": "https://contoso.com",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", "x" * 31),
        ("--name", ""),
        ("--developer", "x" * 33),
        ("--website", "http://contoso.com"),
        ("--version", "1.0"),
        ("--version", "1.0.0-beta"),
    ],
)
def test_what_teams_would_refuse_is_refused_here(
    arguments: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "app.zip"
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--output", str(target)], published)
    assert stopped.value.code == 2
    assert arguments[0] in capsys.readouterr().err
    assert not target.exists()


def test_all_that_is_missing_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "app.zip"
    assert main(["--output", str(target)], lambda: load_package_settings({})) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "MICROSOFT_APP_ID is missing",
        "PUBLIC_URL is missing",
    ]
    assert not target.exists()


def test_the_arguments_are_explained_before_anything_is_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"], lambda: load_package_settings({}))
    assert stopped.value.code == 0
    assert "--developer" in capsys.readouterr().out


def test_an_organisation_gives_it_its_own_icons(tmp_path: Path) -> None:
    for icon in ICONS:
        (tmp_path / icon).write_bytes(f"our {icon}".encode())
    target = tmp_path / "app.zip"
    assert main(["--icons", str(tmp_path), "--output", str(target)], published) == 0
    with zipfile.ZipFile(target) as package:
        assert [package.read(icon) for icon in ICONS] == [b"our color.png", b"our outline.png"]


def test_a_missing_icon_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "app.zip"
    assert main(["--icons", str(tmp_path), "--output", str(target)], published) == 2
    assert "color.png: No such file" in capsys.readouterr().err
    assert not target.exists()


def test_the_same_settings_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    main(["--output", str(first)], published)
    main(["--output", str(second)], published)
    assert first.read_bytes() == second.read_bytes()


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height, and the bytes (red, green, blue, alpha) of an 8-bit RGB or RGBA picture."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, position = [], 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        chunks.append((png[position + 4 : position + 8], png[position + 8 : position + 8 + length]))
        position += 12 + length
    width, height, depth, colours, *rest = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
    assert (depth, rest) == (8, [0, 0, 0])
    channels = {2: 3, 6: 4}[colours]
    packed = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    rows = unfiltered(packed, width * channels, channels)
    if channels == 4:
        return width, height, rows
    opaque = (rows[pixel : pixel + 3] + b"\xff" for pixel in range(0, len(rows), 3))
    return width, height, b"".join(opaque)


def unfiltered(packed: bytes, width: int, channels: int) -> bytes:
    """The rows without what the PNG specification calls their filters (section 9)."""
    above, rows = bytes(width), bytearray()
    for start in range(0, len(packed), width + 1):
        kind, row = packed[start], bytearray(packed[start + 1 : start + 1 + width])
        for i in range(width):
            left, corner = (row[i - channels], above[i - channels]) if i >= channels else (0, 0)
            guess = left + above[i] - corner
            nearest = min((left, above[i], corner), key=lambda value: abs(guess - value))
            row[i] = (row[i] + (0, left, above[i], (left + above[i]) // 2, nearest)[kind]) & 255
        above = bytes(row)
        rows += above
    return bytes(rows)


def test_the_color_icon_is_a_full_opaque_square_of_192_pixels() -> None:
    width, height, rgba = pixels((FOLDER / "color.png").read_bytes())
    assert (width, height) == (192, 192)
    assert set(rgba[3::4]) == {255}


def test_the_outline_icon_has_32_pixels_and_is_white_on_transparent() -> None:
    width, height, rgba = pixels((FOLDER / "outline.png").read_bytes())
    assert (width, height) == (32, 32)
    drawn = [
        rgba[position : position + 3] for position in range(0, len(rgba), 4) if rgba[position + 3]
    ]
    assert set(drawn) == {b"\xff\xff\xff"}
    assert {0, 255} <= set(rgba[3::4]), "there is both a drawing and a background"
