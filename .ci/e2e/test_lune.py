"""Lune's webhooks, from their own routes to the receiver. A lane whose worker was killed is taken
up when its lease has ended, a minute later, so that story begins early and is looked at late."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from callers import Operator, Tenant
from deadline import eventually
from emulator import Emulator
from proxy import Proxy
from receiver import Inbox, Received, Receiver

FUNCTION = "herald-webhook"


@dataclass(frozen=True)
class Webhook:
    """A webhook of Lune's and where it goes."""

    tenant: Tenant
    inbox: Inbox
    id: str
    secret: str

    def put(self, **fields: Any) -> Any:
        body = {"url": self.inbox.url, **fields}
        return self.tenant.lune("PUT", f"/{self.id}", body).expect(200)

    def rotated(self) -> "Webhook":
        made = self.tenant.lune("PUT", f"/{self.id}/rotate-secret").expect(200)
        return Webhook(self.tenant, self.inbox, self.id, made["secret"])

    def report(self, *ids: str) -> None:
        self.tenant.report_all(
            [{"id": id, "type": "order.received", "data": {"order": {"id": id}}} for id in ids]
        )

    def wait_for(self, *ids: str, seconds: float = 30) -> None:
        """Returns when exactly these events were acknowledged, in this order."""

        def told() -> bool:
            return [event["event_id"] for event in events(*self.inbox.accepted)] == list(ids)

        eventually(told, seconds)


def webhook(tenant: Tenant, inbox: Inbox) -> Webhook:
    made = tenant.lune("POST", body={"url": inbox.url}).expect(200)
    return Webhook(tenant, inbox, made["id"], made["secret"])


def events(*received: Received) -> list[Any]:
    return [event for one in received for event in one.json["events"]]


@pytest.fixture(scope="session")
def killed(operator: Operator, receiver: Receiver, emulator: Emulator, proxy: Proxy) -> Webhook:
    """A webhook whose sender was killed after the answer, before it noted how far it had come."""
    made = webhook(operator.tenant("Lune, killed"), receiver.inbox())
    # A lane is claimed by a transaction, too; only what notes how far it came moves a cursor.
    with proxy.hold(FUNCTION, "TransactWriteItems", about="#CURSOR#") as hold:
        made.report("first")
        made.inbox.wait()
        hold.wait()
        assert emulator.kill_function(FUNCTION) > 0
    made.report("second")
    return made


@pytest.mark.moment("early")
def test_a_function_is_killed_before_it_notes_what_it_has_told(killed: Webhook) -> None:
    [first] = killed.inbox.accepted
    assert [event["event_id"] for event in events(first)] == ["first"]


@pytest.mark.moment("late")
def test_what_the_killed_function_had_told_is_told_again_and_nothing_overtakes_it(
    killed: Webhook,
) -> None:
    killed.wait_for("first", "first", "second", seconds=150)
    first, again, *_ = killed.inbox.received
    # Who knows an id must not take what is new for what came before.
    assert (first.id == again.id) == (first.body == again.body)


def test_a_webhook_shows_its_secret_once_and_is_gone_when_it_is_deleted(
    operator: Operator, receiver: Receiver
) -> None:
    tenant = operator.tenant("Lune")
    url = receiver.inbox().url

    made = tenant.lune("POST", body={"url": url}).expect(200)

    assert made["secret"].startswith("whsec_")
    assert (made["url"], made["enabled"], made["account_type"]) == (url, True, "live")
    assert made["account_ids"] == []
    known = {**made, "secret": made["secret"][-4:]}
    assert tenant.lune("GET").expect(200) == [known]
    assert tenant.lune("GET", f"/{made['id']}").expect(200) == known

    assert tenant.lune("DELETE", f"/{made['id']}").expect(204) is None

    assert tenant.lune("GET").expect(200) == []
    assert tenant.lune("GET", f"/{made['id']}").status == 404


