"""Where the emulator is not as AWS, made good after every deployment."""

import json
from typing import Any

from emulator import Emulator

POLICY = "emulator"


def make_good(emulator: Emulator) -> None:
    _concurrency(emulator.client("lambda"))
    iam = emulator.client("iam")
    for role in iam.list_roles()["Roles"]:
        _batches(iam, role["RoleName"])


def _concurrency(functions: Any) -> None:
    """A number from a parameter is a text to the emulator, and its poller stops at it."""
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        concurrency = int(mapping["ScalingConfig"]["MaximumConcurrency"])
        functions.update_event_source_mapping(
            UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": concurrency}
        )


def _batches(iam: Any, role: str) -> None:
    """To AWS a batch of messages is sent by `sqs:SendMessage`; the emulator wants an action of
    its own, and gets it for the same queues."""
    resources: list[Any] = []
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    for policy in set(names) - {POLICY}:
        document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        resources += [
            statement["Resource"]
            for statement in document["Statement"]
            if "sqs:SendMessage" in statement["Action"]
        ]
    statements = [
        {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": resource}
        for resource in resources
    ]
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=role, PolicyName=POLICY, PolicyDocument=document)
