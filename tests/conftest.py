import socket

import hypothesis
import pytest

AWS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK", "AWS_ENDPOINT_URL", "AWS_REGION")
LOCAL = ("127.", "localhost", "::1")

# A time is a benchmark's to measure: on a machine that does something else too, an example may take long and be right.
hypothesis.settings.register_profile("iacfix", deadline=None)
hypothesis.settings.load_profile("iacfix")


@pytest.fixture(autouse=True)
def _only_dummy_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the account of whoever runs it."""
    for name in (*AWS, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "IACFIX_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing-secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would reach the network fails instead."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = str(address[0]) if isinstance(address, tuple) else "localhost"
        if not host.startswith(LOCAL):
            pytest.fail(f"a test reaches for {host}")
        connect(self, address)  # type: ignore[arg-type] # typeshed names each family's address on its own

    monkeypatch.setattr(socket.socket, "connect", guarded)
