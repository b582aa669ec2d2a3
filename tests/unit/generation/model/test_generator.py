import pytest

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.domain.control import Risk
from iacfix.domain.errors import ModelRejectedError, ModelUnavailableError
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.location import Framework, Location
from iacfix.domain.proposal import Candidate, Usage
from iacfix.generation.context import FixContext, HeldBackError, RejectedAttempt, UnusableAnswerError
from iacfix.generation.model.answer import FORM
from iacfix.generation.model.generator import ModelGenerator
from iacfix.testing.bedrock_script import Cut, Failure, Malformed, Reply, Text, ToolUse
from iacfix.testing.bedrock_server import ScriptedBedrock

PASSWORD = "hunter2hunter2"
CONTEXT = FixContext(
    finding=Finding("checkov", "1", "CKV_AWS_16", "RDS is encrypted", CloudResource("aws_db_instance", "db")),
    control=None,
    location=Location("db.tf", "aws_db_instance.db", Framework.TERRAFORM, 0, 80, 1, 3, (), 1.0),
    target=f'resource "aws_db_instance" "db" {{\n  password = "{PASSWORD}"\n}}',
)
HIDDEN_DIFF = """--- a/db.tf
+++ b/db.tf
@@ -1,3 +1,4 @@
 resource "aws_db_instance" "db" {
   password = "IACFIX_SECRET_1"
+  storage_encrypted = true
 }
"""
DIFF = HIDDEN_DIFF.replace("IACFIX_SECRET_1", PASSWORD)


def generator_at(bedrock: ScriptedBedrock) -> ModelGenerator:
    model = BedrockModel(
        "some.model-v1:0",
        region="eu-west-1",
        connect_timeout=5,
        read_timeout=10,
        max_attempts=1,
        endpoint_url=bedrock.endpoint_url,
    )
    return ModelGenerator(model, max_tokens=512)


def turns_of(bedrock: ScriptedBedrock) -> list[str]:
    """The text of each turn of the last request; the server has seen to it that they alternate."""
    messages = bedrock.requests[-1].body["messages"]
    assert isinstance(messages, list)
    return [message["content"][0]["text"] for message in messages]


def generate(reply: Reply, *rejections: RejectedAttempt) -> Candidate:
    with ScriptedBedrock([reply]) as bedrock:
        return generator_at(bedrock).generate(CONTEXT, rejections)


def test_an_answer_becomes_a_candidate_with_its_secrets_back() -> None:
    with ScriptedBedrock([Text(f"Encrypts.\n```diff\n{HIDDEN_DIFF}```", usage=Usage(9, 8, 7))]) as bedrock:
        candidate = generator_at(bedrock).generate(CONTEXT, ())

    assert candidate.usage is not None
    estimate = candidate.usage.estimated_input_tokens
    assert 1_000 < estimate < 2_500
    usage = Usage(9, 8, 7, estimated_input_tokens=estimate)
    assert candidate == Candidate(DIFF, "model:some.model-v1:0", "Encrypts.", usage)
    assert bedrock.requests[0].body["inferenceConfig"] == {"maxTokens": 512, "temperature": 0.0}
    assert "'toolChoice': {'tool': {'name': 'propose_fix'}}" in str(bedrock.requests[0].body)


def test_a_form_becomes_a_candidate_with_what_it_rests_on() -> None:
    filled = {
        "diff": HIDDEN_DIFF,
        "explanation": "Encrypts.",
        "assumptions": ["the default key will do", "no one reads IACFIX_SECRET_1"],
        "breaking_change_risk": "high",
    }
    candidate = generate(ToolUse(filled, name=FORM.name, usage=Usage(9, 8, 7, 6, 5)))

    assert candidate.diff == DIFF
    assert candidate.explanation == "Encrypts."
    assert candidate.assumptions == ("the default key will do", "no one reads [redacted]")
    assert candidate.risk is Risk.HIGH
    assert candidate.usage is not None
    assert (candidate.usage.cache_read_tokens, candidate.usage.cache_write_tokens) == (6, 5)


