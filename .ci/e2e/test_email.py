"""From an event to an e-mail, and what comes back: from its recipient, or from the mail server."""

from typing import Any

from callers import OWN_POLICIES, Api, Operator, Tenant
from deadline import eventually
from emulator import Emulator
from feedback import Feedback
from outbox import BRAND, SENDER, Mail, Outbox
from receiver import Receiver
from stack import Stack


def delivery(tenant: Tenant, mail: Mail) -> Any:
    path = f"/herald/v1/deliveries/{mail.tags['herald-delivery']}"
    return tenant.request("GET", path).expect(200)


def delivered(tenant: Tenant, outbox: Outbox, address: str) -> Mail:
    """The only e-mail to an address, once Herald knows that it was sent: what comes back of it
    must not come first."""
    [mail] = outbox.wait(address)
    eventually(lambda: delivery(tenant, mail)["status"] == "delivered")
    return mail


def suspended(tenant: Tenant, policy: str, address: str, reason: str) -> Any:
    """A policy's recipient, once it is suspended for this reason."""

    def recipient() -> Any:
        shown = tenant.recipients(policy)[address]
        return shown if shown["status"] == "suspended" else None

    found = eventually(recipient)
    assert found["reason"] == reason
    assert found["since"]
    return found


def test_an_event_arrives_as_an_e_mail_and_shows_as_delivered(
    operator: Operator, outbox: Outbox, emulator: Emulator, stack: Stack
) -> None:
    tenant = operator.tenant("E-mail")
    address = "ada@arrives.example"
    policy = tenant.own_policy("email", address)

    event = tenant.report(resourceId="inv_1", data={"total": "<b>12.00</b>"})

    [mail] = outbox.wait(address)
    [sender] = mail.message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (BRAND, SENDER)
    assert mail.message["To"] == address
    assert mail.to == [address]
    assert mail.message["Subject"]
    assert mail.message["Message-ID"]
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # SES takes no other letters, and no longer lines.
    assert mail.raw.isascii()
    assert max(len(line) for line in mail.raw.splitlines()) <= 998
    assert mail.message.get_content_type() == "multipart/alternative"
    text, page = mail.part("text/plain"), mail.part("text/html")
    assert "<b>12.00</b>" in text
    assert "<b>12.00</b>" not in page
    assert "12.00" in page
    # In the text as it is, in the page within an attribute.
    assert mail.unsubscribe_link in text
    [recipient] = policy["recipients"]
    [shown] = tenant.deliveries(eventId=event)
    assert mail.tags == {
        "herald-account": tenant.account,
        "herald-mode": "live",
        "herald-policy": policy["id"],
        "herald-recipient": recipient["id"],
        "herald-delivery": shown["id"],
        "herald-attempt": "1",
        "herald-event-type": "INVOICE_ISSUED",
    }
    assert mail.configuration_set == stack.name
    assert emulator.mails()[mail.id]["Subject"] == mail.message["Subject"]
    eventually(lambda: delivery(tenant, mail)["status"] == "delivered")


def test_what_ses_refuses_waits_and_is_sent_once_it_is_taken(
    operator: Operator, outbox: Outbox, emulator: Emulator
) -> None:
    tenant = operator.tenant("Refused")
    address = "ada@sandbox.example"
    tenant.own_policy("email", address)

    with emulator.unverified(SENDER):
        event = tenant.report()
        waiting = eventually(lambda: tenant.deliveries(eventId=event, status="waiting"))
    [shown] = waiting
    path = f"/herald/v1/deliveries/{shown['id']}"
    [attempt, *_] = tenant.request("GET", path).expect(200)["attempts"]
    assert (attempt["statusCode"], attempt["answer"]) == (400, "MessageRejected")

    delivered(tenant, outbox, address)


def test_one_click_unsubscribes_and_looking_does_not(
    operator: Operator, api: Api, outbox: Outbox
) -> None:
    tenant = operator.tenant("Unsubscribed")
    address, other = "leaves@unsubscribes.example", "stays@unsubscribes.example"
    policy = tenant.own_policy("email", address, other)["id"]
    tenant.report()
    link = delivered(tenant, outbox, address).unsubscribe_link

    # Scanners of mail open every link.
    page = api.open(link)
    assert page.status == 200, page
    assert "<form" in page.text
    assert tenant.recipients(policy)[address]["status"] == "active"

    once, twice = (api.submit(link, {"List-Unsubscribe": "One-Click"}) for _ in range(2))
    assert (once.status, twice.status) == (200, 200), (once, twice)
    suspended(tenant, policy, address, "unsubscribed")
    assert tenant.recipients(policy)[other]["status"] == "active"

    event = tenant.report()
    outbox.wait(other, 2)
    assert [shown["target"] for shown in tenant.deliveries(eventId=event)] == [other]
    assert len(outbox.to(address)) == 1


