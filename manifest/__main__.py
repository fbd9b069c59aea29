"""`python -m manifest`: write the package that a Teams administrator uploads.

The app id and the public address come from the settings; names and pages from the command line.
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from manifest.package import FOLDER, App, project_version, write
from settings import Settings, SettingsError, from_environment

PACKAGE = Path("dist/teams-campaigns.zip")


def main(arguments: Sequence[str], settings: Settings) -> int:
    """Write the package and say where; the answer is the exit code (2: something is missing)."""
    options = _parser().parse_args(arguments)
    if settings.app_id is None:
        print("MICROSOFT_APP_ID is missing: the bot's app id in Microsoft Entra", file=sys.stderr)
        return 2
    if not settings.public_url.startswith("https://"):
        print(
            f"PUBLIC_URL = {settings.public_url!r} is not allowed: the package needs an https:// "
            "address, because Teams takes no other",
            file=sys.stderr,
        )
        return 2
    website = options.website or settings.public_url
    app = App(
        app_id=settings.app_id,
        public_url=settings.public_url,
        name=options.name,
        developer=options.developer,
        website=website,
        privacy=options.privacy or website,
        terms=options.terms or website,
        version=options.version,
        icons=options.icons,
    )
    try:
        write(app, options.output)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    print(f"{options.output}: {app.name} {app.version}, bot {app.app_id}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m manifest", description=__doc__)
    parser.add_argument("--name", type=_text(30), default="Campaigns", help="what people see")
    parser.add_argument(
        "--developer", type=_text(32), default="Internal communications", help="who runs it"
    )
    parser.add_argument("--website", type=_https, help="default: PUBLIC_URL")
    parser.add_argument("--privacy", type=_https, help="privacy page; default: the website")
    parser.add_argument("--terms", type=_https, help="terms of use; default: the website")
    parser.add_argument(
        "--version", type=_version, default=project_version(), help="default: %(default)s"
    )
    parser.add_argument(
        "--icons", type=Path, default=FOLDER, help="folder of your own color.png and outline.png"
    )
    parser.add_argument("--output", type=Path, default=PACKAGE, help="default: %(default)s")
    return parser


def _text(longest: int) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not 0 < len(value) <= longest:
            raise argparse.ArgumentTypeError(f"between 1 and {longest} characters")
        return value

    return parse


def _version(value: str) -> str:
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", value, re.ASCII):
        raise argparse.ArgumentTypeError("three numbers with dots, such as 1.2.0")
    return value


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise argparse.ArgumentTypeError("an https:// address")
    return value


if __name__ == "__main__":
    try:
        found = from_environment()
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1:], found))
