"""A policy in order, of Herald's own dialect. Every refusal costs a second, so this begins early
and looks late."""

from dataclasses import dataclass
from typing import Any

import pytest

from callers import Operator, Tenant
from deadline import eventually
from receiver import Inbox, Receiver

EVENTS = [f"ordered-{number}" for number in range(200)]
# For so long the receiver refuses every other request.
REFUSALS = 50


@dataclass(frozen=True)
class Ordered:
    """A policy whose receiver refuses much."""

    tenant: Tenant
    inbox: Inbox
    policy: str


@pytest.fixture(scope="session")
def ordered(operator: Operator, receiver: Receiver) -> Ordered:
    tenant = operator.tenant("In order")
    inbox = receiver.inbox(*(500, 200) * REFUSALS)
    policy = tenant.own_policy("webhook", inbox.url, deliveryMode="ordered")
    assert policy["deliveryMode"] == "ordered"
    tenant.report_all([{"id": id, "type": "INVOICE_ISSUED"} for id in EVENTS])
    return Ordered(tenant, inbox, policy["id"])


@pytest.mark.moment("early")
def test_a_recipient_that_refuses_half_its_requests_shows_how_far_behind_it_is(
    ordered: Ordered,
) -> None:
    def refused() -> Any:
        lag = ordered.tenant.lag(ordered.policy)
        return lag["nextAttemptAt"] and lag

    lag = eventually(refused)
    told = len(EVENTS) - lag["events"]
    assert told < REFUSALS
    assert lag["oldest"]["eventId"] == EVENTS[told]
    assert lag["oldest"]["accountId"] == ordered.tenant.account
    assert (lag["more"], lag["accounts"]) == (False, 1)
    assert (lag["failures"], lag["lastFailure"]["statusCode"]) == (1, 500)


@pytest.mark.moment("late")
def test_every_event_arrives_in_its_order(ordered: Ordered) -> None:
    def told() -> list[str]:
        return [webhook.json["id"] for webhook in ordered.inbox.accepted]

    eventually(lambda: len(set(told())) == len(EVENTS), 180, every=1)
    # One may come twice, which is refused or was being told as the stack was updated; none comes
    # before one that was accepted earlier, or again after one that was accepted later.
    received = [webhook.json["id"] for webhook in ordered.inbox.received]
    assert received == sorted(received, key=EVENTS.index)

    eventually(lambda: ordered.tenant.lag(ordered.policy)["events"] == 0)
    [delivery] = ordered.tenant.deliveries(eventId=EVENTS[0])
    assert (delivery["status"], delivery["attemptCount"]) == ("delivered", 2)
