"""What SES tells of e-mails that came back, told in its place: the emulator's SES tells nothing."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import deviations
from emulator import Emulator
from outbox import Mail

BOUNCED = "Email Bounced"
COMPLAINED = "Email Complaint Received"


class Feedback:
    def __init__(self, emulator: Emulator) -> None:
        self._events = emulator.client("events")

    def bounce(self, mail: Mail, kind: str, reason: str, status: str) -> None:
        """A bounce: `Permanent`, `Transient` or `Undetermined`."""
        told = {
            "feedbackId": str(uuid.uuid4()),
            "bounceType": kind,
            "bounceSubType": reason,
            "bouncedRecipients": [
                {
                    "emailAddress": address,
                    "action": "failed",
                    "status": status,
                    "diagnosticCode": f"smtp; {status[0]}50 {status} {reason}",
                }
                for address in mail.to
            ],
            "timestamp": _now(),
            "reportingMTA": "dns; mta.example.com",
        }
        self._tell(BOUNCED, {"eventType": "Bounce", "bounce": told, "mail": _of(mail)})

    def hard_bounce(self, mail: Mail) -> None:
        self.bounce(mail, "Permanent", "General", "5.1.1")

    def soft_bounce(self, mail: Mail) -> None:
        self.bounce(mail, "Transient", "MailboxFull", "4.2.2")

    def complaint(self, mail: Mail) -> None:
        told = {
            "feedbackId": str(uuid.uuid4()),
            "complaintSubType": None,
            "complainedRecipients": [{"emailAddress": address} for address in mail.to],
            "timestamp": _now(),
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintFeedbackType": "abuse",
            "arrivalDate": _now(),
        }
        self._tell(COMPLAINED, {"eventType": "Complaint", "complaint": told, "mail": _of(mail)})

    def _tell(self, kind: str, detail: Any) -> None:
        self._check_rule(kind, detail)
        entry = {"Source": deviations.SES, "DetailType": kind, "Detail": json.dumps(detail)}
        answer = self._events.put_events(Entries=[entry])
        assert not answer["FailedEntryCount"], answer

    def _check_rule(self, kind: str, detail: Any) -> None:
        """The stack's rule hears SES itself, too."""
        event = {
            "id": str(uuid.uuid4()),
            "source": "aws.ses",
            "detail-type": kind,
            "account": "000000000000",
            "time": _now(),
            "region": "us-east-1",
            "resources": [],
            "detail": detail,
        }
        patterns = [rule.get("EventPattern") for rule in self._events.list_rules()["Rules"]]
        heard = [
            self._events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]
            for pattern in patterns
            if pattern
        ]
        assert any(heard), f"no rule hears {kind}: {patterns}"


def _of(mail: Mail) -> Any:
    """An e-mail as SES tells of it."""
    headers = [{"name": name, "value": value} for name, value in mail.message.items()]
    return {
        "timestamp": _now(),
        "source": mail.message["From"].addresses[0].addr_spec,
        "sourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
        "sendingAccountId": "000000000000",
        "messageId": mail.id,
        "destination": mail.to,
        "headersTruncated": False,
        "headers": headers,
        "commonHeaders": {
            "from": [mail.message["From"]],
            "to": mail.to,
            "messageId": mail.id,
            "subject": mail.message["Subject"],
        },
        "tags": {
            "ses:operation": ["SendEmail"],
            "ses:configuration-set": [mail.configuration_set],
            **{name: [value] for name, value in mail.tags.items()},
        },
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
