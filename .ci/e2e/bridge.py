"""The way from containers to the emulator. It listens on loopback, where containers on Linux
cannot reach it; so a relay stands at the gateway of Docker's bridge, which only this machine and
its containers see."""

import ipaddress
import json
import platform
import socket
import socketserver
import subprocess
import threading


def gateway() -> str:
    """This machine's address on Docker's bridge."""
    shown = subprocess.run(
        ["docker", "network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"],
        check=True,
        capture_output=True,
        text=True,
    )
    [config, *_] = json.loads(shown.stdout)
    return config.get("Gateway") or str(next(ipaddress.ip_network(config["Subnet"]).hosts()))


class Bridge:
    """Leads containers to a port of this machine's loopback."""

    def __init__(self, port: int) -> None:
        self._relay: _Relay | None = None
        if platform.system() == "Linux":
            self._relay = _Relay((gateway(), 0), port)
            self.url = f"http://{self._relay.server_address[0]}:{self._relay.server_address[1]}"
        else:
            # Docker Desktop leads this name to loopback.
            self.url = f"http://host.docker.internal:{port}"

    def start(self) -> None:
        if self._relay:
            threading.Thread(target=self._relay.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._relay:
            self._relay.shutdown()
            self._relay.server_close()


class _Relay(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], port: int) -> None:
        super().__init__(address, _Connection)
        self.port = port


class _Connection(socketserver.BaseRequestHandler):
    server: _Relay

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.port)) as inside:
            answers = threading.Thread(target=_pass, args=(inside, self.request), daemon=True)
            answers.start()
            _pass(self.request, inside)
            answers.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    """Passes everything on, and then that it ended."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        # The other side is gone; so is the conversation.
        pass
