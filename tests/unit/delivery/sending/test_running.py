"""A campaign that is being sent changes its state by its verbs only, and keeps its rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign import Fault
from campaigns.delivery import Delivery
from campaigns.ledger.retry import GiveUp
from campaigns.outcome import Reason, Rejected
from cards.message.personal import Personal
from delivery.sending.probe import Probe
from delivery.sending.running import RunningCampaign
from tests.support.examples import NOW, campaign

REFUSED = Rejected(Reason.BAD_REQUEST)


def running(
    *, thanking: bool = False, open_now: int | None = None, probe: Probe | None = None
) -> RunningCampaign:
    example = campaign("news")
    return RunningCampaign(
        example,
        Personal(example),
        thanking=Personal(example, acknowledged=True) if thanking else None,
        open_now=open_now,
        probe=probe,
    )


def test_a_campaign_goes_on_until_it_is_held() -> None:
    sending = running()
    assert sending.may_leave()
    sending.hold()
    assert sending.held
    assert not sending.stopped
    assert not sending.may_leave()
    sending.resume()
    assert sending.may_leave()


def test_nothing_leaves_while_another_process_has_the_lease() -> None:
    ours = True
    example = campaign("news")
    sending = RunningCampaign(example, Personal(example), ours=lambda: ours)
    assert sending.may_leave()
    ours = False
    assert not sending.may_leave()
    assert not sending.held


def test_what_was_stopped_may_be_sent_again_when_it_is_reopened() -> None:
    sending = running()
    sending.stop()
    assert (sending.held, sending.stopped) == (True, True)
    sending.resume()
    assert (sending.held, sending.stopped) == (False, False)


def test_a_fault_holds_once_and_until_it_is_recorded() -> None:
    sending = running()
    assert sending.fault()
    assert not sending.fault()
    sending.resume()
    assert sending.held
    sending.fault_recorded()
    assert sending.held
    sending.resume()
    assert sending.may_leave()
    assert sending.fault()


def test_a_campaign_that_people_hold_has_no_fault_of_its_own() -> None:
    sending = running()
    sending.hold()
    assert not sending.fault()
    sending.resume()
    assert sending.may_leave()


def refused(sending: RunningCampaign, *people: int) -> list[Fault | None]:
    return [
        sending.observe(
            Delivery(recipient_id=str(person), due_at=NOW),
            REFUSED,
            GiveUp(reason=Reason.BAD_REQUEST),
            NOW + timedelta(seconds=person),
        )
        for person in people
    ]


def test_a_breaker_begins_anew_when_the_campaign_is_resumed() -> None:
    sending = running(open_now=10)
    assert not any(refused(sending, *range(8)))
    sending.resume()
    # It was not held, so what came before still counts.
    assert refused(sending, 8) == [Fault.REFUSED]
    assert sending.fault()
    sending.fault_recorded()
    sending.resume()
    sending.expect(10)
    assert not any(refused(sending, *range(8)))
    assert refused(sending, 8) == [Fault.REFUSED]


def test_a_probe_leaves_one_by_one_and_holds_the_campaign_when_it_is_decided() -> None:
    probe = Probe()
    sending = running(probe=probe)
    assert sending.may_claim(50) == 1
    sending.claimed(1)
    assert sending.may_claim(50) == 0
    refused(sending, 1)
    sending.settled(1)
    assert sending.may_claim(50) == 1
    assert refused(sending, 2) == [None]
    assert (sending.held, sending.may_claim(50)) == (True, 0)
    assert probe.passed  # of a refused sign-in, for instance: Teams looked at the message


@pytest.mark.parametrize("verb", ["hold", "stop", "resume"])
def test_a_person_ends_a_probe(verb: str) -> None:
    probe = Probe()
    sending = running(probe=probe)
    getattr(sending, verb)()
    assert probe.over.is_set()
    assert sending.held == (verb != "resume")
    assert sending.may_claim(50) == (50 if verb == "resume" else 0)
    assert (sending.probe is probe) == (verb != "resume")


def test_what_is_in_flight_is_what_was_claimed_and_is_not_settled() -> None:
    sending = running()
    sending.claimed(5)
    sending.claimed(2)
    sending.settled(3)
    assert sending.in_flight == 4
    sending.settled(4)
    assert sending.in_flight == 0


def test_only_those_who_have_confirmed_are_thanked() -> None:
    sending = running(thanking=True)
    sending.acknowledged(["a"])
    sending.acknowledged(["b"])
    assert [sending.rendered_for(name) is sending.thanking for name in "abc"] == [True, True, False]


def test_where_nobody_could_confirm_everyone_gets_the_same() -> None:
    sending = running()
    sending.acknowledged(["a"])
    assert sending.rendered_for("a") is sending.rendered


@pytest.mark.parametrize("flag", ["held", "stopped", "faulted", "in_flight", "probe"])
def test_nobody_else_sets_its_state(flag: str) -> None:
    with pytest.raises(AttributeError):
        setattr(running(), flag, True)


@given(
    st.lists(st.sampled_from(["hold", "stop", "resume", "fault", "fault_recorded"]), max_size=20)
)
def test_whatever_happens_in_whatever_order(verbs: list[str]) -> None:
    sending = running(probe=Probe() if len(verbs) % 2 else None)
    for verb in verbs:
        getattr(sending, verb)()
        assert sending.held or not (sending.stopped or sending.faulted)
        assert sending.may_leave() == (not sending.held)
