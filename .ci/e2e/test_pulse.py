"""Pulse's webhooks, from the login to the receiver."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from callers import Operator, Tenant
from receiver import Receiver

CREATED = "workflow:projects:created"
DELETED = "workflow:projects:deleted"
CLIENTS = 20


def document(**attributes: Any) -> Any:
    return {"data": {"type": "notification/webhooks", "attributes": attributes}}


def webhook(tenant: Tenant, url: str, **attributes: Any) -> Any:
    """Makes a webhook; its resource."""
    body = document(**{"name": "CI", "url": url, "events": [CREATED], **attributes})
    return tenant.pulse("POST", body=body).expect(201)["data"]


def listed(tenant: Tenant, query: str = "") -> list[str]:
    """The ids of a list."""
    found = tenant.pulse("GET", f"?{query}" if query else "").expect(200)["data"]
    return [resource["id"] for resource in found]


def test_a_client_logs_in_and_its_token_stops_with_the_credential(
    operator: Operator, receiver: Receiver
) -> None:
    tenant = operator.tenant("Pulse")
    token = tenant.pulse_token()
    body = document(name="CI", url=receiver.inbox().url, events=[CREATED, DELETED])

    made = tenant.pulse("POST", body=body, token=token).expect(201)

    attributes = made["data"]["attributes"]
    assert made["data"]["id"] == "1"
    assert attributes["secret"].startswith("whsec_")
    assert (attributes["events"], attributes["scopes"]) == ([CREATED, DELETED], {})
    assert tenant.pulse("GET", "/1", token=token).expect(200) == made
    events = tenant.pulse("GET", "/events", token=token).expect(200)["data"]
    assert {"type": "notification/events", "id": CREATED} in events

    operator.revoke(tenant)

    assert tenant.pulse("GET", "/1", token=token).status == 401


def test_an_event_is_told_and_verified_by_the_library(
    operator: Operator, receiver: Receiver
) -> None:
    tenant, inbox = operator.tenant("Pulse, told"), receiver.inbox(500)
    made = webhook(tenant, inbox.url)

    tenant.report(type=DELETED, resourceId="6")
    tenant.report(
        type=CREATED, resourceId="7", occurredAt="2026-01-05T10:00:00Z", data={"z": 1, "a": [2]}
    )

    # The first is refused, and comes again after some seconds.
    refused, again = inbox.wait(2)
    for one in (refused, again):
        one.verify_standard(made["attributes"]["secret"])
    assert (refused.id, refused.body) == (again.id, again.body)
    account = made["attributes"]["account_id"]
    assert again.body == (
        '{"event":"workflow:projects:created","resource_id":"7",'
        f'"account_id":{account},"occurred_at":"2026-01-05T10:00:00Z",'
        '"payload":{"z":1,"a":[2]}}'
    )


def test_a_test_is_delivered_and_says_what_came_of_it(
    operator: Operator, receiver: Receiver
) -> None:
    tenant, good, bad = operator.tenant("Pulse, tried"), receiver.inbox(), receiver.inbox(500)
    first, second = webhook(tenant, good.url), webhook(tenant, bad.url)

    tried = tenant.pulse("POST", f"/test/{first['id']}").expect(200)
    refused = tenant.pulse("POST", f"/test/{second['id']}").expect(200)

    assert tried == {"success": True, "message": "the receiver accepted the webhook"}
    assert refused["success"] is False and "500" in refused["message"]
    [received] = good.wait()
    received.verify_standard(first["attributes"]["secret"])
    assert received.json["event"] == CREATED


def test_a_webhook_is_changed_found_and_deleted(operator: Operator, receiver: Receiver) -> None:
    tenant, url = operator.tenant("Pulse, changed"), receiver.inbox().url
    for name in ("b", "a", "c"):
        webhook(tenant, url, name=name)

    changed = tenant.pulse("PATCH", "/1", document(name="z", events=[DELETED])).expect(200)

    assert changed["data"]["attributes"]["name"] == "z"
    assert listed(tenant) == ["1", "2", "3"]
    assert listed(tenant, "sort=-name") == ["1", "3", "2"]
    assert listed(tenant, "page[number]=2&page[size]=2") == ["3"]
    assert listed(tenant, "page%5Bnumber%5D=2&page%5Bsize%5D=2") == ["3"]
    assert listed(tenant, f"filter[events]={DELETED}") == ["1"]
    assert listed(tenant, "filter%5Bid%5D%5B%5D=3&filter%5Bid%5D%5B%5D=2") == ["2", "3"]
    counted = tenant.pulse("GET", "?count=true&page[size]=1").expect(200)
    assert counted["meta"] == {"count": 3, "more": False}
    sparse = tenant.pulse("GET", "/2?fields[notification/webhooks]=name").expect(200)
    assert sparse["data"]["attributes"] == {"name": "a"}

    assert tenant.pulse("DELETE", "/2").expect(204) is None

    assert tenant.pulse("GET", "/2").status == 404
    assert listed(tenant) == ["1", "3"]


def test_clients_that_create_at_once_get_ids_of_their_own(
    operator: Operator, receiver: Receiver
) -> None:
    tenant, url = operator.tenant("Pulse, at once"), receiver.inbox().url

    with ThreadPoolExecutor(CLIENTS) as clients:
        made = list(clients.map(lambda _: webhook(tenant, url), range(CLIENTS)))

    ids = {resource["id"] for resource in made}
    assert len(ids) == CLIENTS
    assert set(listed(tenant)) == ids


def test_refusals_are_told_as_json_api_tells_them(operator: Operator, receiver: Receiver) -> None:
    tenant, stranger = operator.tenant("Pulse, refused"), operator.tenant("Pulse, stranger")
    theirs = webhook(stranger, receiver.inbox().url)
    unknown = Tenant(tenant.api, tenant.account, tenant.credential, "unknown")
    bad = document(name="", url="http://example.com/", events=[CREATED, "nope"])

    errors = tenant.pulse("POST", body=bad).expect(422)["errors"]

    assert {error["source"]["pointer"] for error in errors} == {
        "/data/attributes/name",
        "/data/attributes/url",
        "/data/attributes/events/1",
    }
    for error in errors:
        assert (error["status"], error["title"]) == (422, "Verse::Error::ValidationFailed")
    for answer, status, title in (
        (unknown.pulse("GET"), 401, "Verse::Error::Authorization"),
        (tenant.pulse("GET", f"/{theirs['id']}"), 404, "Verse::Error::RecordNotFound"),
        (tenant.pulse("DELETE", f"/{theirs['id']}"), 404, "Verse::Error::RecordNotFound"),
        (tenant.pulse("GET", "/9223372036854775808"), 404, "Verse::Error::RecordNotFound"),
    ):
        [error] = answer.expect(status)["errors"]
        assert (error["status"], error["title"]) == (str(status), title)
    assert listed(tenant) == []
    assert listed(stranger) == [theirs["id"]]
