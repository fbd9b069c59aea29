"""Folders of campaigns, with names that every file system takes."""

from __future__ import annotations

import hashlib
import re

from campaigns.campaign import CampaignKey


def campaign_folder(kind: str, key: CampaignKey) -> str:
    """Returns the folder of a campaign's files of one kind, such as its events."""
    return f"{kind}/{_file_name(key.tenant_id)}/{_file_name(key.campaign_id)}"


def _file_name(text: str) -> str:
    """Returns a file name that is readable if possible, and different for each text."""
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40]
    return f"{readable}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
