"""`just invoke <sample>…` and `just invoke-all`: samples of `events/` by `sam local invoke`, each in
a container, against the stack on an emulator; and whether they are answered as
`events/answers.json` says."""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bridge import Bridge
from emulator import CREDENTIALS, REGION, Emulator, free_port
from outbox import SENDER
from stack import ARCHITECTURE, BUILD, FUNCTIONS, ROOT, SAM, Stack, build

SAMPLES = ROOT / "events"
ANSWERS: dict[str, Any] = json.loads((SAMPLES / "answers.json").read_text())
STAGE = ROOT / "target/debug/examples/stage"
OPERATOR_SECRET = "operator-secret"
IMAGE = f"public.ecr.aws/lambda/provided:al2023-{ARCHITECTURE}"


class Invoker:
    """Invokes functions of the deployed stack as containers."""

    def __init__(self, emulator: Emulator, stack: Stack, endpoint: str, folder: Path) -> None:
        self._emulator = emulator
        self._endpoint = endpoint
        self._variables = {
            function: stack.function(function)["Environment"]["Variables"] for function in FUNCTIONS
        }
        self._template = folder / "template.yaml"
        self._template.write_text(self._with_endpoint((BUILD / "template.yaml").read_text()))
        self._overrides = folder / "variables.json"
        logical = {_logical(function): variables for function, variables in self._variables.items()}
        self._overrides.write_text(json.dumps(logical))

    def set_stage(self) -> None:
        """Writes what the samples presuppose."""
        environment = {**self._emulator.environment(), **self._variables["api"]}
        subprocess.run([STAGE], env=environment, check=True)
        secret = self._variables["api"]["HERALD_OPERATOR_SECRET_ID"]
        secrets = self._emulator.client("secretsmanager")
        secrets.put_secret_value(SecretId=secret, SecretString=OPERATOR_SECRET)

    def invoke(self, sample: str) -> Any:
        """What the function answers."""
        function = sample.split(".")[0]
        has_image = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True)
        answer = subprocess.run(
            [SAM, "local", "invoke", _logical(function), "--template", self._template]
            + ["--event", SAMPLES / f"{sample}.json", "--env-vars", self._overrides]
            + ["--region", REGION]
            + ([] if has_image.returncode else ["--skip-pull-image"]),
            cwd=ROOT,
            env={**os.environ, **CREDENTIALS, "SAM_CLI_TELEMETRY": "0"},
            capture_output=True,
            text=True,
        )
        if answer.returncode or not answer.stdout.strip():
            raise SystemExit(f"{sample}: sam local invoke failed:\n{answer.stderr}")
        return json.loads(answer.stdout.strip().splitlines()[-1])

    def _with_endpoint(self, template: str) -> str:
        """Functions in containers take only variables that the template knows."""
        mended, count = re.subn(
            r"(\n +)(HERALD_DATA_TABLE:)",
            rf"\1AWS_ENDPOINT_URL: {self._endpoint}\1\2",
            template,
            count=1,
        )
        assert count == 1, "the template's Globals have no variables"
        # The code is named relative to the template.
        return re.sub(r"CodeUri: (\w+)", rf"CodeUri: {BUILD}/\1", mended)


def _logical(function: str) -> str:
    return f"{function.capitalize()}Function"


def is_answered(expected: Any, answer: Any) -> bool:
    """Whether an answer has everything that is expected."""
    if isinstance(expected, dict):
        return isinstance(answer, dict) and all(
            name in answer and is_answered(value, answer[name]) for name, value in expected.items()
        )
    return expected == answer


def _check_docker() -> None:
    if subprocess.run(["docker", "info"], capture_output=True).returncode:
        raise SystemExit("`sam local invoke` needs a running Docker engine, and `docker info` finds none")


def main(samples: list[str]) -> None:
    unknown = [sample for sample in samples if sample not in ANSWERS]
    if unknown or not samples:
        raise SystemExit(f"samples are named like {', '.join(sorted(ANSWERS)[:3])}; not {unknown}")
    _check_docker()
    build()
    subprocess.run(["cargo", "build", "--quiet", "-p", "herald-local", "--example", "stage"], check=True)
    with tempfile.TemporaryDirectory(prefix="herald-invoke-") as name, contextlib.ExitStack() as stopped:
        port = free_port()
        emulator = Emulator(Path(name), port, f"http://127.0.0.1:{port}")
        stopped.callback(emulator.stop)
        emulator.start()
        stack = Stack(emulator, Path(name))
        emulator.verify(SENDER)
        stack.deploy(MailFrom=SENDER)
        for function in ("fanout", "webhook", "email", "feedback"):
            stopped.enter_context(stack.paused(function))
        bridge = Bridge(port)
        bridge.start()
        stopped.callback(bridge.stop)
        invoker = Invoker(emulator, stack, bridge.url, Path(name))
        wrong = 0
        for sample in samples:
            invoker.set_stage()
            answer = invoker.invoke(sample)
            good = is_answered(ANSWERS[sample], answer)
            wrong += not good
            print(f"{'ok   ' if good else 'WRONG'} {sample}: {json.dumps(answer)}", flush=True)
        if wrong:
            raise SystemExit(f"{wrong} of {len(samples)} samples were not answered as they should be")
        print(f"{len(samples)} samples were answered as they should be")


if __name__ == "__main__":
    main(sorted(ANSWERS) if sys.argv[1:] == ["--all"] else sys.argv[1:])
