"""The examples of `docs/receivers.md`, run on a webhook that the deployed stack sent."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from callers import OWN_POLICIES, Operator
from receiver import Received, Receiver
from stack import ROOT, TOOLS

# What hands a webhook to an example.
PYTHON = """
import json, sys
given = json.load(sys.stdin)
receive(given["secret"], given["headers"], given["body"].encode())
"""
JAVASCRIPT = """
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
receive(given.secret, given.headers, Buffer.from(given.body));
"""
# How much a genuine signature is like this one.
OTHER_SIGNATURE = "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="


@dataclass(frozen=True)
class Given:
    """What a receiver has before it looks closer."""

    secret: str
    headers: dict[str, str]
    body: str

    def signed_with(self, signature: str) -> "Given":
        return replace(self, headers={**self.headers, "webhook-signature": signature})


@dataclass(frozen=True)
class Example:
    """An example, ready to run."""

    command: list[str | Path]

    def receive(self, given: Given) -> subprocess.CompletedProcess[str]:
        text = json.dumps(given.__dict__)
        return subprocess.run(self.command, input=text, capture_output=True, text=True)


def block(language: str) -> str:
    """The only example in a language."""
    text = (ROOT / "docs/receivers.md").read_text()
    [found] = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return found


def python(folder: Path) -> Example:
    file = folder / "receive.py"
    file.write_text(block("python") + PYTHON)
    return Example([sys.executable, file])


def javascript(folder: Path) -> Example:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        pytest.skip("node and npm are not on this machine")
    subprocess.run([ROOT / ".ci/e2e/tools", "javascript"], check=True)
    # Node looks for packages beside the file.
    (folder / "node_modules").symlink_to(TOOLS / "javascript/node_modules")
    file = folder / "receive.mjs"
    file.write_text(block("js") + JAVASCRIPT)
    return Example([node, file])


@pytest.fixture(params=[python, javascript], ids=lambda make: make.__name__)
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Example:
    make: Callable[[Path], Example] = request.param
    return make(tmp_path)


@pytest.fixture(scope="module")
def given(operator: Operator, receiver: Receiver) -> Given:
    """A webhook as it came, and the secret that its policy shows."""
    tenant = operator.tenant("Receivers")
    inbox = receiver.inbox()
    policy = tenant.own_policy("webhook", inbox.url)["id"]
    secret = tenant.request("GET", f"{OWN_POLICIES}/{policy}/secret").expect(200)["secret"]
    tenant.report(data={"total": "12.00", "name": "Zoë"})
    webhook: Received = inbox.wait()[0]
    return Given(secret, webhook.headers, webhook.body)


def test_an_example_takes_a_webhook(example: Example, given: Given) -> None:
    signature = given.headers["webhook-signature"]
    # As it came, and as it comes while its policy's secret is changed.
    for headers in (signature, f"{signature} {OTHER_SIGNATURE}", f"{OTHER_SIGNATURE} {signature}"):
        taken = example.receive(given.signed_with(headers))
        assert taken.returncode == 0, taken.stderr
        assert "INVOICE_ISSUED" in taken.stdout
        assert "12.00" in taken.stdout


def test_an_example_refuses_what_is_forged(example: Example, given: Given) -> None:
    another = "whsec_" + "A" * 32
    timestamp = str(int(given.headers["webhook-timestamp"]) - 1)
    unsigned = {k: v for k, v in given.headers.items() if k != "webhook-signature"}
    for forged in (
        replace(given, body=given.body.replace("12.00", "13.00")),
        replace(given, secret=another),
        replace(given, headers={**given.headers, "webhook-id": "dlv_another"}),
        replace(given, headers={**given.headers, "webhook-timestamp": timestamp}),
        replace(given, headers=unsigned),
        given.signed_with(OTHER_SIGNATURE),
    ):
        refused = example.receive(forged)
        assert refused.returncode != 0, forged
        assert refused.stdout == ""
