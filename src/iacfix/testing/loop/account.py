"""An AWS account on this machine: moto's server as a program of its own, and a Security Hub beside it."""

import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from types import TracebackType
from typing import Self

from iacfix.testing.security_hub_server import ACCOUNT, REGION, SecurityHubServer

_SECONDS_TO_START = 60.0
_SECONDS_BETWEEN_LOOKS = 0.1
_OK = 200


class AccountError(Exception):
    """The account could not be made."""


class LocalAccount:
    """Stands inside `with`. `environment` leads boto3 and terraform here; its credentials are nobody's."""

    number, region = ACCOUNT, REGION

    def __init__(self, inherited: Mapping[str, str]) -> None:
        """`inherited` is the environment of the programs that are started, less everything of AWS."""
        self._inherited = {key: value for key, value in inherited.items() if not key.startswith("AWS_")}
        self.hub = SecurityHubServer()

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self._inherited,
            **self.hub.environment,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def __enter__(self) -> Self:
        port = _free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        variables = {**self._inherited, "MOTO_ACCOUNT_ID": self.number}
        self._moto = subprocess.Popen(
            command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        try:
            self._wait(port)
            self.hub.__enter__()
        except BaseException:
            self._moto.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._moto.kill()
        self._moto.wait()
        self.hub.__exit__(kind, error, trace)

    def _wait(self, port: int) -> None:
        """Raises AccountError."""
        until = time.monotonic() + _SECONDS_TO_START
        while time.monotonic() < until and self._moto.poll() is None:
            connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS_TO_START)
            try:
                connection.request("GET", "/moto-api/data.json")
                if connection.getresponse().status == _OK:
                    return
            except OSError:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            finally:
                connection.close()
        raise AccountError("moto's server did not start: pip install 'moto[server]'")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
