"""Who speaks to the deployed API: the operator, and the customers' systems as tenants."""

import base64
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from deadline import eventually
from http_signature import signed

POLICIES = "/api/notifications/policies"
OWN_POLICIES = "/herald/v1/policies"
EVENTS = "/herald/v1/events"
SUPPRESSIONS = "/herald/v1/suppressions"
WEBHOOKS = "/v1/webhooks"
PULSE_WEBHOOKS = "/api/v3/notification/webhooks"
PULSE_LOGIN = "/api/v3/iam/auth/api/login"
SUBSCRIPTIONS = "/notification-subscriptions/v1/webhooks"
KEYS = "/kms/egress/v2/keys-sym"
# Events that one request may report.
BATCH = 100


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    def expect(self, status: int) -> Any:
        """The body, where the status is this one."""
        assert self.status == status, f"{self.status} instead of {status}: {self.text}"
        return self.json if self.text else None


@dataclass(frozen=True)
class Api:
    """The HTTP API of the deployed stack. Its host name leads to loopback whatever the machine's
    resolver knows of it."""

    host: str
    port: int

    @property
    def authority(self) -> str:
        """What requests name as their host."""
        return f"{self.host}:{self.port}"

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def request(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        if body is None:
            return self._send(method, path, None, headers)
        headers = {"Content-Type": "application/json", **headers}
        return self._send(method, path, json.dumps(body), headers)

    def open(self, url: str) -> Answer:
        """Opens a link to the API as a browser does."""
        return self._send("GET", _target(url), None, {})

    def submit(self, url: str, fields: dict[str, str]) -> Answer:
        """Sends a form to a link to the API, as a mail program does to unsubscribe."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", _target(url), urlencode(fields), headers)

    def _send(
        self, method: str, target: str, content: str | None, headers: dict[str, str]
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Host": self.authority, **headers}
        try:
            connection.request(method, target, content, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read().decode())
        finally:
            connection.close()


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


@dataclass(frozen=True)
class Tenant:
    """A customer's system with a credential."""

    api: Api
    account: str
    credential: str
    secret: str

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        headers = {**basic(self.credential, self.secret), **(headers or {})}
        return self.api.request(method, path, body, headers)

    def lune(
        self, method: str, path: str = "", body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Asks as a client of Lune's does; the path is below that of the webhooks."""
        headers = {"Authorization": f"Bearer {self.secret}", **(headers or {})}
        return self.api.request(method, f"{WEBHOOKS}{path}", body, headers)

    def pulse(self, method: str, path: str = "", body: Any = None, token: str = "") -> Answer:
        """Asks as a client of Pulse's does, by a token or else by the key itself; the path is below
        that of the webhooks."""
        headers = {
            "Authorization": f"Bearer {token or self.secret}",
            "Content-Type": "application/vnd.api+json",
        }
        return self.api.request(method, f"{PULSE_WEBHOOKS}{path}", body, headers)

    def pulse_token(self) -> str:
        """Logs in with the credential's secret."""
        made = self.api.request("POST", PULSE_LOGIN, {"key": self.secret}, {}).expect(200)
        return made["meta"]["token"]

    def cybersource(
        self, method: str, path: str, body: Any = None, *, merchant: str | None = None
    ) -> Answer:
        """Asks as a client of CyberSource's does, for its own account or a merchant below it."""
        headers = signed(
            method,
            self.api.authority,
            path,
            None if body is None else json.dumps(body),
            merchant=merchant or self.account,
            key=self.credential,
            secret=self.secret,
        )
        return self.api.request(method, path, body, headers)

    def key(self, organization: str | None = None) -> Any:
        """A new key that signs the webhooks of CyberSource's kind."""
        named = organization or self.account
        body = {
            "clientRequestAction": "CREATE",
            "keyInformation": {
                "provider": "nrtd",
                "tenant": named,
                "keyType": "sharedSecret",
                "organizationId": named,
                "expiryDuration": "365",
            },
        }
        return self.cybersource("POST", KEYS, body).expect(201)["keyInformation"]

    def policy(self, *recipients: str, name: str = "Everything") -> Any:
        """Makes a policy for all types of events."""
        body = {"name": name, "channel": "WEBHOOK", "recipients": recipients}
        return self.request("POST", POLICIES, body).expect(201)

    def own_policy(
        self, channel: str, *recipients: str, name: str = "Everything", **fields: Any
    ) -> Any:
        """Makes a policy of Herald's own for all types of events."""
        body = {"name": name, "channel": channel, "recipients": recipients, "eventTypes": None}
        return self.request("POST", OWN_POLICIES, {**body, **fields}).expect(201)

    def shown(self, policy: str) -> Any:
        """A policy as it stands, of whatever dialect."""
        return self.request("GET", f"{OWN_POLICIES}/{policy}").expect(200)

    def recipients(self, policy: str) -> Any:
        """A policy's recipients, by their targets."""
        recipients = self.shown(policy)["recipients"]
        return {recipient["target"]: recipient for recipient in recipients}

    def lag(self, policy: str) -> Any:
        """How far behind the only recipient of an ordered policy is."""
        [recipient] = self.shown(policy)["recipients"]
        path = f"{OWN_POLICIES}/{policy}/recipients/{recipient['id']}"
        return self.request("GET", path).expect(200)["lag"]

    def suppressed(self) -> Any:
        """The addresses that are sent to no more, each with what is told of it."""
        listed = self.request("GET", SUPPRESSIONS).expect(200)["items"]
        return {suppression["address"]: suppression for suppression in listed}

    def lift_suppression(self, address: str) -> None:
        self.request("DELETE", f"{SUPPRESSIONS}/{quote(address, safe='')}").expect(204)

    def report(self, **event: Any) -> str:
        """Reports an event; its id."""
        body = {"type": "INVOICE_ISSUED", **event}
        return self.request("POST", EVENTS, body).expect(202)["id"]

    def report_all(self, events: list[Any]) -> None:
        """Reports events in their order, as many at a time as go."""
        for start in range(0, len(events), BATCH):
            body = {"events": events[start : start + BATCH]}
            items = self.request("POST", f"{EVENTS}/batch", body).expect(200)["items"]
            assert {item["status"] for item in items} == {202}, items

    def report_until_accepted(self, **event: Any) -> str:
        """Reports an event as a careful producer does: again under its id, until it is accepted."""
        body = {"type": "INVOICE_ISSUED", **event}

        def accepted() -> Any:
            answer = self.request("POST", EVENTS, body)
            return answer.json["id"] if answer.status == 202 else None

        return eventually(accepted)

    def deliveries(self, **query: str) -> list[Any]:
        return self.request("GET", f"/herald/v1/deliveries?{urlencode(query)}").expect(200)["items"]


@dataclass(frozen=True)
class Operator:
    """Who runs the stack."""

    api: Api
    secret: str

    def request(self, method: str, path: str, body: Any = None) -> Answer:
        path = f"/herald/v1/accounts{path}"
        return self.api.request(method, path, body, basic("operator", self.secret))

    def account(self, name: str, **fields: str) -> Any:
        return self.request("POST", "", {"name": name, **fields}).expect(201)

    def credential(self, account: str, role: str = "manage") -> Tenant:
        body = {"mode": "live", "role": role}
        made = self.request("POST", f"/{account}/credentials", body).expect(201)
        return Tenant(self.api, account, made["id"], made["secret"])

    def tenant(self, name: str, **fields: str) -> Tenant:
        """A new account with a credential that may do everything in it."""
        return self.credential(self.account(name, **fields)["id"])

    def revoke(self, tenant: Tenant) -> None:
        path = f"/{tenant.account}/credentials/{quote(tenant.credential)}"
        self.request("DELETE", path).expect(204)
