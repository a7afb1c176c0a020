"""CyberSource's own client library for Node, as a merchant's program uses it. A subscription is
active a minute after it is made at the latest, so what is told of it begins early and is looked at
late."""

import base64
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from callers import Operator, Tenant
from deadline import eventually
from receiver import Inbox, Receiver
from stack import ROOT, TOOLS

PROGRAM = ROOT / ".ci/e2e/cybersource-client/client.js"
PRODUCT = "customerInvoicing"
PAID = "invoicing.customer.invoice.paid"
SENT = "invoicing.customer.invoice.send"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True)
class Told:
    """What the library tells of an answer."""

    status: int
    headers: dict[str, str]
    # What the answer was.
    text: str
    # What the library makes of it.
    read: Any

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    def expect(self, status: int) -> Any:
        assert self.status == status, f"{self.status} instead of {status}: {self.text}"
        return self.json


@dataclass(frozen=True)
class Library:
    """The library, configured for a tenant."""

    node: str
    tenant: Tenant

    def call(self, call: str, *arguments: Any) -> Told:
        given = {
            "host": self.tenant.api.authority,
            "url": self.tenant.api.address,
            "merchantID": self.tenant.account,
            "merchantKeyId": self.tenant.credential,
            "merchantsecretKey": base64.b64encode(self.tenant.secret.encode()).decode(),
            "call": call,
            "arguments": arguments,
        }
        run = subprocess.run(
            [self.node, PROGRAM],
            input=json.dumps(given),
            env={"NODE_PATH": str(TOOLS / "cybersource-client/node_modules")},
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
        return Told(**json.loads(run.stdout))

    def key(self) -> Told:
        inner = {
            "provider": "nrtd",
            "tenant": self.tenant.account,
            "keyType": "sharedSecret",
            "organizationId": self.tenant.account,
            "expiryDuration": "365",
        }
        body = {"clientRequestAction": "CREATE", "keyInformation": inner}
        return self.call("key", self.tenant.account, "Permission", "correlation-1", body)

    def create(self, url: str, **fields: Any) -> Told:
        return self.call("create", request(self.tenant.account, url, **fields))


def request(organization: str, url: str, **fields: Any) -> Any:
    """The request of CyberSource's guide to invoicing."""
    return {
        "name": "Invoicing Webhooks",
        "description": "Webhooks for Invoicing Events",
        "organizationId": organization,
        "productId": PRODUCT,
        "eventTypes": [PAID, SENT],
        "webhookUrl": url,
        "healthCheckUrl": url,
        "notificationScope": "SELF",
        "retryPolicy": {
            "algorithm": "ARITHMETIC",
            "firstRetry": 1,
            "interval": 1,
            "numberOfRetries": 3,
            "deactivateFlag": "false",
            "repeatSequenceCount": 0,
            "repeatSequenceWaitTime": 0,
        },
        "securityPolicy": {"securityType": "KEY", "proxyType": "external"},
        **fields,
    }


@pytest.fixture(scope="session")
def node() -> str:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        pytest.skip("node and npm, which CyberSource's library needs, are not on this machine")
    subprocess.run([ROOT / ".ci/e2e/tools", "cybersource-client"], check=True)
    return node


@dataclass(frozen=True)
class Subscribed:
    """A subscription that the library made."""

    library: Library
    inbox: Inbox
    made: Any

    @property
    def id(self) -> str:
        return self.made["webhookId"]


@pytest.fixture(scope="session")
def subscribed(node: str, operator: Operator, receiver: Receiver) -> Subscribed:
    library = Library(node, operator.tenant("Library, told"))
    # It takes the first notification and refuses the second.
    inbox, health = receiver.inbox(200, 500), receiver.inbox()
    never = {"numberOfRetries": 0}
    made = library.create(inbox.url, healthCheckUrl=health.url, retryPolicy=never)
    return Subscribed(library, inbox, made.expect(201))


@pytest.fixture(scope="session")
def told(subscribed: Subscribed) -> list[Any]:
    """What was told to the subscription: what it took, and what it refused."""
    tenant = subscribed.library.tenant

    def is_active() -> bool:
        return subscribed.library.call("show", subscribed.id).json["status"] == "ACTIVE"

    eventually(is_active, 90, every=2)
    for number, status in (("taken", "delivered"), ("refused", "failed")):
        event = tenant.report(type=PAID, data={"invoiceNumber": number})
        eventually(lambda: tenant.deliveries(eventId=event, status=status))
    return [webhook.json for webhook in subscribed.inbox.wait(2)]


def invoices(inbox: Inbox) -> list[str]:
    return [webhook.json["payload"]["data"]["invoiceNumber"] for webhook in inbox.received]


@pytest.mark.moment("early")
def test_the_library_subscribes(subscribed: Subscribed) -> None:
    assert subscribed.made["status"] == "INACTIVE"
    assert subscribed.made["retryPolicy"]["numberOfRetries"] == 0


@pytest.mark.moment("late")
def test_what_the_library_subscribed_to_is_told(subscribed: Subscribed, told: list[Any]) -> None:
    assert invoices(subscribed.inbox) == ["taken", "refused"]


@pytest.mark.moment("late")
def test_the_library_has_told_again_what_a_trace_or_a_status_names(
    subscribed: Subscribed, told: list[Any]
) -> None:
    traces = {"byTransactionTraceIdentifiers": [told[0]["transactionTraceId"]]}
    failed = {
        "status": "FAILED",
        "hoursBack": 1,
        "productId": PRODUCT,
        "eventType": PAID,
    }
    for count, body, invoice in (
        (3, traces, "taken"),
        (4, {"byDeliveryStatus": failed}, "refused"),
    ):
        # One replay at a time: the one before may not be quite at its end.
        answer = eventually(lambda: accepted(subscribed, body))
        assert answer.text in ("", '""')

        again = subscribed.inbox.wait(count)[-1].json
        assert again["payload"]["data"] == {"invoiceNumber": invoice}
        assert again["transactionTraceId"] not in [before["transactionTraceId"] for before in told]


def accepted(subscribed: Subscribed, body: Any) -> Told | None:
    """The answer to a replay, once none is under way."""
    answer = subscribed.library.call("replay", subscribed.id, body)
    if answer.status == 409:
        return None
    assert answer.status == 202, answer.text
    return answer


def test_the_library_lists_what_may_be_subscribed_to(node: str, operator: Operator) -> None:
    library = Library(node, operator.tenant("Library, products"))

    told = library.call("products", library.tenant.account)

    [product] = told.expect(200)
    assert product["productId"] == PRODUCT
    assert product["productName"] == "Customer Invoicing"
    paid = next(known for known in product["eventTypes"] if known["eventName"] == PAID)
    assert paid == {
        "eventName": PAID,
        "displayName": "An invoice was paid",
        "frequency": -1,
        "timeSensitivity": False,
        "payloadEncryption": False,
    }
    assert told.read == told.json


def test_the_library_makes_a_key(node: str, operator: Operator) -> None:
    library = Library(node, operator.tenant("Library, key"))

    told = library.key()

    made = told.expect(201)
    inner = made["keyInformation"]
    assert made == {
        "submitTimeUtc": made["submitTimeUtc"],
        "status": "SUCCESS",
        "keyInformation": {
            "provider": "nrtd",
            "tenant": library.tenant.account,
            "organizationId": library.tenant.account,
            "keyId": inner["keyId"],
            "key": inner["key"],
            "keyType": "sharedSecret",
            "status": "Active",
            "expirationDate": inner["expirationDate"],
        },
    }
    assert INSTANT.fullmatch(made["submitTimeUtc"]) and INSTANT.fullmatch(inner["expirationDate"])
    assert UUID.fullmatch(inner["keyId"])
    assert len(base64.b64decode(inner["key"])) == 32
    assert told.read == made


def test_the_library_leads_a_subscription_from_its_making_to_its_end(
    node: str, operator: Operator, receiver: Receiver
) -> None:
    library, inbox = Library(node, operator.tenant("Library")), receiver.inbox()
    organization = library.tenant.account

    made = library.create(inbox.url).expect(201)

    assert made == {
        **request(organization, inbox.url),
        "webhookId": made["webhookId"],
        "createdOn": made["createdOn"],
        "status": "INACTIVE",
        "retryPolicy": {
            "algorithm": "ARITHMETIC",
            "firstRetry": 1,
            "interval": 1,
            "numberOfRetries": 3,
            "deactivateFlag": False,
            "repeatSequenceCount": 0,
            "repeatSequenceWaitTime": 0,
        },
        "securityPolicy": {
            "securityType": "KEY",
            "proxyType": "external",
            "digitalSignatureEnabled": "yes",
        },
        "version": "3",
        "deliveryType": "nrtdCentral",
    }
    assert UUID.fullmatch(made["webhookId"]) and INSTANT.fullmatch(made["createdOn"])
    webhook = made["webhookId"]

    # Answers that show one are read into models without a product of their own.
    products = [{"productId": PRODUCT, "eventTypes": [PAID, SENT]}]
    shown = library.call("show", webhook)
    assert shown.expect(200) == {**made, "products": products}
    assert shown.read["products"] == products
    listed = library.call("list", organization, PRODUCT, PAID)
    assert listed.expect(200) == [shown.json]
    assert [one["products"] for one in listed.read] == [products]
    for others in ((organization, "payments", PAID), (organization, PRODUCT, f"{PAID}.not")):
        assert library.call("list", *others).expect(200) == []

    scope = {"scope": "DESCENDANTS"}
    changed = library.call("change", webhook, {"name": "Other", "notificationScope": scope})
    assert changed.expect(200) == {
        **shown.json,
        "name": "Other",
        "notificationScope": "DESCENDANTS",
        "updatedOn": changed.json["updatedOn"],
    }
    assert INSTANT.fullmatch(changed.json["updatedOn"])
    assert library.call("show", webhook).expect(200) == changed.json

    tested = library.call("test", webhook)
    assert tested.expect(201) == {
        "eventType": PAID,
        "webhookId": webhook,
        "productId": PRODUCT,
        "organizationId": organization,
        "eventDate": tested.json["eventDate"],
        "transactionTraceId": tested.json["transactionTraceId"],
        "retryNumber": 0,
        "requestType": "NEW",
        "payloads": {"testPayload": {"message": "This is a test of your webhook subscription"}},
    }
    assert tested.headers["herald-test"] == "the receiver accepted the notification"
    [posted] = [received for received in inbox.received if received.body]
    assert posted.json == tested.json

    assert library.call("remove", webhook).expect(200) == {"status": "successfully deleted"}
    for call in ("show", "remove", "test"):
        refused = library.call(call, webhook)
        assert refused.expect(404)["reason"] == "NOT_FOUND"


def test_the_library_is_told_what_is_wrong(
    node: str, operator: Operator, receiver: Receiver
) -> None:
    library = Library(node, operator.tenant("Library, refused"))

    refused = library.create(receiver.inbox().url, productId="payments").expect(400)

    assert refused["reason"] == "INVALID_DATA"
    assert refused["message"]
    assert [detail["field"] for detail in refused["details"]] == ["eventTypes[0]", "eventTypes[1]"]
    wrong = Tenant(**{**library.tenant.__dict__, "secret": "wrong"})
    unknown = Library(node, wrong).call("products", wrong.account).expect(401)
    assert unknown["reason"] == "UNAUTHORIZED"
