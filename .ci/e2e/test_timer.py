"""A wait that no queue ends, because its message was lost: the timer ends it. It runs every
minute, so this begins early and looks late."""

import time
from dataclasses import dataclass

import pytest

from callers import Operator, Tenant
from deadline import eventually
from emulator import Emulator
from receiver import Inbox, Receiver
from rows import Rows
from stack import Stack


@dataclass(frozen=True)
class Waiting:
    """A delivery that was refused twice."""

    tenant: Tenant
    inbox: Inbox
    event: str

    def shown(self) -> dict[str, object]:
        [delivery] = self.tenant.deliveries(eventId=self.event)
        return delivery


@pytest.fixture(scope="session")
def waiting(operator: Operator, receiver: Receiver) -> Waiting:
    tenant = operator.tenant("Waiting")
    inbox = receiver.inbox(500, 500)
    tenant.policy(inbox.url)
    return Waiting(tenant, inbox, tenant.report())


@pytest.mark.moment("early")
def test_a_delivery_that_was_refused_twice_waits_for_minutes(
    waiting: Waiting, emulator: Emulator, stack: Stack
) -> None:
    waiting.inbox.wait(2)
    eventually(lambda: waiting.shown()["attemptCount"] == 2)
    assert waiting.shown()["status"] == "waiting"

    # As if the wait had passed, and its message with it.
    rows = Rows(emulator, stack.outputs["DataTable"])
    [row] = [row for row in rows.of(waiting.tenant.account) if "due_at" in row]
    now = int(time.time() * 1000)
    rows.change(row, at=now, due_at=now)


@pytest.mark.moment("late")
def test_the_timer_ends_a_wait_whose_message_was_lost(waiting: Waiting) -> None:
    first, _, third = waiting.inbox.wait(3, 90)
    assert third.id == first.id
    eventually(lambda: waiting.shown()["status"] == "delivered")
