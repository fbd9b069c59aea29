"""Parses the addresses: of the store, and of the bot itself.

As in `parsing`, each function raises ValueError or NotAllowed for a text that is not allowed.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from settings import parsing
from settings.problems import NotAllowed
from settings.values import PostgreSQLStore, Secret, TinyDBStore

_OTHER_SCHEMES = re.compile(
    r"(postgres\w*|postgersql|pgsql|psql|pg|jdbc)(\+\w+|:postgresql)?", re.IGNORECASE
)
_OTHER_FOLDERS = ("tinydb", "tiny", "tinybd", "tyndb", "file", "folder", "dir", "sqlite", "json")


def store(value: str) -> TinyDBStore | PostgreSQLStore:
    """Parses `tinydb:FOLDER` or `postgresql://…`."""
    scheme, colon, rest = value.partition(":")
    if scheme == "tinydb":
        return TinyDBStore(_folder(rest.strip()))
    if scheme == "postgresql" and rest.startswith("//"):
        return PostgreSQLStore(Secret(_database(value)))
    if _OTHER_SCHEMES.fullmatch(scheme):
        raise NotAllowed("A database begins with postgresql://.")
    if colon and scheme.lower() in _OTHER_FOLDERS:
        raise NotAllowed("A folder begins with tinydb:, in small letters.")
    if not colon and re.search(r"[/\\.~]|^data$", value) and "@" not in value:
        raise NotAllowed("A folder begins with tinydb:.")
    raise ValueError


def _folder(folder: str) -> Path:
    if not folder:
        raise ValueError
    if folder.startswith("//"):
        raise NotAllowed("Write the folder right after tinydb:, without //.")
    if folder.startswith("~"):
        raise NotAllowed("Write the whole path: the ~ is not filled in.")
    if re.match(r"\w+://", folder):
        raise NotAllowed("A database has no tinydb: before it.")
    return Path(folder)


def _database(value: str) -> str:
    if re.search(r"\s", value):
        raise NotAllowed("It has a space in it; in a password that is %20.")
    parts = urlsplit(value)
    # A second "@" belongs to a password that is not percent-encoded. asyncpg ends the password at
    # the first one, and would take the rest for the host.
    if parts.netloc.count("@") > 1:
        raise NotAllowed("It has more than one @.")
    database = parts.path.strip("/")
    if parts.netloc and not database:
        raise NotAllowed("The name of the database is missing after the host and a slash.")
    if "/" in database or "@" in database + parts.query + parts.fragment or parts.fragment:
        # The first of them in a password ends the host.
        raise NotAllowed("In a password, / is %2F, ? is %3F, and # is %23.")
    # Reading `port` raises ValueError when it is not a number.
    if not parts.netloc or parts.port == 0:
        raise ValueError
    return value


def public_url(value: str) -> str:
    """Parses an `https://` address (`http://` on loopback only) of a host, with or without a port.

    Capital letters of the host become small ones, and a slash at the end is dropped.
    """
    if re.search(r"\s", value):
        raise NotAllowed("It has a space in it.")
    _, colon, rest = value.partition("://")
    if not colon:
        if re.match(r"[\w-]+(\.[\w-]+)+([:/]|$)", value):
            raise NotAllowed("Write https:// before it.")
        raise ValueError
    parts = urlsplit(value)
    name = parts.hostname or ""
    surplus = "@" in parts.netloc or "?" in value or "#" in value or "\\" in rest
    if surplus or parts.port == 0 or parts.netloc.endswith(":"):
        raise ValueError
    if name.endswith("."):
        raise NotAllowed("Write the host without the dot at its end.")
    if not name.isascii():
        raise NotAllowed("Write the host's ASCII form, which begins with xn--.")
    secure = parts.scheme == "https" or (parts.scheme == "http" and parsing.is_loopback(name))
    if not secure or not parsing.host(name):
        raise ValueError
    if name in ("0.0.0.0", "::"):
        raise NotAllowed("Write the name by which browsers reach the bot.")
    if parts.path.strip("/"):
        raise NotAllowed("Write the host alone, without a path: the bot's pages are at its root.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def https_url(value: str) -> str:
    """Parses an `https://` address, as `public_url` does."""
    url = public_url(value)
    if not url.startswith("https://"):
        raise ValueError
    return url
