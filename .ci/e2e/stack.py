"""The real template: built by `sam build` and deployed onto the emulator by `sam deploy`.

`python stack.py` builds alone."""

import contextlib
import os
import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deviations
from emulator import REGION, Emulator

ROOT = Path(__file__).parent.parent.parent
TOOLS = ROOT / ".ci/tools"
SAM = TOOLS / "sam/bin/sam"
BUILD = ROOT / "target/sam"
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
NAME = "herald"
FUNCTIONS = ("api", "fanout", "webhook", "email", "feedback", "timer")
QUIET = {"SAM_CLI_TELEMETRY": "0"}


def build() -> None:
    """Release binaries for this machine's processor, as a deployment would have them."""
    # The environment's Python is where cargo-lambda finds zig.
    path = f"{TOOLS / 'cargo-lambda/bin'}:{os.environ['PATH']}"
    environment = {**os.environ, **QUIET, "PATH": path}
    # All binaries at once, side by side: SAM makes them one by one, and so finds them made.
    cargo = ["cargo", "lambda", "build", "--quiet", "--release"]
    cargo += ["--arm64"] if ARCHITECTURE == "arm64" else []
    cargo += [flag for function in FUNCTIONS for flag in ("--bin", function)]
    subprocess.run(cargo, cwd=ROOT, env=environment, check=True)
    sam = [SAM, "build", "--beta-features", "--template-file", ROOT / "template.yaml"]
    sam += ["--build-dir", BUILD, "--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    # It says much on its way; only a failure is news.
    answer = subprocess.run(
        sam, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if answer.returncode:
        raise SystemExit(f"sam build failed:\n{answer.stdout}")


class Stack:
    """The deployed stack."""

    name = NAME

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self._emulator = emulator
        self._folder = folder
        self._formation = emulator.client("cloudformation")
        self._parameters: dict[str, str] = {"Architecture": ARCHITECTURE}
        self.outputs: dict[str, str] = {}

    def deploy(self, **parameters: str) -> None:
        """Makes the stack, or updates it; parameters keep their values from one to the next."""
        self._parameters |= parameters
        bucket = f"{NAME}-artefacts"
        self._emulator.client("s3").create_bucket(Bucket=bucket)
        overrides = [f"{name}={value}" for name, value in self._parameters.items()]
        answer = subprocess.run(
            [SAM, "deploy", "--template-file", BUILD / "template.yaml", "--stack-name", NAME]
            + ["--no-resolve-s3", "--s3-bucket", bucket, "--region", REGION]
            + ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"]
            + ["--parameter-overrides", *overrides],
            cwd=ROOT,
            env={**self._emulator.environment(), **QUIET, "__SAM_CLI_APP_DIR": str(self._folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert answer.returncode == 0, f"sam deploy failed:\n{answer.stdout}"
        deviations.make_good(self._emulator)
        described = self._formation.describe_stacks(StackName=NAME)["Stacks"][0]
        self.outputs = {
            output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]
        }

    def resource(self, kind: str) -> str:
        """The physical id of the only resource of a kind."""
        pages = self._formation.get_paginator("list_stack_resources").paginate(StackName=NAME)
        [found] = [
            resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == kind
        ]
        return found

    def function(self, function: str) -> dict[str, Any]:
        """How a function is configured."""
        return self._emulator.client("lambda").get_function_configuration(
            FunctionName=f"{NAME}-{function}"
        )

    @contextlib.contextmanager
    def paused(self, function: str) -> Iterator[None]:
        """Within the block the function gets nothing from its queue."""
        self._enable(function, False)
        try:
            yield
        finally:
            self._enable(function, True)

    def _enable(self, function: str, enabled: bool) -> None:
        functions = self._emulator.client("lambda")
        mappings = functions.list_event_source_mappings(FunctionName=f"{NAME}-{function}")
        [mapping] = mappings["EventSourceMappings"]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)

    def binary(self, function: str) -> Path:
        return BUILD / f"{function.capitalize()}Function/bootstrap"


if __name__ == "__main__":
    build()
