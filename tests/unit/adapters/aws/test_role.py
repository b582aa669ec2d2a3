"""A model that is asked as a role of another account: over STS's real protocol, on this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.adapters.aws.role import Role
from iacfix.domain.errors import ModelRejectedError
from iacfix.ports import ModelRequest
from iacfix.testing.bedrock_script import Text
from iacfix.testing.bedrock_server import ScriptedBedrock

ROLE = Role("arn:aws:iam::444455556666:role/iacfix-models", "a-shared-word")
TAKEN = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIATAKENON000000000</AccessKeyId><SecretAccessKey>taken</SecretAccessKey><SessionToken>on</SessionToken>
<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
DENIED = """<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not you</Message></Error>
</ErrorResponse>"""


@contextmanager
def sts(status: int, body: str) -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    asked: list[dict[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Nothing is written."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(bedrock: ScriptedBedrock, questions: int = 1) -> list[str]:
    model = BedrockModel(
        "a.a",
        region="eu-west-1",
        connect_timeout=5,
        read_timeout=10,
        max_attempts=1,
        endpoint_url=bedrock.endpoint_url,
        role=ROLE,
    )
    return [model.ask(ModelRequest("s", ("t",), 300)).text for _ in range(questions)]


def test_the_role_is_taken_on_once_with_its_external_id(monkeypatch: pytest.MonkeyPatch) -> None:
    with sts(200, TAKEN) as (url, asked), ScriptedBedrock([Text("one"), Text("two")]) as bedrock:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        assert ask(bedrock, 2) == ["one", "two"]

    (request,) = asked
    assert request["Action"] == ["AssumeRole"]
    assert (request["RoleArn"], request["ExternalId"]) == ([ROLE.arn], [ROLE.external_id])
    assert request["RoleSessionName"] == ["iacfix"]


def test_a_role_that_cannot_be_taken_on_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with sts(403, DENIED) as (url, _), ScriptedBedrock([]) as bedrock:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        with pytest.raises(ModelRejectedError, match=r"role_arn cannot be taken on \(AccessDenied\): allow sts:Assume"):
            ask(bedrock)
        assert bedrock.requests == ()
