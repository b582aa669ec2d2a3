import subprocess
import sys
from collections.abc import Sequence

import botocore.session
import pytest
from botocore.model import StringShape

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.adapters.aws.bedrock_errors import REJECTED, UNAVAILABLE
from iacfix.adapters.aws.converse import STOP_REASONS
from iacfix.domain.errors import ModelError, ModelRejectedError, ModelThrottledError, ModelUnavailableError
from iacfix.domain.proposal import Usage
from iacfix.ports import Model, ModelReply, ModelRequest, StopReason
from iacfix.testing.bedrock_script import (
    STATUS_OF_CODE,
    Cut,
    Failure,
    Malformed,
    Output,
    Reply,
    Text,
    Timeout,
    Truncated,
)
from iacfix.testing.bedrock_server import ScriptedBedrock

CONVERSE = botocore.session.get_session().get_service_model("bedrock-runtime").operation_model("Converse")
MODEL_ID = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.some-model-v1:0"
REQUEST = ModelRequest(system="be brief", turns=("question", "answer", "why?"), max_tokens=64)


def stop_reasons() -> list[str]:
    output = CONVERSE.output_shape
    assert output is not None
    reason = output.members["stopReason"]
    assert isinstance(reason, StringShape)
    return reason.enum


def model_at(
    endpoint_url: str | None,
    *,
    max_attempts: int = 1,
    region: str | None = "eu-west-1",
    read_timeout: float = 10,
) -> Model:
    return BedrockModel(
        MODEL_ID,
        region=region,
        connect_timeout=5,
        read_timeout=read_timeout,
        max_attempts=max_attempts,
        endpoint_url=endpoint_url,
    )


def ask(*replies: Reply, max_attempts: int = 1) -> ModelReply:
    with ScriptedBedrock(replies) as bedrock:
        return model_at(bedrock.endpoint_url, max_attempts=max_attempts).ask(REQUEST)


def refusal_of(replies: Sequence[Reply]) -> ModelError:
    with pytest.raises(ModelError) as error:
        ask(*replies)
    assert error.value.remedy
    assert error.value.__cause__ is None
    assert "testing-secret" not in str(error.value)
    return error.value


def test_the_request_is_one_that_converse_takes() -> None:
    with ScriptedBedrock([Text("because")]) as bedrock:
        model_at(bedrock.endpoint_url).ask(REQUEST)

    assert bedrock.refusals == ()
    assert [request.model_id for request in bedrock.requests] == [MODEL_ID]
    assert bedrock.requests[0].body == {
        "system": [{"text": "be brief"}],
        "messages": [
            {"role": "user", "content": [{"text": "question"}]},
            {"role": "assistant", "content": [{"text": "answer"}]},
            {"role": "user", "content": [{"text": "why?"}]},
        ],
        "inferenceConfig": {"maxTokens": 64, "temperature": 0.0},
    }


def test_the_reply_carries_text_stop_and_usage() -> None:
    reply = ask(Text("because", usage=Usage(7, 3, 21)))

    assert reply == ModelReply("because", StopReason.END, Usage(7, 3, 21))


def test_the_endpoint_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedBedrock([Text("because")]) as bedrock:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock.endpoint_url)

        assert model_at(None).ask(REQUEST).text == "because"


def test_one_client_serves_every_question() -> None:
    with ScriptedBedrock([Text("one"), Text("two")]) as bedrock:
        model = model_at(bedrock.endpoint_url)

        assert [model.ask(REQUEST).text, model.ask(REQUEST).text] == ["one", "two"]


def test_boto3_is_not_loaded_before_a_question() -> None:
    code = "import sys, iacfix.adapters.aws.bedrock; sys.exit('boto3' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("stop", stop_reasons())
def test_every_stop_reason_of_the_service_is_known(stop: str) -> None:
    assert ask(Text("x", stop=stop)).stop is STOP_REASONS[stop]


def test_only_the_end_of_a_turn_and_a_call_are_whole_answers() -> None:
    assert [word for word, stop in STOP_REASONS.items() if stop is StopReason.END] == ["end_turn"]
    assert [word for word, stop in STOP_REASONS.items() if stop is StopReason.FORM] == ["tool_use"]


@pytest.mark.parametrize("code", [shape.name for shape in CONVERSE.error_shapes])
def test_every_error_of_the_operation_is_mapped(code: str) -> None:
    assert (code in UNAVAILABLE) != (code in REJECTED)
    status = CONVERSE.service_model.shape_for(code).metadata["error"]["httpStatusCode"]
    assert STATUS_OF_CODE[code] == status

    error = refusal_of([Failure(code)])

    assert isinstance(error, ModelUnavailableError if code in UNAVAILABLE else ModelRejectedError)
    assert code in str(error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, ModelRejectedError), (403, ModelRejectedError), (429, ModelThrottledError), (502, ModelUnavailableError)],
)
def test_an_error_that_nobody_knows_is_judged_by_its_status(status: int, kind: type[ModelError]) -> None:
    assert type(refusal_of([Failure("BrandNewException", status=status)])) is kind


