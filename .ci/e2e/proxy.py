"""The way from the functions to the emulator: counts every request, keeps the e-mails, and stops
the requests that a test names, so that a function can be killed at a chosen moment."""

import contextlib
import http.client
import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from outbox import Outbox
from privilege import needed

FUNCTION = re.compile(r"\bapp/(herald-[a-z]+)")
SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
# The operations that no header and no parameter names.
PATHS = {
    "SendEmail": re.compile(r"POST /v2/email/outbound-emails"),
    "Invoke": re.compile(r"POST /2015-03-31/functions/[^/]+/invocations"),
}


@dataclass(frozen=True, order=True)
class Call:
    """What a function asks of AWS."""

    function: str
    service: str
    operation: str

    def __str__(self) -> str:
        return f"{self.function} {self.service}:{self.operation}"


class Hold:
    """Requests that were stopped on their way."""

    def __init__(self, function: str, operation: str, about: str) -> None:
        self._wanted = (function, operation)
        self._about = about.encode()
        self._reached = threading.Event()
        self._over = threading.Event()

    def matches(self, call: Call, body: bytes) -> bool:
        wanted = self._wanted == (call.function, call.operation) and self._about in body
        return wanted and not self._over.is_set()

    def wait(self, seconds: float = 30) -> None:
        """Returns when the first request is held."""
        assert self._reached.wait(seconds), f"no request {self._wanted} within {seconds} s"

    def stop(self) -> None:
        self._reached.set()
        self._over.wait()

    def end(self) -> None:
        self._over.set()


class Proxy:
    def __init__(self, upstream: int, outbox: Outbox) -> None:
        self._upstream = upstream
        self._outbox = outbox
        self._lock = threading.Lock()
        self._counts: Counter[Call] = Counter()
        self._denied: Counter[Call] = Counter()
        self._actions: dict[str, set[str]] = {}
        self._holds: list[Hold] = []
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        for hold in self._holds:
            hold.end()
        self._server.shutdown()
        self._server.server_close()

    def counts(self) -> Counter[Call]:
        """How often each request was made since the start."""
        with self._lock:
            return self._counts.copy()

    def actions(self, function: str) -> set[str]:
        """The IAM actions that a function needed since the start."""
        with self._lock:
            return set(self._actions.get(function, ()))

    def denied(self) -> Counter[Call]:
        """What was answered with "access denied"."""
        with self._lock:
            return self._denied.copy()

    @contextlib.contextmanager
    def hold(self, function: str, operation: str, about: str = "") -> Iterator[Hold]:
        """Stops these requests, or those of them that say `about`, until the end of the block,
        where their connections are cut: none of them reaches AWS."""
        hold = Hold(function, operation, about)
        with self._lock:
            self._holds.append(hold)
        try:
            yield hold
        finally:
            with self._lock:
                self._holds.remove(hold)
            hold.end()

    def admit(self, call: Call, body: bytes) -> bool:
        """Counts a request; whether it may go on."""
        with self._lock:
            self._counts[call] += 1
            actions = self._actions.setdefault(call.function, set())
            actions |= needed(call.service, call.operation, body)
            hold = next((hold for hold in self._holds if hold.matches(call, body)), None)
        if hold is None:
            return True
        hold.stop()
        return False

    def forward(self, request: "_Request", body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        """The emulator's answer. A connection that it closed while it was idle is made again."""
        fresh = request.upstream is None
        connection = request.upstream or http.client.HTTPConnection("127.0.0.1", self._upstream)
        try:
            answer = _ask(connection, request, body)
            request.upstream = connection
            return answer
        except ConnectionError:
            connection.close()
            request.upstream = None
            if fresh:
                raise
            return self.forward(request, body)

    def note(self, call: Call, body: bytes, status: int, answer: bytes) -> None:
        if status in (400, 403) and b"AccessDenied" in answer:
            with self._lock:
                self._denied[call] += 1
        if call.operation == "SendEmail" and status == 200:
            self._outbox.take(body, answer)


def call_of(headers: Any, method: str, target: str, body: bytes) -> Call:
    """Who asks for what: the SDK names the application and signs for a service."""
    function = FUNCTION.search(
        headers.get("User-Agent", "") + " " + headers.get("X-Amz-User-Agent", "")
    )
    service = SERVICE.search(headers.get("Authorization", ""))
    return Call(
        function[1] if function else "others",
        service[1] if service else "unsigned",
        _operation(headers.get("X-Amz-Target"), method, target, body),
    )


def _operation(named: str | None, method: str, target: str, body: bytes) -> str:
    if named:
        return named.rpartition(".")[2]
    url = urlsplit(target)
    query = parse_qs(url.query) or parse_qs(body.decode("latin-1"))
    if "Action" in query:
        return query["Action"][0]
    asked = f"{method} {url.path}"
    return next((name for name, path in PATHS.items() if path.fullmatch(asked)), asked)


def _ask(
    connection: http.client.HTTPConnection, request: "_Request", body: bytes
) -> tuple[http.client.HTTPResponse, bytes]:
    # Headers go as they came: the host is signed.
    connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers.items():
        connection.putheader(name, value)
    connection.endheaders(body or None)
    answer = connection.getresponse()
    return answer, answer.read()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.proxy = proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed function leaves broken connections; they are no news."""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server
    upstream: http.client.HTTPConnection | None = None

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        call = call_of(self.headers, self.command, self.path, body)
        if not self.server.proxy.admit(call, body):
            self.close_connection = True
            return
        answer, content = self.server.proxy.forward(self, body)
        self.server.proxy.note(call, body, answer.status, content)
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _pass_on

    def finish(self) -> None:
        super().finish()
        if self.upstream:
            self.upstream.close()

    def log_message(self, format: str, *args: Any) -> None:
        pass
