"""The e-mails that the functions handed to SES, as they were handed over. The emulator keeps their
text alone; headers and tags are seen on the way to it."""

import base64
import email
import email.policy
import json
import re
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from typing import Any

# What the stack is deployed with. A name that no header can hold as it is.
SENDER = "notifications@herald.example"
BRAND = "Büro"

LINK = re.compile(r"<(https?://[^>]+)>")


@dataclass(frozen=True)
class Mail:
    """An e-mail that SES took."""

    # SES's own.
    id: str
    to: list[str]
    configuration_set: str
    tags: dict[str, str]
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        message = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def part(self, kind: str) -> str:
        """The text of the only part of a kind, `text/plain` or `text/html`."""
        [part] = [part for part in self.message.walk() if part.get_content_type() == kind]
        return str(part.get_content())

    @property
    def unsubscribe_link(self) -> str:
        found = LINK.search(self.message["List-Unsubscribe"])
        assert found, self.message["List-Unsubscribe"]
        return found[1]


class Outbox:
    def __init__(self) -> None:
        self._mails: list[Mail] = []
        self._news = threading.Condition()

    def take(self, request: bytes, answer: bytes) -> None:
        """Keeps what a function asked SES to send, and SES's answer."""
        mail = _mail(json.loads(request), json.loads(answer)["MessageId"])
        with self._news:
            self._mails.append(mail)
            self._news.notify_all()

    def to(self, address: str) -> list[Mail]:
        """Everything so far to an address, the oldest first."""
        with self._news:
            return [mail for mail in self._mails if address in mail.to]

    def wait(self, address: str, count: int = 1, seconds: float = 30) -> list[Mail]:
        """Everything to an address, as soon as there are `count` e-mails."""
        with self._news:
            sent = self._news.wait_for(lambda: len(self.to(address)) >= count, seconds)
            assert sent, f"{len(self.to(address))} of {count} e-mails within {seconds} s"
            return self.to(address)


def _mail(request: Any, message_id: str) -> Mail:
    return Mail(
        message_id,
        request["Destination"]["ToAddresses"],
        request.get("ConfigurationSetName", ""),
        {tag["Name"]: tag["Value"] for tag in request.get("EmailTags", [])},
        base64.b64decode(request["Content"]["Raw"]["Data"]),
    )
