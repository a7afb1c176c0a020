"""What a receiver lost is sent again on demand: single deliveries, or in order from a time on."""

from datetime import UTC, datetime
from typing import Any

from callers import OWN_POLICIES, Operator, Tenant
from deadline import eventually
from receiver import Receiver


def replay(tenant: Tenant, policy: str, **fields: Any) -> Any:
    """Starts a replay, and waits for its end."""
    path = f"{OWN_POLICIES}/{policy}/replays"
    started = tenant.request("POST", path, fields).expect(202)

    def ended() -> Any:
        shown = tenant.request("GET", f"{path}/{started['id']}").expect(200)
        return shown["status"] == "completed" and shown

    return eventually(ended)


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def test_what_was_delivered_is_sent_again_once(operator: Operator, receiver: Receiver) -> None:
    tenant = operator.tenant("Replays")
    inbox = receiver.inbox()
    policy = tenant.own_policy("webhook", inbox.url)["id"]
    since = now()
    ids = [tenant.report(id=f"replayed-{number}") for number in range(3)]
    inbox.wait(3)
    eventually(lambda: len(tenant.deliveries(policyId=policy, status="delivered")) == 3)

    path = f"{OWN_POLICIES}/{policy}/replays"
    wanted = {"since": since, "statuses": ["delivered"]}
    counted = tenant.request("POST", path, {**wanted, "dryRun": True}).expect(200)
    assert (counted["matched"], counted["complete"]) == (3, True)
    assert replay(tenant, policy, **wanted)["sent"] == 3
    again = inbox.wait(6)[3:]
    assert sorted(webhook.json["id"] for webhook in again) == ids
    eventually(lambda: tenant.deliveries(eventId=ids[0])[0]["attemptCount"] == 2)


def test_an_ordered_recipient_goes_back_in_the_log(operator: Operator, receiver: Receiver) -> None:
    tenant = operator.tenant("Replays in order")
    inbox = receiver.inbox()
    policy = tenant.own_policy("webhook", inbox.url, deliveryMode="ordered")["id"]
    tenant.report(id="before")
    inbox.wait()
    since = now()
    told = [tenant.report(id=f"told-{number}") for number in range(5)]
    inbox.wait(6)

    assert replay(tenant, policy, since=since)["sent"] == 1
    assert [webhook.json["id"] for webhook in inbox.wait(11)[6:]] == told
    eventually(lambda: tenant.lag(policy)["events"] == 0)
