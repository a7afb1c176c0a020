"""The lines of the README's part about AWS, as they are pasted."""

import os
import re
import subprocess
from pathlib import Path

from emulator import Emulator
from receiver import Receiver
from stack import ROOT, TOOLS

# What a user's `aws` prints of the API leads to AWS; here it leads to the emulator.
AWS = """#!/usr/bin/env bash
set -o pipefail
'{aws}' "$@" | sed -E 's,https://([a-z0-9]+)[.]execute-api[.][^/ ]*,http://\\1.execute-api.localhost:{port},'
"""


def blocks(heading: str) -> list[str]:
    """The shell lines under a heading of the README."""
    section = (ROOT / "README.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def test_the_first_webhook_on_aws_works_as_pasted(
    emulator: Emulator, receiver: Receiver, folder: Path, stack: object
) -> None:
    inbox = receiver.inbox()
    [lines] = [block for block in blocks("On AWS") if "RECEIVER" in block]
    bin_ = folder / "bin"
    bin_.mkdir()
    (bin_ / "aws").write_text(AWS.format(aws=TOOLS / "aws/bin/aws", port=emulator.port))
    (bin_ / "aws").chmod(0o755)
    environment = {
        **emulator.environment(),
        "PATH": f"{bin_}:{os.environ['PATH']}",
        "RECEIVER": inbox.url,
        "no_proxy": "localhost,127.0.0.1",
    }

    pasted = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines], env=environment, capture_output=True, text=True
    )

    assert pasted.returncode == 0, pasted.stderr
    account, policy, event, shown = pasted.stdout.splitlines()
    assert '"externalId":"acme"' in account
    assert '"webhookSecret"' in policy
    assert event == '{"id":"first","duplicate":false}'
    assert '"type":"INVOICE_ISSUED"' in shown
    [webhook] = inbox.wait()
    assert webhook.json["resource"] == {"total": "12.00"}
