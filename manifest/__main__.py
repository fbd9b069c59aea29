"""`python -m manifest`: writes the package that a Teams administrator uploads.

The app id and the public address come from the environment or `.env`. Nothing else has to be set
there. Names and pages come from the command line.
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from manifest.package import FOLDER, App, project_version, write
from settings import PackageSettings, SettingsError, package_settings_from_environment

PACKAGE = Path("dist/teams-campaigns.zip")


def main(
    arguments: Sequence[str],
    read: Callable[[], PackageSettings] = package_settings_from_environment,
) -> int:
    """Writes the package and prints its path; returns the exit code (2: something is missing)."""
    options = _parser().parse_args(arguments)
    try:
        published = read()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    website = options.website or published.public_url
    app = App(
        app_id=published.app_id,
        public_url=published.public_url,
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
    sys.exit(main(sys.argv[1:]))
