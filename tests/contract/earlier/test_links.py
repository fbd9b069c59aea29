"""Links that an earlier version has sent still lead where they led."""

from __future__ import annotations

import base64

import pytest

from campaigns.seal import Seal, link_id
from tests.support.earlier.document_facts import (
    moment,
)
from tests.support.earlier.stores import (
    EXPECTED,
    LINKS,
)


@pytest.fixture
def seal() -> Seal:
    seal = Seal()
    seal.use(base64.b64decode(EXPECTED["secrets"]["links"]))
    return seal


def test_links_in_messages_still_lead_where_they_led(seal: Seal) -> None:
    for expected in LINKS["clicks"]:
        target, whose = seal.clicked(expected["token"])
        assert (target.tenant_id, target.campaign_id) == (
            expected["tenant"],
            expected["counts_for"],
        )
        assert (target.address, whose) == (expected["address"], expected["whose"])
        assert target.link == link_id(expected["as_written"])


def test_links_to_downloads_still_lead_where_they_led(seal: Seal) -> None:
    for expected in LINKS["downloads"]:
        found = seal.downloaded(expected["token"])
        assert {
            "token": expected["token"],
            "tenant": found.tenant_id,
            "campaign": found.campaign_id,
            "kind": found.kind,
            "time_zone": found.time_zone,
            "until": moment(found.until),
            "subject": found.subject,
        } == expected
