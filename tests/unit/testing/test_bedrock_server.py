import json
import subprocess
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from iacfix.testing.bedrock_script import Cut, Failure, Output, Reply, Text, Timeout
from iacfix.testing.bedrock_server import ScriptedBedrock, main

SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/eu-west-1/bedrock/aws4_request, …".encode()}
QUESTION = {"role": "user", "content": [{"text": "a"}]}
GOOD: Mapping[str, object] = {"messages": [QUESTION]}
TOOLS = {"tools": [{"toolSpec": {"name": "fix", "inputSchema": {"json": {"type": "object"}}}}]}
USE = {"toolUseId": "1", "name": "fix", "input": {}}


def post(
    bedrock: ScriptedBedrock, body: object, *, path: str = "/model/some.model/converse", signed: bool = True
) -> tuple[int, str | None, Mapping[str, object]]:
    connection = HTTPConnection(urlsplit(bedrock.endpoint_url).netloc, timeout=10)
    try:
        connection.request("POST", path, json.dumps(body), SIGNED if signed else {})
        response = connection.getresponse()
        return response.status, response.headers["x-amzn-ErrorType"], json.loads(response.read())
    finally:
        connection.close()


def converse(endpoint_url: str) -> str:
    client = boto3.client(
        "bedrock-runtime",
        region_name="eu-west-1",
        endpoint_url=endpoint_url,
        config=Config(retries={"total_max_attempts": 1}),
    )
    answer = client.converse(modelId="some.model", messages=[{"role": "user", "content": [{"text": "a"}]}])
    return answer["output"]["message"]["content"][0]["text"]


def test_boto3_reads_what_is_sent() -> None:
    with ScriptedBedrock([Text("first"), Failure("AccessDeniedException", "not you")]) as bedrock:
        assert converse(bedrock.endpoint_url) == "first"
        with pytest.raises(ClientError, match="not you") as error:
            converse(bedrock.endpoint_url)

    assert error.value.response["Error"]["Code"] == "AccessDeniedException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_script_that_has_run_out_says_so() -> None:
    with ScriptedBedrock([]) as bedrock:
        assert post(bedrock, GOOD) == (
            500,
            "InternalServerException",
            {"message": "the script has 0 replies and no more"},
        )


def test_requests_are_kept_with_the_model_id_decoded() -> None:
    with ScriptedBedrock([Text("a")]) as bedrock:
        post(bedrock, GOOD, path="/model/arn%3Aaws%2Fx%3A0/converse")

    assert [(request.model_id, request.body) for request in bedrock.requests] == [("arn:aws/x:0", GOOD)]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ([], "not a JSON object"),
        ({}, "at least one message"),
        ({**GOOD, "modelId": "m"}, "belongs in the path"),
        ({**GOOD, "max_tokens": 1}, "Unknown parameter"),
        ({**GOOD, "inferenceConfig": {"maxTokens": "1"}}, "Invalid type"),
        ({**GOOD, "inferenceConfig": {"maxTokens": 0}}, "valid min value"),
        ({"messages": [{"role": "user"}]}, "Missing required parameter"),
        ({"messages": [{"role": "robot", "content": [{"text": "a"}]}]}, "must be one of user, assistant"),
        ({"messages": [{"role": "assistant", "content": [{"text": "a"}]}]}, "must start with a user message"),
        ({"messages": [QUESTION, QUESTION]}, "must alternate"),
        ({"messages": [{"role": "user", "content": [{"text": " "}]}]}, "blank"),
        ({"messages": [{"role": "user", "content": []}]}, "blank"),
        ({**GOOD, "system": [{"text": ""}]}, "length"),
        ({**GOOD, "system": [{"text": "\n"}]}, "blank"),
        ({**GOOD, "toolConfig": {"tools": []}}, "valid min length"),
        ({**GOOD, "toolConfig": {**TOOLS, "toolChoice": {"tool": {"name": "other"}}}}, "other is not among the tools"),
        ({**GOOD, "toolConfig": {**TOOLS, "toolChoice": {"any": {}, "auto": {}}}}, "toolChoice"),
        ({"messages": [{"role": "user", "content": [{"toolUse": USE}]}]}, "toolConfig field must be defined"),
    ],
)
def test_what_converse_would_not_take_is_refused_and_uses_no_reply(body: object, fault: str) -> None:
    with ScriptedBedrock([Text("a")]) as bedrock:
        status, code, answer = post(bedrock, body)

        assert (status, code) == (400, "ValidationException")
        assert fault in str(answer["message"])
        assert bedrock.requests == ()
        assert len(bedrock.refusals) == 1
        assert post(bedrock, GOOD)[0] == 200


def test_a_request_without_a_signature_is_refused() -> None:
    with ScriptedBedrock([Text("a")]) as bedrock:
        assert post(bedrock, GOOD, signed=False)[:2] == (403, "MissingAuthenticationTokenException")


@pytest.mark.parametrize("path", ["/", "/model/m/invoke", "/model/a/b/converse"])
def test_other_operations_are_not_served(path: str) -> None:
    with ScriptedBedrock([Text("a")]) as bedrock:
        assert post(bedrock, GOOD, path=path)[:2] == (404, "UnknownOperationException")


@pytest.mark.parametrize(
    "reply",
    [
        Text("a", stop="done"),
        Output({}),
        Output({"output": {}, "stopReason": "end_turn", "usage": {}, "metrics": {"latencyMs": 1}}),
    ],
)
def test_a_reply_that_converse_could_not_give_is_refused_at_once(reply: Reply) -> None:
    with pytest.raises(ValueError, match="reply 2 is not what Converse answers"):
        ScriptedBedrock([Text("a"), reply])


def test_an_error_without_a_known_status_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="give its HTTP status"):
        Failure("NewException")


def test_a_cut_connection_gets_no_answer() -> None:
    with ScriptedBedrock([Cut()]) as bedrock, pytest.raises((HTTPException, ConnectionError)):
        post(bedrock, GOOD)


def test_leaving_ends_a_silence() -> None:
    with ScriptedBedrock([Timeout()]) as bedrock:
        connection = HTTPConnection(urlsplit(bedrock.endpoint_url).netloc, timeout=10)
        connection.request("POST", "/model/m/converse", json.dumps(GOOD), SIGNED)
    connection.close()

    with pytest.raises(RuntimeError, match="only inside"):
        _ = bedrock.endpoint_url


def test_the_command_serves_a_script(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"replies": [{"text": "by hand"}]}))
    command = [sys.executable, "-m", "iacfix.testing.bedrock_server", "--script", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert converse(server.stdout.readline().strip()) == "by hand"
        finally:
            server.terminate()


def test_the_command_refuses_a_bad_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "script.json"
    script.write_text('{"replies": [{"text": "a", "stop": "done"}]}')

    assert main(["--script", str(script)]) == 2
    assert main(["--script", str(tmp_path / "none")]) == 2
    assert "reply 1 is not what Converse answers" in capsys.readouterr().err
