"""The stack changes while events are on their way. A function that the emulator replaces in the
middle leaves its messages invisible for three minutes, so this begins early and looks late."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from callers import Operator
from receiver import Inbox, Receiver
from stack import Stack

EVENTS = 200


@pytest.fixture(scope="session")
def updated(operator: Operator, receiver: Receiver, stack: Stack) -> Inbox:
    tenant = operator.tenant("Update")
    inbox = receiver.inbox()
    tenant.policy(inbox.url)
    with ThreadPoolExecutor(5) as threads:
        update = threads.submit(stack.deploy, RetentionDays="31")
        # The emulator also ends requests in the middle; then the caller, who got no 202, repeats.
        ids = [f"update-{number}" for number in range(EVENTS)]
        reports = threads.map(lambda id: tenant.report_until_accepted(id=id), ids)
        assert list(reports) == ids
        update.result()
    return inbox


@pytest.mark.moment("early")
def test_the_stack_is_updated_while_events_are_on_their_way(updated: Inbox, stack: Stack) -> None:
    variables = stack.function("webhook")["Environment"]["Variables"]
    assert variables["HERALD_RETENTION_DAYS"] == "31"
    assert updated.received


@pytest.mark.moment("late")
def test_every_event_on_its_way_during_the_update_arrives(updated: Inbox) -> None:
    assert len(updated.wait_for_ids(EVENTS, 240)) == EVENTS
