"""Signed tokens for our own links, so that nobody else can make or change one.

A token has everything that is needed to answer it. So a click needs no look-up and works as long as
somebody has the message, even when the campaign has been deleted or corrected. Tokens are signed
and not encrypted: people who have a link may read where it leads and whose it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import TypeVar

import msgspec
from itsdangerous import BadSignature, Signer

from campaigns.campaign import CampaignKey
from campaigns.moment import require_aware

TOKEN_LIMIT = 6_000
"""Characters; longer tokens are refused. Web servers take lines of about 8,000."""

KEY_BYTES = 32

T = TypeVar("T")


class NotOurs(Exception):
    """A token is not one of ours, or was changed."""


class Target(msgspec.Struct, frozen=True, array_like=True):
    """Target of a link in a message."""

    tenant_id: str
    campaign_id: str
    link: str
    """The link's id, see :func:`link_id`."""
    address: str
    """The web address to which the link leads."""

    @property
    def key(self) -> CampaignKey:
        return CampaignKey(self.tenant_id, self.campaign_id)


class Download(msgspec.Struct, frozen=True, array_like=True):
    """A table that somebody may download for a while."""

    tenant_id: str
    campaign_id: str
    kind: str
    """``csv`` or ``xlsx``."""
    time_zone: str
    until: datetime
    """Time at which the link expires."""
    subject: str = "report"
    """Subject of the table: ``report`` or ``survey``."""

    def __post_init__(self) -> None:
        require_aware(self.until)

    @property
    def key(self) -> CampaignKey:
        return CampaignKey(self.tenant_id, self.campaign_id)


class Seal:
    """Makes and opens tokens, once it has its key.

    The key is the same for all processes and for good: with another one, every link in every
    message that was ever sent would lead nowhere.
    """

    def __init__(self) -> None:
        self._clicks: Signer | None = None
        self._downloads: Signer | None = None

    def use(self, key: bytes) -> None:
        """Sets the key. Each kind of token is signed with a key derived from this one."""
        self._clicks = _signer(key, b"clicks")
        self._downloads = _signer(key, b"downloads")

    def click(self, target: bytes, recipient: bytes) -> bytes:
        """Returns the token of a link for one recipient, ASCII and safe in addresses.

        Takes about 5 µs.

        :param target: the link's :class:`Target`, :func:`packed`.
        :param recipient: the recipient's id, :func:`packed`; an empty one names nobody.
        """
        return _known(self._clicks).sign(target + b"." + recipient)

    def clicked(self, token: str) -> tuple[Target, str]:
        """Returns the link's target and the recipient's id. The id is empty when the link names
        nobody.

        Raises NotOurs.
        """
        target, _, recipient = _opened(_known(self._clicks), token).partition(b".")
        return _unpacked(target, Target), _unpacked(recipient, str)

    def download(self, wanted: Download) -> str:
        """Returns the token of a link to a download."""
        return _known(self._downloads).sign(packed(wanted)).decode("ascii")

    def downloaded(self, token: str) -> Download:
        """Returns the download of a token. It may have expired; the caller checks that.

        Raises NotOurs.
        """
        return _unpacked(_opened(_known(self._downloads), token), Download)


def packed(value: msgspec.Struct | str) -> bytes:
    """Returns the value as a part of a token."""
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=")


def link_id(address: str) -> str:
    """Returns a link's id, made of the address as the author wrote it, with its placeholders.

    It has eight letters, and is the same in every campaign and after every correction. The chance
    that two links of one campaign have the same id is one in billions.
    """
    digest = hashlib.blake2b(address.encode("utf-8", "replace"), digest_size=6).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def _signer(key: bytes, purpose: bytes) -> Signer:
    # Derived once here, and not by the signer at each signature.
    derived = hmac.digest(key, purpose, "sha256")
    return Signer(derived, key_derivation="none", digest_method=hashlib.sha256)


def _known(signer: Signer | None) -> Signer:
    if signer is None:
        raise RuntimeError("a token was asked for before there was a key")
    return signer


def _opened(signer: Signer, token: str) -> bytes:
    if len(token) > TOKEN_LIMIT or not token.isascii():
        raise NotOurs
    try:
        signed = signer.unsign(token)
    except BadSignature as error:
        raise NotOurs from error
    # The last letter of a signature has unused bits, and padding may follow it. These are other
    # spellings of the same signature, which we never write.
    if signer.sign(signed) != token.encode("ascii"):
        raise NotOurs
    return signed


def _unpacked(part: bytes, kind: type[T]) -> T:
    try:
        whole = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
        return msgspec.json.decode(whole, type=kind)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        # We signed it, so another version of this program made it.
        raise NotOurs from error
