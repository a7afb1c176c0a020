"""A function that is killed in the middle loses nothing. Its message stays invisible for a minute
and a half, so these tests begin early and look late; the others fill the wait."""

from dataclasses import dataclass

import pytest

from callers import Operator, Tenant
from deadline import eventually
from emulator import Emulator
from proxy import Proxy
from queues import Queue
from receiver import Inbox, Receiver

WEBHOOK = "herald-webhook"


@dataclass(frozen=True)
class Interrupted:
    """A delivery whose sender was killed."""

    tenant: Tenant
    inbox: Inbox
    event: str


@pytest.fixture(scope="session")
def killed_before_the_answer(
    operator: Operator, receiver: Receiver, emulator: Emulator
) -> Interrupted:
    tenant = operator.tenant("Killed before the answer")
    inbox = receiver.inbox(delay=3)
    tenant.policy(inbox.url)
    event = tenant.report()
    inbox.wait()
    assert emulator.kill_function(WEBHOOK) > 0
    return Interrupted(tenant, inbox, event)


@pytest.fixture(scope="session")
def killed_before_the_record(
    operator: Operator, receiver: Receiver, emulator: Emulator, proxy: Proxy
) -> Interrupted:
    tenant = operator.tenant("Killed before the record")
    inbox = receiver.inbox()
    tenant.policy(inbox.url)
    with proxy.hold(WEBHOOK, "BatchWriteItem") as hold:
        event = tenant.report()
        hold.wait()
        assert emulator.kill_function(WEBHOOK) > 0
    return Interrupted(tenant, inbox, event)


def check(interrupted: Interrupted, seconds: float) -> None:
    first, *others = interrupted.inbox.wait(2, seconds)
    assert {webhook.id for webhook in others} == {first.id}

    def delivered() -> bool:
        [delivery] = interrupted.tenant.deliveries(eventId=interrupted.event)
        return delivery["id"] == first.id and delivery["status"] == "delivered"

    eventually(delivered)


@pytest.mark.moment("early")
def test_a_function_is_killed_while_a_receiver_holds_its_webhook(
    killed_before_the_answer: Interrupted,
) -> None:
    [delivery] = killed_before_the_answer.tenant.deliveries(eventId=killed_before_the_answer.event)
    assert delivery["status"] == "pending"


@pytest.mark.moment("early")
def test_a_function_is_killed_after_the_answer_and_before_the_record(
    killed_before_the_record: Interrupted,
) -> None:
    [delivery] = killed_before_the_record.tenant.deliveries(eventId=killed_before_the_record.event)
    assert delivery["status"] == "pending"


@pytest.mark.moment("late")
def test_the_webhooks_of_the_killed_functions_arrive_again(
    killed_before_the_answer: Interrupted,
    killed_before_the_record: Interrupted,
    webhook_queue: Queue,
) -> None:
    check(killed_before_the_answer, webhook_queue.hidden_for + 60)
    check(killed_before_the_record, webhook_queue.hidden_for + 60)
