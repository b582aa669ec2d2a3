"""Forms and cached prefixes over the real protocol."""

from collections.abc import Mapping, Sequence

import pytest

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.domain.errors import ModelRejectedError
from iacfix.domain.proposal import Usage
from iacfix.ports import AnswerForm, FilledForm, ModelReply, ModelRequest, StopReason
from iacfix.testing.bedrock_script import Failure, Malformed, Reply, Text, ToolUse
from iacfix.testing.bedrock_server import ScriptedBedrock

SCHEMA = {"type": "object", "properties": {"diff": {"type": "string"}}, "required": ["diff"]}
FORM = AnswerForm("propose_fix", "Hands over the fix.", SCHEMA)
SHORT = ModelRequest("be brief", ("question",), 64, FORM)
LONG = ModelRequest("be brief " * 1_000, ("question",), 64, FORM)
NO_TOOLS = Failure("ValidationException", "This model doesn't support tool use.")
NO_CACHE = Failure("AccessDeniedException", "You invoked an unsupported model or did not allow prompt caching.")


def asked(
    model_id: str, replies: Sequence[Reply], *requests: ModelRequest
) -> tuple[list[ModelReply], list[Mapping[str, object]]]:
    """The answers, and the bodies of what was sent, which the server held to the service's own shapes."""
    with ScriptedBedrock(replies) as bedrock:
        model = BedrockModel(
            model_id,
            region="eu-west-1",
            connect_timeout=5,
            read_timeout=10,
            max_attempts=1,
            endpoint_url=bedrock.endpoint_url,
        )
        answers = [model.ask(request) for request in requests]
        assert bedrock.refusals == ()
        return answers, [request.body for request in bedrock.requests]


@pytest.mark.parametrize(
    ("model_id", "choice"),
    [
        ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", {"tool": {"name": "propose_fix"}}),
        ("amazon.nova-pro-v1:0", {"tool": {"name": "propose_fix"}}),
        ("mistral.mistral-large-2407-v1:0", {"any": {}}),
        ("some.model-v1:0", {"tool": {"name": "propose_fix"}}),
    ],
)
def test_a_form_is_a_tool_that_has_to_be_called(model_id: str, choice: object) -> None:
    usage = Usage(7, 3, 21, cache_read_tokens=11, cache_write_tokens=2)
    (reply,), (body,) = asked(model_id, [ToolUse({"diff": "x"}, text="Here.", usage=usage)], SHORT)

    spec = {"name": "propose_fix", "description": "Hands over the fix.", "inputSchema": {"json": SCHEMA}}
    assert body["toolConfig"] == {"tools": [{"toolSpec": spec}], "toolChoice": choice}
    assert reply == ModelReply("Here.", StopReason.FORM, usage, (FilledForm("propose_fix", {"diff": "x"}),))


@pytest.mark.parametrize("model_id", ["meta.llama3-1-70b-instruct-v1:0", "us.deepseek.r1-v1:0"])
def test_a_model_that_cannot_be_made_to_is_asked_for_text(model_id: str) -> None:
    (reply,), (body,) = asked(model_id, [Text("a diff")], SHORT)

    assert "toolConfig" not in body
    assert reply.text == "a diff"


def test_a_model_that_turns_out_to_know_no_tools_is_asked_once_more_and_remembered() -> None:
    replies, bodies = asked("some.model-v1:0", [NO_TOOLS, Text("one"), Text("two")], SHORT, SHORT)

    assert [reply.text for reply in replies] == ["one", "two"]
    assert ["toolConfig" in body for body in bodies] == [True, False, False]


def test_a_refusal_that_stays_is_an_error() -> None:
    with pytest.raises(ModelRejectedError, match="tool use"):
        asked("some.model-v1:0", [NO_TOOLS, NO_TOOLS], SHORT)


def test_another_refusal_is_not_tried_around() -> None:
    with pytest.raises(ModelRejectedError, match="maxTokens"):
        asked("some.model-v1:0", [Failure("ValidationException", "maxTokens is too large")], SHORT)


@pytest.mark.parametrize(
    ("model_id", "request_", "cached"),
    [
        ("anthropic.claude-sonnet-4-20250514-v1:0", LONG, True),
        ("amazon.nova-pro-v1:0", LONG, True),
        ("anthropic.claude-sonnet-4-20250514-v1:0", SHORT, False),
        ("anthropic.claude-opus-4-5-20251101-v1:0", LONG, False),
        ("mistral.mistral-large-2407-v1:0", LONG, False),
        ("some.model-v1:0", LONG, False),
    ],
)
def test_a_long_prefix_is_cached_where_the_model_caches(model_id: str, request_: ModelRequest, *, cached: bool) -> None:
    _, (body,) = asked(model_id, [ToolUse({})], request_)

    text = {"text": request_.system}
    assert body["system"] == ([text, {"cachePoint": {"type": "default"}}] if cached else [text])


def test_a_cache_that_is_refused_is_left_out_and_the_form_stays() -> None:
    _, bodies = asked("amazon.nova-pro-v1:0", [NO_CACHE, ToolUse({}), ToolUse({})], LONG, LONG)

    assert ["cachePoint" in str(body) for body in bodies] == [True, False, False]
    assert all("toolConfig" in body for body in bodies)


def test_both_can_be_refused() -> None:
    (reply,), bodies = asked("amazon.nova-pro-v1:0", [NO_CACHE, NO_TOOLS, Text("at last")], LONG)

    assert reply.text == "at last"
    assert len(bodies) == 3


@pytest.mark.parametrize(
    ("use", "forms"),
    [
        ('{"name": "x", "input": [1]}', (FilledForm("x", [1]),)),
        ("{}", (FilledForm("None", None),)),
        ('{"name": {"a": 1}, "input": "text"}', (FilledForm("{'a': 1}", "text"),)),
    ],
)
def test_a_call_of_any_make_is_handed_on_for_the_reader(use: str, forms: tuple[FilledForm, ...]) -> None:
    body = f'{{"output": {{"message": {{"content": [{{"toolUse": {use}}}]}}}}, "stopReason": "tool_use"}}'
    (reply,), _ = asked("some.model-v1:0", [Malformed(body)], SHORT)

    assert reply.stop is StopReason.FORM
    assert [form.content for form in reply.forms] == [form.content for form in forms]
