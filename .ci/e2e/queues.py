"""The stack's queues, seen from outside."""

import json
from dataclasses import dataclass
from typing import Any

from emulator import Emulator


@dataclass(frozen=True)
class Letter:
    """A message of a dead letter queue."""

    body: str
    reason: str | None


class Queue:
    def __init__(self, emulator: Emulator, name: str) -> None:
        self._sqs = emulator.client("sqs")
        self.url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def send(self, *bodies: Any) -> None:
        """Sends up to ten messages as one batch; texts go as they are."""
        entries = [
            {"Id": str(number), "MessageBody": body if isinstance(body, str) else json.dumps(body)}
            for number, body in enumerate(bodies)
        ]
        answer = self._sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
        assert not answer.get("Failed"), answer

    def hide_for(self, seconds: int) -> None:
        """Shows a message that was received again after this time, unless it was deleted."""
        attributes = {"VisibilityTimeout": str(seconds)}
        self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes=attributes)

    @property
    def hidden_for(self) -> int:
        """After how many seconds that is."""
        names = ["VisibilityTimeout"]
        answer = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return int(answer["Attributes"]["VisibilityTimeout"])

    def letters(self) -> list[Letter]:
        """What lies in it; it stays there."""
        found: list[Any] = []
        # Each call shows ten at most, and hides them from the next.
        while more := self._receive():
            found += more
        self._show(found)
        return [Letter(message["Body"], _reason(message)) for message in found]

    def count(self) -> int:
        """How many messages wait in it or are under way, without those delayed."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def _receive(self) -> list[Any]:
        answer = self._sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            VisibilityTimeout=30,
        )
        return answer.get("Messages", [])

    def _show(self, messages: list[Any]) -> None:
        for message in messages:
            self._sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )


def _reason(message: Any) -> str | None:
    return message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
