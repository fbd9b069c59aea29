"""The facts of deliveries, events and responses, in the plain words of ``expected.json``."""

from __future__ import annotations

from campaigns.delivery import Delivery
from campaigns.feedback.events import Event
from campaigns.report import Counts, Result
from campaigns.surveys.answers import Response
from campaigns.surveys.results import Distribution
from tests.support.earlier.document_facts import Facts, moment


def delivery_facts(delivery: Delivery) -> Facts:
    claim, waiting = delivery.claim, delivery.waiting
    return {
        "recipient": delivery.recipient_id,
        "name": delivery.name,
        "email": delivery.email,
        "status": delivery.status.value,
        "due": moment(delivery.due_at),
        "claimed_by": claim and claim.owner,
        "claimed_until": claim and moment(claim.until),
        "attempts": delivery.attempts,
        "throttles": delivery.throttles,
        "resends": delivery.resends,
        "tries": [
            {
                "at": moment(attempt.at),
                "outcome": attempt.outcome,
                "reason": attempt.reason and attempt.reason.value,
                "http": attempt.answer.status,
                "code": attempt.answer.code,
                "said": attempt.answer.message,
            }
            for attempt in delivery.trace
        ],
        "has_waited": waiting is not None,
        "absences": waiting.absences if waiting else 0,
        "first_look": waiting and moment(waiting.first_at),
        "runs_of_looks": waiting.runs if waiting else 0,
        "delays": waiting.delays if waiting else 0,
        "reason": delivery.reason and delivery.reason.value,
        "changes_message": delivery.target_id,
        "message": delivery.activity_id,
        "settled": moment(delivery.settled_at),
    }


def counts_facts(counts: Counts) -> dict[str, int]:
    return {result.value: counts.of(result) for result in Result}


def event_facts(event: Event) -> Facts:
    return {
        "who": event.recipient_id,
        "kind": event.kind.value,
        "at": moment(event.at),
        "detail": event.detail,
    }


def response_facts(response: Response) -> Facts:
    return {
        question_id: {
            "choices": list(answer.choices),
            "other": answer.other,
            "number": answer.number,
            "day": answer.day,
            "text": answer.text,
        }
        for question_id, answer in response.answers.items()
    }


def distribution_facts(distribution: Distribution) -> Facts:
    return {
        "answered": distribution.answered,
        "chosen": list(distribution.chosen),
        "others": distribution.others,
        "numbers": [[number, count] for number, count in distribution.numbers.items()],
        "days": distribution.days,
    }
