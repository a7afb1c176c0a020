"""How large a function is, and how long it takes from the start of its process to its first poll,
which a tiny Lambda Runtime API on loopback waits for."""

import socket
import statistics
import subprocess
import threading
import time
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

RUNS = 15


@dataclass(frozen=True)
class Start:
    """The median of several starts."""

    zipped_bytes: int
    milliseconds: float
    resident_kib: int


class Runtime:
    """A Lambda Runtime API whose first event never comes."""

    def __init__(self) -> None:
        self.polled = threading.Event()
        self.polled_at = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._poll: socket.socket | None = None
        threading.Thread(target=self._serve, daemon=True).start()
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def stop(self) -> None:
        self._listener.close()
        if self._poll:
            self._poll.close()

    def _serve(self) -> None:
        self._poll, _ = self._listener.accept()
        assert self._poll.recv(1) == b"G"
        self.polled_at = time.monotonic()
        self.polled.set()


def measure(binary: Path, environment: dict[str, str]) -> Start:
    starts = [_start(binary, environment) for _ in range(RUNS)]
    return Start(
        _zipped(binary),
        statistics.median(seconds for seconds, _ in starts) * 1000,
        int(statistics.median(resident for _, resident in starts)),
    )


def _start(binary: Path, environment: dict[str, str]) -> tuple[float, int]:
    runtime = Runtime()
    environment = {
        **environment,
        "AWS_LAMBDA_RUNTIME_API": runtime.address,
        "AWS_LAMBDA_FUNCTION_NAME": "measured",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    }
    started = time.monotonic()
    process = subprocess.Popen([binary], env=environment, stdin=subprocess.DEVNULL)
    try:
        assert runtime.polled.wait(10), f"{binary} did not poll within 10 s"
        return runtime.polled_at - started, _resident(process.pid)
    finally:
        process.kill()
        process.wait()
        runtime.stop()


def _resident(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("the process has ended")


def _zipped(binary: Path) -> int:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(binary, "bootstrap")
    return len(target.getvalue())
