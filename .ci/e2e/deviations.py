"""Where the emulator is not as AWS, made good after every deployment."""

import json
from typing import Any

from emulator import Emulator

POLICY = "emulator"
# Nobody but AWS may tell EventBridge anything as `aws.ses`, and the emulator's SES tells it
# nothing: the tests tell it, by this name.
SES = "emulator.ses"
# What they told, as SES would have told it.
AS_SES = {
    "InputPathsMap": {
        "id": "$.id",
        "type": "$.detail-type",
        "account": "$.account",
        "time": "$.time",
        "region": "$.region",
        "resources": "$.resources",
        "detail": "$.detail",
    },
    "InputTemplate": '{"version": "0", "id": <id>, "detail-type": <type>, "source": "aws.ses", '
    '"account": <account>, "time": <time>, "region": <region>, "resources": <resources>, '
    '"detail": <detail>}',
}


def make_good(emulator: Emulator) -> None:
    _concurrency(emulator.client("lambda"))
    _feedback(emulator.client("events"))
    iam = emulator.client("iam")
    for role in iam.list_roles()["Roles"]:
        _permissions(iam, role["RoleName"])


def _concurrency(functions: Any) -> None:
    """A number from a parameter is a text to the emulator, and its poller stops at it."""
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        concurrency = int(mapping["ScalingConfig"]["MaximumConcurrency"])
        functions.update_event_source_mapping(
            UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": concurrency}
        )


def _feedback(events: Any) -> None:
    """Whoever hears SES also hears the tests, and cannot tell the difference."""
    for rule in events.list_rules()["Rules"]:
        pattern = json.loads(rule.get("EventPattern") or "{}")
        if "aws.ses" not in pattern.get("source", []):
            continue
        pattern["source"] = ["aws.ses", SES]
        events.put_rule(
            Name=rule["Name"],
            EventPattern=json.dumps(pattern),
            State=rule["State"],
            Description=rule["Description"],
        )
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        targets = [{**target, "InputTransformer": AS_SES} for target in targets]
        events.put_targets(Rule=rule["Name"], Targets=targets)


def _permissions(iam: Any, role: str) -> None:
    """What the emulator asks for where AWS asks for something else."""
    granted = _statements(iam, role)
    statements = [*_batches(granted), *_mails(granted)]
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=role, PolicyName=POLICY, PolicyDocument=document)


def _statements(iam: Any, role: str) -> list[Any]:
    """What the template grants to a role."""
    names = set(iam.list_role_policies(RoleName=role)["PolicyNames"]) - {POLICY}
    policies = [iam.get_role_policy(RoleName=role, PolicyName=name) for name in names]
    return [
        statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]
    ]


def _batches(granted: list[Any]) -> list[Any]:
    """To AWS a batch of messages is sent by `sqs:SendMessage`; the emulator wants an action of
    its own, and gets it for the same queues."""
    return [
        {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": statement["Resource"]}
        for statement in granted
        if "sqs:SendMessage" in statement["Action"]
    ]


def _mails(granted: list[Any]) -> list[Any]:
    """AWS asks for identity and configuration set, and tells from which address an e-mail comes;
    the emulator asks for everything, and tells nothing."""
    return [
        {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
        for statement in granted
        if "ses:SendEmail" in statement["Action"]
    ]
