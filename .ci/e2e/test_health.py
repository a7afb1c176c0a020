"""What a policy hears while it is not active is withheld, and sent once it is. The timer has health
asked for every minute, so this begins early and looks late."""

import time
from dataclasses import dataclass
from typing import Any

import pytest

from callers import OWN_POLICIES, Operator, Tenant
from deadline import eventually
from emulator import Emulator
from outbox import Outbox
from receiver import Inbox, Receiver
from rows import Rows
from stack import Stack


@dataclass(frozen=True)
class Guarded:
    """A policy with health."""

    tenant: Tenant
    inbox: Inbox
    health: Inbox
    policy: str

    def has(self, status: str) -> bool:
        return self.tenant.shown(self.policy)["status"] == status


def withheld(tenant: Tenant, event: str, reason: str) -> Any:
    """An event's only delivery, once it is withheld for this reason."""
    [delivery] = eventually(lambda: tenant.deliveries(eventId=event, status="withheld"))
    assert delivery["reason"] == reason
    return delivery


@pytest.fixture(scope="session")
def guarded(operator: Operator, receiver: Receiver) -> Guarded:
    tenant = operator.tenant("Health")
    inbox, health = receiver.inbox(), receiver.inbox()
    policy = tenant.own_policy("webhook", inbox.url, health={"url": health.url})
    assert policy["status"] == "pending"
    withheld(tenant, tenant.report(id="pending"), "policy_pending")
    return Guarded(tenant, inbox, health, policy["id"])


@pytest.mark.moment("early")
def test_a_policy_with_health_is_pending_at_first(guarded: Guarded) -> None:
    assert not guarded.inbox.received


def test_a_policy_is_active_from_its_first_healthy_probe_on_and_suspended_by_one_that_is_not(
    guarded: Guarded, emulator: Emulator, stack: Stack
) -> None:
    eventually(lambda: guarded.has("active"), 90)
    [webhook] = guarded.inbox.wait()
    assert webhook.json["id"] == "pending"
    probe = guarded.health.received[0]
    assert (probe.body, "webhook-signature" in probe.headers) == ("", False)

    guarded.health.answer(503)
    # As if the five minutes had passed after which it is asked again.
    rows = Rows(emulator, stack.outputs["DataTable"])
    [row] = [row for row in rows.of(guarded.tenant.account) if row["pk"]["S"].endswith("#HEALTH")]
    rows.change(row, due_at=int(time.time() * 1000))


@pytest.mark.moment("late")
def test_what_is_heard_while_a_policy_is_suspended_is_sent_once_it_is_healthy(
    guarded: Guarded,
) -> None:
    eventually(lambda: guarded.has("suspended"), 90)
    last = guarded.tenant.shown(guarded.policy)["health"]["lastProbe"]
    assert (last["healthy"], last["statusCode"]) == (False, 503)
    ids = [f"suspended-{number}" for number in range(3)]
    for id in ids:
        withheld(guarded.tenant, guarded.tenant.report(id=id), "policy_suspended")

    guarded.health.answer(200)

    webhooks = guarded.inbox.wait(1 + len(ids), 120)
    assert {webhook.json["id"] for webhook in webhooks} == {"pending", *ids}
    assert guarded.has("active")
    for id in ids:
        eventually(lambda: guarded.tenant.deliveries(eventId=id, status="delivered"))


def test_what_is_heard_while_a_policy_is_inactive_waits_for_somebodys_word(
    operator: Operator, outbox: Outbox
) -> None:
    tenant = operator.tenant("Inactive")
    address = "ada@inactive.example"
    policy = tenant.own_policy("email", address, status="inactive")["id"]
    path = f"{OWN_POLICIES}/{policy}"

    delivery = withheld(tenant, tenant.report(), "policy_inactive")
    tenant.request("PATCH", path, {"status": "active"}).expect(200)
    tenant.report()
    outbox.wait(address)
    assert not tenant.deliveries(policyId=policy, status="waiting")

    tenant.request("POST", f"/herald/v1/deliveries/{delivery['id']}/retry").expect(202)
    outbox.wait(address, 2)
