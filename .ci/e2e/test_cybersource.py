"""CyberSource's webhook subscriptions, from their own routes to the receiver. The timer has health
asked for every minute, so this begins early and looks late."""

import time
from dataclasses import dataclass
from typing import Any

import pytest

from callers import KEYS, OWN_POLICIES, SUBSCRIPTIONS, Api, Operator, Tenant
from deadline import eventually
from emulator import Emulator
from receiver import Inbox, Received, Receiver
from rows import Rows
from stack import Stack

ORGANIZATION = "invoices.example"
PRODUCT = "customerInvoicing"
PAID = "invoicing.customer.invoice.paid"
SENT = "invoicing.customer.invoice.send"
NOWHERE = "01a00000-0000-7000-8000-000000000000"


def wanted(url: str, organization: str = ORGANIZATION, **fields: Any) -> Any:
    return {
        "name": "Invoices",
        "organizationId": organization,
        "productId": PRODUCT,
        "eventTypes": [PAID],
        "webhookUrl": url,
        **fields,
    }


@dataclass(frozen=True)
class Subscription:
    """A subscription with a URL that is asked for its health, and its organization's key."""

    tenant: Tenant
    inbox: Inbox
    health: Inbox
    key: Any
    id: str

    def has(self, status: str) -> bool:
        shown = self.tenant.cybersource("GET", f"{SUBSCRIPTIONS}/{self.id}")
        return shown.expect(200)["status"] == status

    def report(self, invoice: str) -> str:
        return self.tenant.report(id=invoice, type=PAID, data={"invoiceNumber": invoice})

    def withheld(self, event: str, reason: str) -> None:
        """Returns when an event's only delivery is withheld for this reason."""
        [delivery] = eventually(lambda: self.tenant.deliveries(eventId=event, status="withheld"))
        assert delivery["reason"] == reason


def invoices(received: list[Received]) -> list[str]:
    return [webhook.json["payload"]["data"]["invoiceNumber"] for webhook in received]


@pytest.fixture(scope="session")
def subscription(operator: Operator, receiver: Receiver) -> Subscription:
    tenant = operator.tenant("CyberSource", externalId=ORGANIZATION)
    inbox, health = receiver.inbox(), receiver.inbox()
    key = tenant.key(ORGANIZATION)
    body = wanted(inbox.url, healthCheckUrl=health.url, retryPolicy={"deactivateFlag": "true"})
    made = tenant.cybersource("POST", SUBSCRIPTIONS, body).expect(201)
    assert made["status"] == "INACTIVE"
    assert made["retryPolicy"]["deactivateFlag"] is True
    subscription = Subscription(tenant, inbox, health, key, made["webhookId"])
    subscription.withheld(subscription.report("first"), "policy_pending")
    # One a second, so that the order in which they are sent is that in which they arrive.
    path = f"{OWN_POLICIES}/{subscription.id}"
    tenant.request("PATCH", path, {"maxPerSecond": 1}).expect(200)
    return subscription


@pytest.mark.moment("early")
def test_a_subscription_is_inactive_at_first_and_told_nothing(subscription: Subscription) -> None:
    assert not subscription.inbox.received


def test_a_subscription_is_active_once_its_health_url_answers_and_told_what_happened(
    subscription: Subscription, emulator: Emulator, stack: Stack
) -> None:
    eventually(lambda: subscription.has("ACTIVE"), 90)
    probe = subscription.health.received[0]
    assert (probe.body, "v-c-signature" in probe.headers) == ("", False)

    [webhook] = subscription.inbox.wait()

    assert webhook.is_cybersources(subscription.key)
    told = webhook.json
    assert told == {
        "eventType": PAID,
        "webhookId": subscription.id,
        "productId": PRODUCT,
        "organizationId": ORGANIZATION,
        "eventDate": told["eventDate"],
        "transactionTraceId": told["transactionTraceId"],
        "retryNumber": 0,
        "requestType": "NEW",
        "payload": {"data": {"invoiceNumber": "first"}, "organizationId": ORGANIZATION},
    }
    headers = {name: it for name, it in webhook.headers.items() if name.startswith("v-c-")}
    assert headers == {
        "v-c-signature": headers["v-c-signature"],
        "v-c-event-type": PAID,
        "v-c-organization-id": ORGANIZATION,
        "v-c-product-name": PRODUCT,
        "v-c-request-type": "NEW",
        "v-c-retry-count": "0",
        "v-c-transaction-trace-id": told["transactionTraceId"],
        "v-c-webhook-id": subscription.id,
    }
    assert webhook.headers["content-type"] == "application/json"
    changed = Received(webhook.headers, webhook.body.replace('"first"', '"other"'))
    assert not changed.is_cybersources(subscription.key)

    subscription.health.answer(503)
    # As if the five minutes had passed after which it is asked again.
    rows = Rows(emulator, stack.outputs["DataTable"])
    of_tenant = rows.of(subscription.tenant.account)
    [row] = [row for row in of_tenant if row["pk"]["S"].endswith("#HEALTH")]
    rows.change(row, due_at=int(time.time() * 1000))


