"""Builds the app package: the manifest, filled in, and the two icons, as one zip file."""

import json
import tomllib
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

FOLDER = Path(__file__).parent
ICONS = ("color.png", "outline.png")

_PYPROJECT = FOLDER.parent / "pyproject.toml"
# The date of every file in the package, so that the same settings give the same bytes.
_DATE = (2020, 1, 1, 0, 0, 0)


class App(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a package that are different for each organisation."""

    app_id: str
    """The bot's app id; the Teams app has the same."""
    public_url: str
    """The address at which browsers reach the bot: click links and downloads lead there."""
    name: str
    """The bot's name as people see it; at most 30 characters."""
    developer: str
    """The people who run it; at most 32 characters."""
    website: str
    privacy: str
    terms: str
    version: str
    """Three numbers with dots. Teams accepts an update only when its version is higher."""
    icons: Path = FOLDER
    """The folder of `color.png` (192 x 192 pixels) and `outline.png` (32 x 32)."""


def project_version() -> str:
    """Returns the version in `pyproject.toml`."""
    version = tomllib.loads(_PYPROJECT.read_text("utf-8"))["project"]["version"]
    return str(version)


def manifest(app: App) -> dict[str, Any]:
    """Returns the manifest of this app, made from `template.json`."""
    filled: dict[str, Any] = json.loads((FOLDER / "template.json").read_text("utf-8"))
    filled["id"] = app.app_id
    filled["version"] = app.version
    filled["name"]["short"] = app.name
    filled["developer"] = {
        "name": app.developer,
        "websiteUrl": app.website,
        "privacyUrl": app.privacy,
        "termsOfUseUrl": app.terms,
    }
    filled["bots"][0]["botId"] = app.app_id
    # Without it the resource-specific permission (read receipts) is not granted.
    filled["webApplicationInfo"]["id"] = app.app_id
    filled["validDomains"] = [urlsplit(app.public_url).hostname]
    return filled


def write(app: App, target: Path) -> None:
    """Writes the zip file and its folder; an older file is replaced.

    Raises OSError when an icon can't be read or the file can't be written.
    """
    files = {"manifest.json": json.dumps(manifest(app), indent=2, ensure_ascii=False).encode()}
    files |= {icon: (app.icons / icon).read_bytes() for icon in ICONS}
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(
                zipfile.ZipInfo(name, _DATE), content, compress_type=zipfile.ZIP_DEFLATED
            )
