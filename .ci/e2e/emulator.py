"""The AWS emulator: one process on loopback that keeps everything it writes in one folder."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

from deadline import eventually

PROGRAM = Path(__file__).parent.parent / "tools/ministack/bin/ministack"
REGION = "us-east-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Emulator:
    """An emulator whose functions reach AWS at `endpoint`, which leads back to it."""

    def __init__(self, folder: Path, port: int, endpoint: str) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._log = folder / "emulator.log"
        self._endpoint = endpoint
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        folder = self._folder / "emulator"
        folder.mkdir()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "S3_DATA_DIR": str(folder / "s3"),
            "STATE_DIR": str(folder / "state"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "AWS_ENDPOINT_URL": self._endpoint,
            # Requests are signed and allowed by their role, as on AWS.
            "AUTH": "true",
            # Listens on every interface otherwise.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            **CREDENTIALS,
        }
        with self._log.open("wb") as log:
            # A group of its own: the functions are its children and must go with it.
            self._process = subprocess.Popen(
                [PROGRAM],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(self._is_healthy, 60)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def client(self, service: str) -> Any:
        """A client that speaks to the emulator itself, past the proxy."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def environment(self) -> dict[str, str]:
        """What a program needs to speak to the emulator."""
        return {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": self.url}

    @contextlib.contextmanager
    def unverified(self, sender: str) -> Iterator[None]:
        """Within the block SES does not know a sender."""
        identity = sender.partition("@")[2]
        self.client("sesv2").delete_email_identity(EmailIdentity=identity)
        try:
            yield
        finally:
            self.verify(sender)

    def verify(self, sender: str) -> None:
        """From now on SES takes e-mails from an address's domain."""
        self.client("sesv2").create_email_identity(EmailIdentity=sender.partition("@")[2])

    def mails(self) -> dict[str, Any]:
        """The e-mails that SES took, by their ids: their text, without headers and tags."""
        with contextlib.closing(self._connect()) as connection:
            connection.request("GET", "/_ministack/ses/messages")
            accounts = json.loads(connection.getresponse().read())["messages"]
        return {mail["MessageId"]: mail for mails in accounts.values() for mail in mails}

    def kill_function(self, name: str) -> int:
        """Kills every process that runs a function; how many there were."""
        processes = [process for process in self._functions() if _runs(process, name)]
        for process in processes:
            os.kill(int(process.name), signal.SIGKILL)
        return len(processes)

    def log_tail(self, lines: int = 40) -> str:
        if not self._log.exists():
            return ""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def _functions(self) -> list[Path]:
        assert self._process is not None
        parent = f"PPid:\t{self._process.pid}\n"
        return [
            process
            for process in Path("/proc").glob("[0-9]*")
            if parent in _text(process / "status")
        ]

    def _is_healthy(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the emulator ended:\n{self.log_tail()}"
        connection = self._connect()
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)


def _runs(process: Path, name: str) -> bool:
    return f"AWS_LAMBDA_FUNCTION_NAME={name}" in _text(process / "environ").split("\0")


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        # It ended meanwhile.
        return ""