@pytest.mark.moment("late")
def test_what_happens_while_a_receiver_is_down_is_told_when_it_is_back_the_oldest_first(
    subscription: Subscription,
) -> None:
    eventually(lambda: subscription.has("SUSPENDED"), 90)
    down = ["down-1", "down-2", "down-3"]
    for invoice in down:
        subscription.withheld(subscription.report(invoice), "policy_suspended")
    assert invoices(subscription.inbox.received) == ["first"]

    subscription.health.answer(200)

    webhooks = subscription.inbox.wait(1 + len(down), 120)
    assert invoices(webhooks) == ["first", *down]
    assert subscription.has("ACTIVE")
    assert all(webhook.is_cybersources(subscription.key) for webhook in webhooks)
    traces = {webhook.headers["v-c-transaction-trace-id"] for webhook in webhooks}
    assert len(traces) == len(webhooks)


def test_a_caller_signs_or_shows_a_secret(api: Api, operator: Operator, receiver: Receiver) -> None:
    tenant = operator.tenant("CyberSource, callers")
    body = wanted(receiver.inbox().url, tenant.account)
    bearer = {"Authorization": f"Bearer {tenant.secret}"}

    made = [
        tenant.cybersource("POST", SUBSCRIPTIONS, body).expect(201),
        tenant.request("POST", SUBSCRIPTIONS, body).expect(201),
        api.request("POST", SUBSCRIPTIONS, body, bearer).expect(201),
    ]

    query = f"{SUBSCRIPTIONS}?organizationId={tenant.account}&productId={PRODUCT}&eventType={PAID}"
    listed = tenant.cybersource("GET", query).expect(200)
    ids = [webhook["webhookId"] for webhook in listed]
    assert ids == [webhook["webhookId"] for webhook in reversed(made)]
    for id in ids:
        told = tenant.cybersource("DELETE", f"{SUBSCRIPTIONS}/{id}").expect(200)
        assert told == {"status": "successfully deleted"}
    assert tenant.cybersource("GET", query).expect(200) == []


def test_an_organization_leads_the_subscriptions_of_those_below_it(
    operator: Operator, receiver: Receiver
) -> None:
    parent = operator.tenant("CyberSource, portfolio")
    merchant = "merchant.example"
    child = operator.tenant("CyberSource, merchant", parentId=parent.account, externalId=merchant)
    body = wanted(receiver.inbox().url, merchant)

    made = parent.cybersource("POST", SUBSCRIPTIONS, body, merchant=merchant).expect(201)

    assert made["organizationId"] == merchant
    path = f"{SUBSCRIPTIONS}/{made['webhookId']}"
    for answer in (
        parent.cybersource("GET", path),
        parent.cybersource("GET", path, merchant=merchant),
        child.cybersource("GET", path),
    ):
        assert answer.expect(200)["webhookId"] == made["webhookId"]


def test_refusals_are_told_as_cybersource_tells_them(
    operator: Operator, receiver: Receiver
) -> None:
    tenant, stranger = operator.tenant("CyberSource, refused"), operator.tenant("CyberSource, other")
    unknown = Tenant(tenant.api, tenant.account, tenant.credential, "unknown")
    good = wanted(receiver.inbox().url, tenant.account)
    theirs = stranger.cybersource(
        "POST", SUBSCRIPTIONS, wanted(receiver.inbox().url, stranger.account)
    ).expect(201)["webhookId"]
    for answer, status, reason, fields in (
        (tenant.cybersource("POST", SUBSCRIPTIONS, {}), 400, "MISSING_FIELD", 5),
        (
            tenant.cybersource("POST", SUBSCRIPTIONS, {**good, "webhookUrl": "http://a.example/"}),
            400,
            "INVALID_DATA",
            1,
        ),
        (
            tenant.cybersource("POST", SUBSCRIPTIONS, {**good, "organizationId": stranger.account}),
            400,
            "INVALID_DATA",
            1,
        ),
        (tenant.cybersource("GET", SUBSCRIPTIONS, merchant=stranger.account), 400, "INVALID_DATA", 1),
        (unknown.cybersource("GET", SUBSCRIPTIONS), 401, "UNAUTHORIZED", 0),
        (tenant.cybersource("GET", f"{SUBSCRIPTIONS}/{NOWHERE}"), 404, "NOT_FOUND", 0),
        (tenant.cybersource("GET", f"{SUBSCRIPTIONS}/{theirs}"), 404, "NOT_FOUND", 0),
        (tenant.cybersource("PUT", SUBSCRIPTIONS, good), 405, "METHOD_NOT_ALLOWED", 0),
        (
            tenant.cybersource("POST", "/notification-subscriptions/v2/webhooks", good),
            501,
            "NOT_OFFERED",
            0,
        ),
    ):
        told = answer.expect(status)
        assert set(told) == {"reason", "message", "details"}
        assert (told["reason"], len(told["details"])) == (reason, fields)
        assert told["message"]
        assert all(set(detail) == {"field", "reason"} for detail in told["details"])
    refused = tenant.cybersource("POST", KEYS, {"clientRequestAction": "STORE"}).expect(400)
    errors = refused["keyInformation"]["errorInformation"]
    assert errors["reason"] == "INVALID_DATA"
    assert [detail["field"] for detail in errors["details"]] == [
        "clientRequestAction",
        "keyInformation",
    ]
    assert tenant.cybersource("GET", SUBSCRIPTIONS).expect(200) == []