def test_what_the_service_says_is_quoted_without_secrets_and_short() -> None:
    said = str(refusal_of([Failure("ValidationException", "bad id\nAKIAIOSFODNN7EXAMPLE " + "x" * 1000)]))

    assert "bad id [redacted] xxx" in said
    assert len(said) < 600


def test_a_signature_mismatch_is_not_quoted() -> None:
    said = str(refusal_of([Failure("InvalidSignatureException", "x-amz-security-token:abc", status=403)]))

    assert "abc" not in said
    assert "credentials" in said


def test_silence_is_unavailable() -> None:
    with ScriptedBedrock([Timeout()]) as bedrock, pytest.raises(ModelUnavailableError, match="ReadTimeoutError"):
        model_at(bedrock.endpoint_url, read_timeout=0.2).ask(REQUEST)


@pytest.mark.parametrize("reply", [Cut(), Truncated()])
def test_a_broken_connection_is_unavailable(reply: Reply) -> None:
    assert isinstance(refusal_of([reply]), ModelUnavailableError)


@pytest.mark.parametrize(
    "body",
    [
        "",
        '{"output": ',
        "[]",
        "null",
        '"text"',
        "7",
        "\ud800",
        "{}",
        '{"output": []}',
        '{"output": {"message": {"content": 3}}, "stopReason": "end_turn"}',
        '{"output": {"message": {"content": [3]}}, "stopReason": "end_turn"}',
        '{"output": {"message": {"content": []}}}',
        '{"output": {"message": {"content": []}}, "stopReason": 5}',
        '{"stopReason": "end_turn"}',
        "[" * 100_000,
    ],
)
def test_a_body_that_converse_does_not_answer_is_unavailable(body: str) -> None:
    assert isinstance(refusal_of([Malformed(body)]), ModelUnavailableError)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"output": {"message": {"content": []}}, "stopReason": "end_turn"}', ModelReply("", StopReason.END, Usage())),
        (
            '{"output": {"message": {"content": [{"text": "a"}]}}, "stopReason": "new", "usage": {"inputTokens": -4}}',
            ModelReply("a", StopReason.OTHER, Usage()),
        ),
    ],
)
def test_a_lean_reply_is_taken_as_it_is(body: str, expected: ModelReply) -> None:
    assert ask(Malformed(body)) == expected


def test_reasoning_is_no_part_of_the_text() -> None:
    content = [{"reasoningContent": {"reasoningText": {"text": "hm"}}}, {"text": "a"}, {"text": "b"}]
    body = {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }

    assert ask(Output(body)).text == "ab"


def test_a_throttled_call_is_tried_again() -> None:
    assert ask(Failure("ThrottlingException"), Text("at last"), max_attempts=2).text == "at last"


def test_nobody_at_the_address() -> None:
    with ScriptedBedrock([]) as bedrock:
        gone = bedrock.endpoint_url

    with pytest.raises(ModelUnavailableError, match="cannot be reached"):
        model_at(gone).ask(REQUEST)


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with ScriptedBedrock([Text("x")]) as bedrock, pytest.raises(ModelRejectedError, match="no usable AWS credentials"):
        model_at(bedrock.endpoint_url).ask(REQUEST)


def test_half_of_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ModelRejectedError, match="PartialCredentialsError"):
        model_at("http://127.0.0.1:1").ask(REQUEST)


def test_a_profile_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(ModelRejectedError, match="ProfileNotFound"):
        model_at("http://127.0.0.1:1").ask(REQUEST)


def test_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(ModelRejectedError, match="no AWS region"):
        model_at(None, region=None).ask(REQUEST)


@pytest.mark.parametrize("endpoint_url", ["no address", "http://", "ftp//x"])
def test_an_endpoint_that_is_no_address(endpoint_url: str) -> None:
    with pytest.raises(ModelError):
        model_at(endpoint_url).ask(REQUEST)


def test_a_bearer_token_over_plain_http_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bearer-me-not")
    with ScriptedBedrock([Text("x")]) as bedrock, pytest.raises(ModelError) as error:
        model_at(bedrock.endpoint_url).ask(REQUEST)

    assert "bearer-me-not" not in str(error.value)


def test_a_request_that_boto3_refuses_does_not_quote_the_prompt() -> None:
    with pytest.raises(ModelRejectedError, match="boto3 refuses the request") as error:
        model_at("http://127.0.0.1:1").ask(ModelRequest("system", ("prompt",), max_tokens=0))

    assert "prompt" not in str(error.value)
