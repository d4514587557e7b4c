"""The server as people start it: `maskgan serve` in a process of its own, which can be killed."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

PATIENCE = 600
"""How often it is asked whether it is there; each time it is waited for a tenth of a second."""


def free_port() -> int:
    """A port of the loopback address that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """One server on one port. Its output goes to `log`."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self.port = free_port()
        self.log = log
        self.arguments = arguments
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it answers. Raises `RuntimeError` when it ends instead."""
        words = ["serve", "--port", str(self.port), "--no-browser", *self.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "maskgan", *words], stdout=log, stderr=subprocess.STDOUT
            )
        for _ in range(PATIENCE):
            try:
                with urllib.request.urlopen(f"{self.address}/api/v1/info", timeout=5):
                    return
            except OSError:  # not there yet, or too busy to answer
                if self._ended(0.1):
                    break
        self.kill()
        raise RuntimeError(f"The server did not start: {self.log.read_text(encoding='utf-8')}")

    def kill(self) -> None:
        """Ends it at once, as a crash would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _ended(self, seconds: float) -> bool:
        assert self.process
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
