"""What a webhook costs: requests to AWS, by function, service and operation."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from callers import Operator
from deadline import eventually
from emulator import Emulator
from proxy import Call, Proxy
from queues import Queue
from receiver import Receiver
from stack import Stack

WRITTEN = Path(__file__).parent / "requests.json"
COUNTED = ("herald-api", "herald-fanout", "herald-webhook")
RUNS = 5

Counts = dict[str, int]


class Meter:
    """Counts what an event costs, as the least of several runs: what one run asks for beyond
    that is a cache that had run out, or a process that was new."""

    def __init__(self, proxy: Proxy, queues: list[Queue]) -> None:
        self._proxy = proxy
        self._queues = queues

    def least(self, deliver: Callable[[], None]) -> Counts:
        # The first run warms up.
        runs = [self._run(deliver) for _ in range(1 + RUNS)][1:]
        least = runs[0]
        for run in runs:
            least &= run
        return {str(call): count for call, count in sorted(least.items())}

    def _run(self, deliver: Callable[[], None]) -> Counter[Call]:
        self._settle()
        before = self._proxy.counts()
        deliver()
        self._settle()
        spent = self._proxy.counts() - before
        return Counter({call: count for call, count in spent.items() if call.function in COUNTED})

    def _settle(self) -> None:
        # A message is gone when its function has ended, and with it the function's requests.
        eventually(lambda: all(queue.count() == 0 for queue in self._queues), 150)


# Last, when no message of a killed function is left.
pytestmark = pytest.mark.moment("last")


@pytest.fixture(scope="module")
def meter(proxy: Proxy, events_queue: Queue, webhook_queue: Queue) -> Meter:
    return Meter(proxy, [events_queue, webhook_queue])


def test_an_event_for_one_recipient_costs_no_more_requests_than_written(
    operator: Operator,
    receiver: Receiver,
    meter: Meter,
    findings: list[str],
    pytestconfig: pytest.Config,
) -> None:
    tenant = operator.tenant("One recipient")
    inbox = receiver.inbox()
    tenant.policy(inbox.url)

    def deliver() -> None:
        before = len(inbox.received)
        tenant.report()
        inbox.wait(before + 1)

    compare("one recipient", 1, meter.least(deliver), findings, pytestconfig)


def test_an_event_for_a_hundred_recipients_costs_no_more_requests_than_written(
    operator: Operator,
    receiver: Receiver,
    emulator: Emulator,
    stack: Stack,
    meter: Meter,
    webhook_queue: Queue,
    findings: list[str],
    pytestconfig: pytest.Config,
) -> None:
    tenant = operator.tenant("A hundred recipients")
    inbox = receiver.inbox()
    tenant.policy(*(f"{inbox.url}/{number}" for number in range(100)))

    def deliver() -> None:
        before = len(inbox.received)
        # All of them lie in the queue before the first batch leaves it, so that every batch is
        # full: how many invocations there are must not depend on who is faster.
        with stack.paused("webhook"):
            tenant.report()
            eventually(lambda: webhook_queue.count() == 100)
        inbox.wait(before + 100)

    compare("a hundred recipients", 100, meter.least(deliver), findings, pytestconfig)


def compare(
    title: str, webhooks: int, counts: Counts, findings: list[str], config: pytest.Config
) -> None:
    written: dict[str, Counts] = json.loads(WRITTEN.read_text()) if WRITTEN.exists() else {}
    findings += table(title, webhooks, counts)
    if config.getoption("--write-counts"):
        WRITTEN.write_text(json.dumps(written | {title: counts}, indent=2) + "\n")
        return
    before = written.get(title, {})
    for call in sorted(counts.keys() | before.keys()):
        if counts.get(call, 0) < before.get(call, 0):
            findings.append(f"  fewer than written: {call}; `--write-counts` writes it down")
    risen = {call: count for call, count in counts.items() if count > before.get(call, 0)}
    assert not risen, (
        f"{title}: more requests than {WRITTEN.name} allows: {risen}, written: {before}"
    )


def table(title: str, webhooks: int, counts: Counts) -> list[str]:
    rows = [f"an event for {title}: requests per webhook"]
    rows += [f"  {call:<45}{count / webhooks:>8.2f}" for call, count in counts.items()]
    rows.append(f"  {'in all':<45}{sum(counts.values()) / webhooks:>8.2f}")
    return rows
