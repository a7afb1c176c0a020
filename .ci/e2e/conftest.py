"""One emulator, one deployed stack and one receiver for the whole run, in the order that the
stories need; all of it ends with the run."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from callers import Api, Operator
from emulator import Emulator, free_port
from feedback import Feedback
from outbox import BRAND, SENDER, Outbox
from proxy import Proxy
from queues import Queue
from receiver import Receiver
from stack import Stack

MOMENTS = ("early", None, "late", "last")
# Seconds after which a killed sender's message comes again. The template says five minutes, six
# times what the function may take; more than once that is enough.
VISIBILITY = 90
FOLDER = pytest.StashKey[Path]()
FINDINGS = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-counts", action="store_true", help="write requests.json anew")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="herald-e2e-"))
    config.stash[FINDINGS] = []
    signal.signal(signal.SIGTERM, _stop)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_moment)


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    if findings := config.stash[FINDINGS]:
        terminalreporter.section("what was measured")
        terminalreporter.write_line("\n".join(findings))
    log = config.stash[FOLDER] / "emulator.log"
    if exitstatus and log.exists():
        # The stories are told line by line at INFO; what went wrong is not.
        lines = [
            line for line in log.read_text(errors="replace").splitlines() if "INFO" not in line
        ]
        terminalreporter.section("the end of the emulator's log")
        terminalreporter.write_line("\n".join(lines[-60:]))


def _moment(item: pytest.Item) -> int:
    mark = item.get_closest_marker("moment")
    return MOMENTS.index(mark.args[0] if mark else None)


def _stop(signal_number: int, frame: FrameType | None) -> None:
    # Ends the run as Ctrl-C does: everything is torn down.
    raise KeyboardInterrupt


@pytest.fixture(scope="session")
def folder(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.stash[FOLDER]


@pytest.fixture(scope="session")
def findings(pytestconfig: pytest.Config) -> list[str]:
    """Lines to tell at the end of the run."""
    return pytestconfig.stash[FINDINGS]


@pytest.fixture(scope="session")
def upstream() -> int:
    """The emulator's port: the proxy must know it before the emulator starts."""
    return free_port()


@pytest.fixture(scope="session")
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture(scope="session")
def proxy(upstream: int, outbox: Outbox) -> Iterator[Proxy]:
    proxy = Proxy(upstream, outbox)
    proxy.start()
    yield proxy
    proxy.stop()


@pytest.fixture(scope="session")
def emulator(folder: Path, upstream: int, proxy: Proxy) -> Iterator[Emulator]:
    emulator = Emulator(folder, upstream, proxy.url)
    try:
        emulator.start()
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.start()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="session")
def stack(emulator: Emulator, folder: Path) -> Stack:
    stack = Stack(emulator, folder)
    emulator.verify(SENDER)
    # Webhooks may go to the receiver.
    stack.deploy(
        AllowedNetworks="127.0.0.1/32", WebhookTimeout="5", MailFrom=SENDER, MailBrand=BRAND
    )
    assert stack.function("webhook")["Timeout"] < VISIBILITY
    Queue(emulator, f"{stack.name}-webhook").hide_for(VISIBILITY)
    return stack


@pytest.fixture(scope="session")
def api(emulator: Emulator, stack: Stack) -> Api:
    return Api(f"{stack.resource('AWS::ApiGatewayV2::Api')}.execute-api.localhost", emulator.port)


@pytest.fixture(scope="session")
def operator_secret(emulator: Emulator, stack: Stack) -> str:
    secrets = emulator.client("secretsmanager")
    return secrets.get_secret_value(SecretId=stack.outputs["OperatorSecretArn"])["SecretString"]


@pytest.fixture(scope="session")
def operator(api: Api, operator_secret: str) -> Operator:
    return Operator(api, operator_secret)


@pytest.fixture(scope="session")
def feedback(emulator: Emulator, stack: Stack) -> Feedback:
    return Feedback(emulator)


@pytest.fixture(scope="session")
def events_queue(emulator: Emulator, stack: Stack) -> Queue:
    return Queue(emulator, f"{stack.name}-events")


@pytest.fixture(scope="session")
def webhook_queue(emulator: Emulator, stack: Stack) -> Queue:
    return Queue(emulator, f"{stack.name}-webhook")


@pytest.fixture(scope="session")
def events_dead_letters(emulator: Emulator, stack: Stack) -> Queue:
    return Queue(emulator, f"{stack.name}-events-dead-letters")
