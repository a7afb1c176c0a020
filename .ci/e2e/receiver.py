"""A receiver of webhooks on loopback: records what arrives and answers as a test tells it."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Received:
    """A webhook as it arrived."""

    headers: dict[str, str]
    body: str
    at: float = field(default_factory=time.monotonic)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def verify_standard(self, secret: str) -> None:
        """Checks the signature that every webhook has."""
        Webhook(secret).verify(self.body, self.headers)

    def verify(self, secret: str) -> None:
        """Checks both signatures."""
        self.verify_standard(secret)
        stamp, signature = self.headers["sequence-signature"].split(",")
        milliseconds = stamp.removeprefix("t=")
        text = f"{milliseconds}.{self.body}"
        expected = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        assert hmac.compare_digest(signature, f"s={expected}")
        assert abs(int(milliseconds) / 1000 - time.time()) < 300

    def is_lunes(self, secret: str) -> bool:
        """Whether `Lune-HMAC` vouches for it, by the rule that `docs/receivers.md` tells."""
        fields = [field.split("=", 1) for field in self.headers["lune-hmac"].split(",")]
        [seconds] = [value for name, value in fields if name == "timestamp"]
        text = f"{seconds}.{self.body}"
        digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
        expected = base64.b64encode(digest).decode()
        signed = [
            hmac.compare_digest(value, expected) for name, value in fields if name == "v1"
        ]
        return any(signed) and abs(int(seconds) - time.time()) < 300

    def is_cybersources(self, key: Any) -> bool:
        """Whether `v-c-signature` vouches for it, by the rule that `docs/receivers.md` tells."""
        given = dict(field.split("=", 1) for field in self.headers["v-c-signature"].split(";"))
        text = f"{given['t']}.{self.member('payload')}"
        secret = base64.b64decode(key["key"])
        expected = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        return (
            given["keyId"] == key["keyId"]
            and hmac.compare_digest(given["sig"], base64.b64encode(expected).decode())
            and abs(int(given["t"]) / 1000 - time.time()) < 300
        )

    def member(self, name: str) -> str:
        """A member of the body, letter for letter as it stands there."""
        start = self.body.index(f'"{name}":') + len(name) + 3
        _, end = json.JSONDecoder().raw_decode(self.body, start)
        return self.body[start:end]


class Inbox:
    """What arrives at one path."""

    def __init__(self, url: str, statuses: Iterator[int], delay: float) -> None:
        self.url = url
        self._statuses = statuses
        self._otherwise = 200
        self._delay = delay
        self._received: list[Received] = []
        self._accepted: list[Received] = []
        self._news = threading.Condition()

    def wait(self, count: int = 1, seconds: float = 30) -> list[Received]:
        """Everything so far, as soon as `count` webhooks have arrived."""
        with self._news:
            arrived = self._news.wait_for(lambda: len(self._received) >= count, seconds)
            assert arrived, f"{len(self._received)} of {count} webhooks within {seconds} s"
            return list(self._received)

    def wait_for_ids(self, count: int, seconds: float = 30) -> set[str]:
        """The ids so far, as soon as there are `count` different ones."""
        with self._news:
            arrived = self._news.wait_for(lambda: len(self._ids()) >= count, seconds)
            assert arrived, f"{len(self._ids())} of {count} webhooks within {seconds} s"
            return self._ids()

    @property
    def received(self) -> list[Received]:
        with self._news:
            return list(self._received)

    @property
    def accepted(self) -> list[Received]:
        """Those that were answered with 200."""
        with self._news:
            return list(self._accepted)

    def answer(self, status: int) -> None:
        """Answers with this status from now on."""
        with self._news:
            self._statuses, self._otherwise = iter(()), status

    def take(self, received: Received) -> int:
        """Records a webhook; the status to answer with."""
        with self._news:
            self._received.append(received)
            status = next(self._statuses, self._otherwise)
            if status == 200:
                self._accepted.append(received)
            self._news.notify_all()
        # The receiver's own slowness.
        time.sleep(self._delay)
        return status

    def _ids(self) -> set[str]:
        return {received.id for received in self._received}


class Receiver:
    def __init__(self) -> None:
        self._inboxes: dict[str, Inbox] = {}
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def inbox(self, *statuses: int, delay: float = 0) -> Inbox:
        """A new path that answers with these statuses in turn, then with 200."""
        path = f"/{len(self._inboxes)}"
        inbox = Inbox(self.url + path, iter(statuses), delay)
        self._inboxes[path] = inbox
        return inbox

    def at(self, path: str) -> Inbox | None:
        """Where a request belongs: a path below an inbox's is a recipient of its own."""
        return self._inboxes.get("/" + path.split("/")[1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.receiver = receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed sender leaves broken connections; they are no news."""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        inbox = self.server.receiver.at(self.path)
        self.send_response(inbox.take(Received(headers, body)) if inbox else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass
