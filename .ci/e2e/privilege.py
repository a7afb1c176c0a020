"""Which IAM actions a request needs, and which ones a function's role grants."""

import json
from collections.abc import Iterator
from typing import Any

import deviations
from emulator import Emulator

# Transactions are authorised by their parts.
TRANSACTIONS = {
    "TransactWriteItems": {
        "Put": "PutItem",
        "Update": "UpdateItem",
        "Delete": "DeleteItem",
        "ConditionCheck": "ConditionCheckItem",
    },
    "TransactGetItems": {"Get": "GetItem"},
}

# Batches are authorised as what they hold, and some operations by another name.
ACTIONS = {
    "sqs:SendMessageBatch": {"sqs:SendMessage"},
    "sqs:DeleteMessageBatch": {"sqs:DeleteMessage"},
    "sqs:ChangeMessageVisibilityBatch": {"sqs:ChangeMessageVisibility"},
    "lambda:Invoke": {"lambda:InvokeFunction"},
    # SES asks for the second where the first has a raw message, as all of ours are.
    "ses:SendEmail": {"ses:SendEmail", "ses:SendRawEmail"},
}


def needed(service: str, operation: str, body: bytes) -> set[str]:
    """The actions that a request needs; those on tables with the table's name."""
    if service != "dynamodb":
        action = f"{service}:{operation}"
        return ACTIONS.get(action, {action})
    request = json.loads(body)
    parts = TRANSACTIONS.get(operation)
    if parts:
        return {
            _on_table(parts[part], of["TableName"])
            for item in request["TransactItems"]
            for part, of in item.items()
        }
    tables = [request["TableName"]] if "TableName" in request else request["RequestItems"]
    return {_on_table(operation, table) for table in tables}


def granted(emulator: Emulator, role_arn: str) -> set[str]:
    """The actions that a role allows, told as `needed` tells them."""
    iam = emulator.client("iam")
    role = role_arn.rpartition("/")[2]
    actions: set[str] = set()
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    for policy in set(names) - {deviations.POLICY}:
        document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                actions |= set(_allowed(statement))
    return actions


def _allowed(statement: Any) -> Iterator[str]:
    for action in _list(statement["Action"]):
        service, _, operation = action.partition(":")
        if service != "dynamodb":
            yield action
            continue
        for resource in _list(statement["Resource"]):
            table = resource.partition(":table/")[2].partition("/")[0]
            yield _on_table(operation, table)


def _on_table(operation: str, table: str) -> str:
    return f"dynamodb:{operation} on {table}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
