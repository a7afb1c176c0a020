"""From an account to a webhook at its receiver."""

from callers import POLICIES, Operator
from deadline import eventually
from queues import Queue
from receiver import Receiver


def test_an_event_arrives_as_a_signed_webhook_and_shows_as_delivered(
    operator: Operator, receiver: Receiver
) -> None:
    tenant = operator.tenant("Acme")
    inbox = receiver.inbox()
    policy = tenant.policy(inbox.url)

    event = tenant.report(resourceId="inv_1", data={"total": "12.00"})

    [webhook] = inbox.wait()
    webhook.verify(policy["webhookSecret"])
    assert webhook.json == {
        "notificationType": "INVOICE_ISSUED",
        "sequenceAccountId": tenant.account,
        "resourceId": "inv_1",
        "resource": {"total": "12.00"},
    }

    def delivered() -> bool:
        [delivery] = tenant.deliveries(eventId=event)
        return delivery["id"] == webhook.id and delivery["status"] == "delivered"

    eventually(delivered)


def test_a_refused_webhook_comes_again_with_the_same_id(
    operator: Operator, receiver: Receiver
) -> None:
    tenant = operator.tenant("Retry")
    inbox = receiver.inbox(500)
    policy = tenant.policy(inbox.url)

    tenant.report()

    first, second = inbox.wait(2)
    assert second.id == first.id
    assert second.body == first.body
    second.verify(policy["webhookSecret"])
    # Five seconds and a fifth less, or more and whatever a busy machine adds.
    assert 3.9 < second.at - first.at < 20


def test_a_policy_makes_no_more_requests_in_a_second_than_its_pace_allows(
    operator: Operator, receiver: Receiver
) -> None:
    tenant = operator.tenant("Pace")
    inbox = receiver.inbox()
    tenant.own_policy("webhook", inbox.url, maxPerSecond=2)

    tenant.report_all([{"type": "INVOICE_ISSUED"} for _ in range(7)])

    webhooks = inbox.wait(7)
    # The last has its place in the fourth second. A place in the present one is taken at once.
    assert webhooks[-1].at - webhooks[0].at > 1.5


def test_a_recipient_that_is_gone_is_suspended(operator: Operator, receiver: Receiver) -> None:
    tenant = operator.tenant("Gone")
    inbox = receiver.inbox(410)
    tenant.policy(inbox.url)

    tenant.report()

    [webhook] = inbox.wait()

    def suspended() -> bool:
        delivery = tenant.request("GET", f"/herald/v1/deliveries/{webhook.id}").json
        recipient = delivery.get("recipient", {})
        return (delivery["status"], recipient.get("status")) == ("failed", "suspended")

    eventually(suspended)


def test_what_a_deleted_policy_left_unfinished_is_cancelled(
    operator: Operator, receiver: Receiver
) -> None:
    tenant = operator.tenant("Fewer policies")
    inbox = receiver.inbox(500)
    policy = tenant.policy(inbox.url)["id"]
    event = tenant.report()
    inbox.wait()

    tenant.request("DELETE", f"{POLICIES}/{policy}").expect(200)

    def cancelled() -> bool:
        [delivery] = tenant.deliveries(eventId=event)
        return delivery["status"] == "cancelled"

    eventually(cancelled)
    tenant.request("GET", f"{POLICIES}/{policy}").expect(404)


def test_an_event_sent_to_the_queue_is_delivered(
    operator: Operator, receiver: Receiver, events_queue: Queue
) -> None:
    tenant = operator.tenant("Producer", externalId="customer-7")
    inbox = receiver.inbox()
    tenant.policy(inbox.url)
    event = {"mode": "live", "type": "INVOICE_ISSUED", "data": {"total": "7.00"}}

    events_queue.send(
        {"id": "by-id", "accountId": tenant.account, **event},
        {"id": "by-external-id", "accountId": "customer-7", **event},
    )

    webhooks = inbox.wait(2)
    assert [webhook.json["resource"] for webhook in webhooks] == [{"total": "7.00"}] * 2

    def delivered() -> bool:
        both = [tenant.deliveries(eventId=event_id)[0] for event_id in ("by-id", "by-external-id")]
        assert {delivery["id"] for delivery in both} == {webhook.id for webhook in webhooks}
        return all(delivery["status"] == "delivered" for delivery in both)

    eventually(delivered)
