"""What nobody can read, or nobody knows, on the events queue."""

import json
import subprocess
from typing import Any

import pytest

from callers import Operator
from deadline import eventually
from emulator import Emulator
from queues import Letter, Queue
from receiver import Receiver
from stack import ROOT, Stack

NO_JSON = "{ this is no JSON"
LATE_CUSTOMER = "customer-of-tomorrow"


def event(**fields: Any) -> dict[str, Any]:
    return {"mode": "live", "type": "INVOICE_ISSUED", "data": {"total": "1.00"}, **fields}


@pytest.fixture(scope="module")
def poison(operator: Operator) -> dict[str, str]:
    """Bodies, and what their reason must name."""
    account = operator.account("Careless producer")["id"]
    return {
        NO_JSON: "JSON",
        json.dumps(event(accountId=account)): "id",
        json.dumps(event(id="early", accountId=LATE_CUSTOMER)): "accountId",
        json.dumps(event(id="odd", accountId=account, type="INVOICE_LOST")): "type",
    }


def lying(queue: Queue, count: int) -> list[Letter]:
    def all_of_them() -> list[Letter]:
        letters = queue.letters()
        return letters if len(letters) == count else []

    # Five receptions would take a quarter of an hour.
    return eventually(all_of_them, 30)


def test_poison_is_buried_with_its_reason_and_a_good_message_beside_it_is_delivered(
    operator: Operator,
    receiver: Receiver,
    events_queue: Queue,
    events_dead_letters: Queue,
    poison: dict[str, str],
) -> None:
    tenant = operator.tenant("Careful producer")
    inbox = receiver.inbox()
    tenant.policy(inbox.url)

    events_queue.send(*poison, event(id="good", accountId=tenant.account))

    inbox.wait()
    letters = lying(events_dead_letters, len(poison))
    assert {letter.body for letter in letters} == set(poison)
    for letter in letters:
        assert letter.reason and poison[letter.body] in letter.reason, letter
        print(f"{letter.reason}")


def test_the_redrive_delivers_what_was_mended_and_buries_the_rest_again(
    operator: Operator,
    receiver: Receiver,
    emulator: Emulator,
    stack: Stack,
    events_dead_letters: Queue,
    poison: dict[str, str],
) -> None:
    tenant = operator.tenant("Customer of tomorrow", externalId=LATE_CUSTOMER)
    inbox = receiver.inbox()
    tenant.policy(inbox.url)
    before = {letter.body: letter.reason for letter in lying(events_dead_letters, len(poison))}

    def redrive(*flags: str) -> str:
        command = "cargo run --quiet --locked --bin redrive -- events --stack".split()
        told = subprocess.run(
            [*command, stack.name, *flags],
            cwd=ROOT,
            env=emulator.environment(),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return told.stdout

    assert redrive("--dry-run").endswith(f"\n{len(poison)} would be moved\n")
    assert {letter.body for letter in lying(events_dead_letters, len(poison))} == set(before)
    assert not inbox.received

    told = redrive()
    assert f"\n{len(poison)} were moved\n" in told
    assert all(reason and reason in told for reason in before.values())

    inbox.wait()
    letters = lying(events_dead_letters, len(poison) - 1)
    after = {letter.body: letter.reason for letter in letters}
    mended = [body for body in before if LATE_CUSTOMER in body]
    assert after == {body: reason for body, reason in before.items() if body not in mended}