def test_no_secret_leaves() -> None:
    rejections = [RejectedAttempt(DIFF, "size", f"too long near {PASSWORD}")]
    with ScriptedBedrock([Text("x")]) as bedrock:
        generator_at(bedrock).generate(CONTEXT, rejections)

    assert PASSWORD not in str(bedrock.requests[0].body)
    assert sum("IACFIX_SECRET_1" in turn for turn in turns_of(bedrock)) == 3


def test_a_retry_shows_the_last_answer_and_every_reason() -> None:
    rejections = [
        RejectedAttempt("@@ first", "apply", "it lands nowhere"),
        RejectedAttempt(DIFF, "size", "it is too long"),
    ]
    with ScriptedBedrock([Text("x"), Text("y")]) as bedrock:
        generator_at(bedrock).generate(CONTEXT, ())
        (first,) = turns_of(bedrock)
        generator_at(bedrock).generate(CONTEXT, rejections)
        question, answer, retry = turns_of(bedrock)

    assert question == first
    assert answer == f"```diff\n{HIDDEN_DIFF}```"
    assert "1. apply: it lands nowhere" in retry
    assert "reason: it is too long" in retry
    assert "@@ first" not in answer + retry


@pytest.mark.parametrize(
    ("diff", "turn"),
    [("", "(no diff could be read from the answer)"), ("see ```hcl\na\n```", "see ```hcl\na\n```")],
)
def test_a_retry_after_an_answer_without_a_diff(diff: str, turn: str) -> None:
    with ScriptedBedrock([Text("x")]) as bedrock:
        generator_at(bedrock).generate(CONTEXT, [RejectedAttempt(diff, "parse", "it was cut off")])

        assert turns_of(bedrock)[1] == turn


def test_an_answer_without_a_diff_is_a_candidate_for_the_parse_stage() -> None:
    assert generate(Text("I would rather not.")).diff == "I would rather not."


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Text(HIDDEN_DIFF, stop="max_tokens"), "cut off"),
        (Text(HIDDEN_DIFF, stop="model_context_window_exceeded"), "cut off"),
        (Text(""), "empty"),
        (ToolUse("no object"), "no object"),
        (ToolUse({"diff": HIDDEN_DIFF}, stop="max_tokens"), "cut off"),
        (ToolUse({"diff": HIDDEN_DIFF}, stop="malformed_tool_use"), "before it was whole"),
        (Text("Shall I?", stop="tool_use"), "calls no tool"),
        (Text(HIDDEN_DIFF.replace("SECRET_1", "SECRET_2")), "IACFIX_SECRET_2, a placeholder that was never given out"),
    ],
)
def test_an_answer_that_cannot_be_judged_is_an_attempt(reply: Reply, said: str) -> None:
    with pytest.raises(UnusableAnswerError, match=said) as error:
        generate(reply)
    assert (error.value.usage.input_tokens, error.value.usage.output_tokens) == (1_200, 150)


@pytest.mark.parametrize("stop", ["guardrail_intervened", "content_filtered"])
def test_what_is_held_back_was_paid_for(stop: str) -> None:
    with pytest.raises(HeldBackError) as error:
        generate(Text("", stop=stop))
    assert error.value.usage.input_tokens == 1_200


@pytest.mark.parametrize("reply", [Text("", stop="guardrail_intervened"), Failure("AccessDeniedException")])
def test_a_refusal_is_no_attempt(reply: Reply) -> None:
    with pytest.raises(ModelRejectedError):
        generate(reply)


@pytest.mark.parametrize("reply", [Failure("ThrottlingException"), Malformed(), Cut()])
def test_a_service_that_fails_is_no_attempt(reply: Reply) -> None:
    with pytest.raises(ModelUnavailableError):
        generate(reply)
