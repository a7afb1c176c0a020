"""What the functions did in the whole run, and what their roles allow: the emulator refuses what
a role does not allow, and this looks for what nobody needs."""

import pytest

from emulator import Emulator
from privilege import granted
from proxy import Proxy
from stack import FUNCTIONS, Stack

# What Lambda itself does with a function's role.
BY_LAMBDA = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
}


@pytest.mark.moment("last")
def test_every_role_allows_what_its_function_does_and_nothing_else(
    emulator: Emulator, stack: Stack, proxy: Proxy
) -> None:
    assert not proxy.denied()
    never: dict[str, set[str]] = {}
    for function in FUNCTIONS:
        used = proxy.actions(f"herald-{function}")
        grants = granted(emulator, stack.function(function)["Role"])
        assert used, f"{function} asked for nothing"
        assert used <= grants, f"{function} did what its role does not name: {used - grants}"
        never[function] = {action for action in grants - used if not is_lambdas(action)}
    # A policy that goes while it is changed takes its hints along; no story provokes that.
    seldom = {f"dynamodb:DeleteItem on {stack.outputs['DataTable']}"}
    assert never == {
        "api": set(),
        "fanout": set(),
        "webhook": set(),
        # The stories' first policy has a secret, and the API makes the data key for that.
        "email": seldom | {"kms:GenerateDataKey"},
        "feedback": seldom,
        "timer": set(),
    }


def is_lambdas(action: str) -> bool:
    """Whether Lambda itself does this with a function's role."""
    return action in BY_LAMBDA or action.startswith("ec2:")
