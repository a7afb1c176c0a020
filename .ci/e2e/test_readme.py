"""The lines of the README's part about AWS, as they are pasted."""

import os
import re
import subprocess

from emulator import Emulator
from receiver import Receiver
from stack import ROOT, TOOLS, Stack


def blocks(heading: str) -> list[str]:
    """The shell lines under a heading of the README."""
    section = (ROOT / "README.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def test_the_first_webhook_on_aws_works_as_pasted(
    emulator: Emulator, receiver: Receiver, stack: Stack
) -> None:
    inbox = receiver.inbox()
    [lines] = [block for block in blocks("On AWS") if "RECEIVER" in block]
    environment = {
        **emulator.environment(),
        "PATH": f"{TOOLS / 'aws/bin'}:{os.environ['PATH']}",
        "RECEIVER": inbox.url,
        "no_proxy": "localhost,127.0.0.1",
    }

    pasted = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines], env=environment, capture_output=True, text=True
    )

    assert pasted.returncode == 0, pasted.stderr
    account, policy, event, shown = pasted.stdout.splitlines()
    assert '"externalId":"acme"' in account
    assert '"dialect":"herald"' in policy
    assert event == '{"id":"first","duplicate":false}'
    assert '"type":"INVOICE_ISSUED"' in shown
    [webhook] = inbox.wait()
    assert webhook.json["data"] == {"total": "12.00"}