def test_events_arrive_several_at_a_time_in_their_order_until_they_are_acknowledged(
    operator: Operator, receiver: Receiver
) -> None:
    refusals = (500, 200, 500, 500)
    made = webhook(operator.tenant("Lune, in order"), receiver.inbox(*refusals))
    ids = [f"order-{number}" for number in range(250)]

    made.report(*ids)

    made.wait_for(*ids, seconds=60)
    received = made.inbox.received
    assert len(received) < 30
    for one in received:
        one.verify_standard(made.secret)
        assert one.is_lunes(made.secret)
        assert f"organisation={made.tenant.account}" in one.headers["lune-hmac"]
    for (refused, again), status in zip(pairwise(received), refusals):
        # It comes again as it was, whatever was reported meanwhile.
        assert (refused.id == again.id) == (refused.body == again.body) == (status == 500)
    told = events(*made.inbox.accepted)
    assert all(before["sequence"] < after["sequence"] for before, after in pairwise(told))
    last = {key: value for key, value in told[-1].items() if key != "sequence"}
    assert last == {
        "api_version": "v1",
        "event_id": ids[-1],
        "account_id": made.tenant.account,
        "event_type": "order.received",
        "data": {"order": {"id": ids[-1]}},
    }


def test_a_rotated_secret_signs_the_very_next_webhook_alone(
    operator: Operator, receiver: Receiver
) -> None:
    made = webhook(operator.tenant("Lune, rotated"), receiver.inbox())
    made.report("before")
    made.wait_for("before")

    rotated = made.rotated()
    made.report("after")

    made.wait_for("before", "after")
    before, after = made.inbox.received
    assert before.is_lunes(made.secret) and not before.is_lunes(rotated.secret)
    assert after.is_lunes(rotated.secret) and not after.is_lunes(made.secret)


def test_a_webhook_that_is_disabled_keeps_its_place(operator: Operator, receiver: Receiver) -> None:
    made = webhook(operator.tenant("Lune, disabled"), receiver.inbox())
    made.report("before")
    made.wait_for("before")

    assert made.put(enabled=False)["enabled"] is False
    ids = ["off-1", "off-2", "off-3"]
    made.report(*ids)
    eventually(lambda: made.tenant.lag(made.id)["events"] == len(ids))
    assert len(made.inbox.received) == 1

    assert made.put(enabled=True)["enabled"] is True
    made.wait_for("before", *ids)


def test_an_account_acts_for_one_below_it(operator: Operator, receiver: Receiver) -> None:
    parent = operator.tenant("Lune, above")
    child = operator.tenant("Lune, below", parentId=parent.account)
    inbox, below = receiver.inbox(), {"Lune-Account": child.account}

    made = parent.lune("POST", body={"url": inbox.url}, headers=below).expect(200)
    child.report_all([{"id": "below", "type": "order.received"}])
    parent.report_all([{"id": "above", "type": "order.received"}])

    [webhook] = inbox.wait()
    assert [event["account_id"] for event in events(webhook)] == [child.account]
    # The organisation is the account without one above it.
    assert f"organisation={parent.account}" in webhook.headers["lune-hmac"]
    assert [shown["id"] for shown in child.lune("GET").expect(200)] == [made["id"]]
    assert parent.lune("GET").expect(200) == []


def test_refusals_are_told_as_lune_tells_them(operator: Operator, receiver: Receiver) -> None:
    tenant, stranger = operator.tenant("Lune, refused"), operator.tenant("Lune, stranger")
    unknown = Tenant(tenant.api, tenant.account, tenant.credential, "unknown")
    elsewhere = {"Lune-Account": stranger.account}
    good = {"url": receiver.inbox().url}
    for answer, status, code in (
        (tenant.lune("POST", body={"url": "http://example.com/"}), 400, "validation_error"),
        (tenant.lune("POST", body={}), 400, "validation_error"),
        (tenant.lune("POST", body=good, headers=elsewhere), 400, "id_invalid"),
        (tenant.lune("POST", body={**good, "account_ids": ["nobody"]}), 400, "id_invalid"),
        (unknown.lune("GET"), 401, "unauthorised"),
    ):
        told = answer.expect(status)
        assert told["error"]["error_code"] == code
        assert told["error"]["message"]
        assert told == {"error": told["error"], "errors": [told["error"]]}
    nowhere = tenant.lune("GET", "/01a00000-0000-7000-8000-000000000000")
    assert (nowhere.status, nowhere.text.count("\n")) == (404, 1)
    assert tenant.lune("GET").expect(200) == []
