"""Who sees what, and who no longer does."""

import pytest

from callers import POLICIES, Api, Operator
from deadline import eventually
from emulator import Emulator
from receiver import Receiver
from rows import Rows
from stack import Stack


def test_another_tenant_sees_nothing(operator: Operator, receiver: Receiver) -> None:
    tenant, stranger = operator.tenant("Seen"), operator.tenant("Stranger")
    inbox = receiver.inbox()
    policy = tenant.policy(inbox.url)["id"]
    event = tenant.report()
    delivery = inbox.wait()[0].id

    for path in (
        f"{POLICIES}/{policy}",
        f"/herald/v1/events/{event}",
        f"/herald/v1/deliveries/{delivery}",
    ):
        tenant.request("GET", path).expect(200)
        stranger.request("GET", path).expect(404)
    assert stranger.deliveries() == []
    assert stranger.request("GET", POLICIES).expect(200)["items"] == []


def test_an_account_acts_for_those_below_it_and_for_no_other(operator: Operator) -> None:
    parent, stranger = operator.tenant("Parent"), operator.tenant("No relation")
    child = operator.tenant("Child", parentId=parent.account)
    event = child.report()

    path, below = f"/herald/v1/events/{event}", {"Herald-Account": child.account}
    parent.request("GET", path, headers=below).expect(200)
    parent.request("GET", path).expect(404)
    # Not theirs and not there look the same.
    nowhere = {"Herald-Account": "01a00000-0000-7000-8000-000000000000"}
    refused = stranger.request("GET", path, headers=below)
    assert refused.status == 400
    assert refused == stranger.request("GET", path, headers=nowhere)


def test_a_revoked_credential_is_refused_at_once(operator: Operator) -> None:
    tenant = operator.tenant("Revoked")
    tenant.deliveries()

    operator.revoke(tenant)

    tenant.request("GET", "/herald/v1/deliveries").expect(401)


def test_a_deleted_account_is_erased(
    operator: Operator, receiver: Receiver, emulator: Emulator, stack: Stack
) -> None:
    tenant, neighbour = operator.tenant("Deleted"), operator.tenant("Neighbour")
    inbox = receiver.inbox()
    for one in (tenant, neighbour):
        one.policy(inbox.url)
        one.report()
    inbox.wait(2)
    rows = Rows(emulator, stack.outputs["DataTable"])
    eventually(lambda: len(rows.of(tenant.account)) > 3)

    operator.request("DELETE", f"/{tenant.account}").expect(202)

    eventually(lambda: not rows.of(tenant.account), 120, every=1)
    assert rows.of(neighbour.account)


@pytest.mark.moment("late")
def test_a_rotated_operator_secret_opens_nothing_after_30_seconds(
    api: Api, operator: Operator, emulator: Emulator, stack: Stack
) -> None:
    secrets, secret_id = emulator.client("secretsmanager"), stack.outputs["OperatorSecretArn"]
    rotated = Operator(api, "rotated")
    rotated.request("GET", "").expect(401)

    secrets.put_secret_value(SecretId=secret_id, SecretString=rotated.secret)

    # What a process remembers ends; the margin is the machine's.
    eventually(lambda: operator.request("GET", "").status == 401, 35, every=1)
    rotated.request("GET", "").expect(200)
    secrets.put_secret_value(SecretId=secret_id, SecretString=operator.secret)
    eventually(lambda: operator.request("GET", "").status == 200, 35, every=1)
