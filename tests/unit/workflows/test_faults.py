"""Whatever goes wrong on the way to a model ends in an outcome with a reason, in bounded time, and counts no attempt."""

from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.controls import load_catalogue
from iacfix.domain.outcome import Outcome, Status
from iacfix.generation.model.generator import ModelGenerator
from iacfix.generation.model.spending import BudgetedModel, Limits
from iacfix.testing.bedrock_script import Cut, Failure, Malformed, Reply, Text, Timeout, Truncated
from iacfix.testing.bedrock_server import ScriptedBedrock
from iacfix.workflows.fix import Fixer, Generator

CATALOGUE = load_catalogue()
KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'
WRONG = "```diff\n--- a/main.tf\n+++ b/main.tf\n@@ @@\n-}\n+\n```"


def run(folder: Path, *replies: Reply, attempts: int = 1, limits: Limits | None = None) -> tuple[Outcome, int]:
    """With how many questions reached the service."""
    with ScriptedBedrock(replies) as server:
        model = BedrockModel(
            "test.model",
            region="eu-west-1",
            connect_timeout=2,
            read_timeout=0.5,
            max_attempts=attempts,
            endpoint_url=server.endpoint_url,
        )
        author = ModelGenerator(BudgetedModel(model, limits or Limits()), max_tokens=1000)
        fixer = Fixer(CATALOGUE, repository(folder, {"main.tf": KEY}), Generator.MODEL, author)
        return fixer.fix(finding("CKV_AWS_7", "aws_kms_key.data")), len(server.requests)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        pytest.param(Failure("ThrottlingException"), "ThrottlingException", id="throttled"),
        pytest.param(Failure("ServiceQuotaExceededException", status=400), "higher quota", id="quota"),
        pytest.param(Failure("InternalServerException"), "InternalServerException", id="500"),
        pytest.param(Failure("ServiceUnavailableException"), "ServiceUnavailableException", id="503"),
        pytest.param(Failure("BadGateway", status=502), "BadGateway", id="502"),
        pytest.param(Failure("ModelTimeoutException"), "ModelTimeoutException", id="model too slow"),
        pytest.param(Timeout(), "the connection to Bedrock failed (ReadTimeoutError)", id="slow"),
        pytest.param(Cut(), "the connection to Bedrock failed", id="cut"),
        pytest.param(Truncated(), "Bedrock", id="truncated"),
        pytest.param(Malformed(), "cannot be read", id="malformed"),
        pytest.param(Malformed("[]"), "cannot be read", id="other JSON"),
        pytest.param(Malformed("{}"), "it has no stop reason", id="nothing"),
        pytest.param(Failure("ExpiredTokenException", status=403), "not expired", id="expired"),
        pytest.param(Failure("UnrecognizedClientException", status=403), "give credentials", id="unknown key"),
        pytest.param(Failure("AccessDeniedException"), "allow bedrock:InvokeModel", id="access denied"),
        pytest.param(Failure("ResourceNotFoundException"), "the region offers it", id="no such model"),
        pytest.param(Failure("ValidationException"), "check the model's id", id="validation"),
        pytest.param(Text("", stop="guardrail_intervened"), "guardrail", id="guardrail"),
        pytest.param(Text("", stop="content_filtered"), "filter", id="filtered"),
    ],
)
def test_no_attempt_is_counted_where_no_answer_came(tmp_path: Path, reply: Reply, said: str) -> None:
    outcome, asked = run(tmp_path, reply)

    assert (outcome.status, outcome.attempts, asked) == (Status.GENERATION_FAILED, 0, 1)
    assert "the model gave no answer" in outcome.reason
    assert said in outcome.reason


def test_a_failure_between_attempts_keeps_those_that_were_made(tmp_path: Path) -> None:
    outcome, asked = run(tmp_path, Text(WRONG), Failure("ThrottlingException"))

    assert (outcome.status, outcome.attempts, asked) == (Status.GENERATION_FAILED, 1, 2)
    assert "attempt 1: " in outcome.reason
    assert "ThrottlingException" in outcome.reason


def test_a_limit_ends_the_attempts_before_a_question_leaves(tmp_path: Path) -> None:
    outcome, asked = run(tmp_path, Text(WRONG), limits=Limits(tokens_per_finding=4_000))

    assert (outcome.status, outcome.attempts, asked) == (Status.GENERATION_FAILED, 1, 1)
    assert "the model was not asked: model.tokens_per_finding is 4,000 tokens" in outcome.reason


def test_what_passes_by_itself_is_tried_again(tmp_path: Path) -> None:
    outcome, asked = run(tmp_path, Failure("ServiceUnavailableException"), Text(WRONG), Cut(), attempts=2)

    assert asked >= 2
    assert outcome.attempts == 1