def test_a_link_that_was_changed_unsubscribes_nobody(
    operator: Operator, api: Api, outbox: Outbox
) -> None:
    tenant = operator.tenant("Forged links")
    address = "ada@forged.example"
    policy = tenant.own_policy("email", address)["id"]
    tenant.report()
    link = delivered(tenant, outbox, address).unsubscribe_link

    for place in range(link.index("/", len("https://")) + 1, len(link), 7):
        letter = "A" if link[place] != "A" else "B"
        forged = f"{link[:place]}{letter}{link[place + 1 :]}"
        assert api.submit(forged, {"List-Unsubscribe": "One-Click"}).status in (400, 401, 404, 405)

    assert tenant.recipients(policy)[address]["status"] == "active"


def test_an_address_that_bounces_is_suppressed_for_its_tenant_until_that_is_lifted(
    operator: Operator, outbox: Outbox, feedback: Feedback
) -> None:
    tenant, stranger = operator.tenant("Bounces"), operator.tenant("Another sender")
    address = "nobody@bounces.example"
    first, second, foreign = (
        one.own_policy("email", address)["id"] for one in (tenant, tenant, stranger)
    )
    tenant.report()
    sent = {mail.tags["herald-policy"]: mail for mail in outbox.wait(address, 2)}
    mail = sent[first]
    eventually(lambda: delivery(tenant, mail)["status"] == "delivered")

    feedback.hard_bounce(mail)

    for policy in (first, second):
        suspended(tenant, policy, address, "bounced")
    assert tenant.suppressed()[address]["reason"] == "bounced"
    eventually(lambda: delivery(tenant, mail)["status"] == "failed")
    assert stranger.recipients(foreign)[address]["status"] == "active"
    assert address not in stranger.suppressed()

    tenant.lift_suppression(address)

    assert address not in tenant.suppressed()
    before = len(outbox.to(address))
    tenant.report()
    again = outbox.wait(address, before + 2)[before:]
    assert {mail.tags["herald-policy"] for mail in again} == {first, second}


def test_a_full_mailbox_is_tried_again(
    operator: Operator, outbox: Outbox, feedback: Feedback
) -> None:
    tenant = operator.tenant("Full mailbox")
    address = "full@bounces.example"
    policy = tenant.own_policy("email", address)["id"]
    tenant.report()
    mail = delivered(tenant, outbox, address)

    feedback.soft_bounce(mail)

    waiting = eventually(lambda: _if_waiting(delivery(tenant, mail)))
    assert waiting["nextAttemptAt"]
    assert tenant.recipients(policy)[address]["status"] == "active"
    assert address not in tenant.suppressed()


def test_who_complains_hears_no_more(
    operator: Operator, outbox: Outbox, feedback: Feedback
) -> None:
    tenant = operator.tenant("Complaints")
    address = "annoyed@complains.example"
    policy = tenant.own_policy("email", address)["id"]
    tenant.report()
    mail = delivered(tenant, outbox, address)

    feedback.complaint(mail)

    suspended(tenant, policy, address, "complained")
    # The address itself is fine: other policies go on writing to it.
    assert address not in tenant.suppressed()


def test_a_test_of_a_webhook_policy_arrives_and_tells_what_came_of_it(
    operator: Operator, receiver: Receiver
) -> None:
    tenant = operator.tenant("Tests webhooks")
    inbox = receiver.inbox(200, 500)
    policy = tenant.own_policy("webhook", inbox.url)["id"]
    secret = tenant.request("GET", f"{OWN_POLICIES}/{policy}/secret").expect(200)["secret"]

    good = tenant.request("POST", f"{OWN_POLICIES}/{policy}/test").expect(200)
    bad = tenant.request("POST", f"{OWN_POLICIES}/{policy}/test").expect(200)

    first, _ = inbox.wait(2)
    first.verify_standard(secret)
    assert (good["success"], good["attempt"]["statusCode"]) == (True, 200)
    assert (bad["success"], bad["attempt"]["statusCode"]) == (False, 500)
    assert good["message"] and bad["message"]


def test_a_test_of_an_e_mail_policy_is_sent_and_called_a_test(
    operator: Operator, outbox: Outbox
) -> None:
    tenant = operator.tenant("Tests e-mails")
    address = "ada@tests.example"
    policy = tenant.own_policy("email", address)["id"]

    answer = tenant.request("POST", f"{OWN_POLICIES}/{policy}/test").expect(200)

    assert answer["success"] is True
    assert answer["message"] and answer["attempt"]
    [mail] = outbox.wait(address)
    assert mail.message["Subject"].startswith("[Test]")


def _if_waiting(shown: Any) -> Any:
    return shown if shown["status"] == "waiting" else None
