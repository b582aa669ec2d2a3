"""Bedrock's Converse operation through boto3. Imported when the first question is asked."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from iacfix.adapters.aws.bedrock_errors import model_error
from iacfix.adapters.aws.model_features import Features, Forcing, features_of, without_refused
from iacfix.adapters.aws.role import Role
from iacfix.adapters.aws.session import acting_as
from iacfix.domain.errors import ModelUnavailableError
from iacfix.domain.proposal import Usage
from iacfix.ports import FilledForm, ModelReply, ModelRequest, StopReason

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.type_defs import (
        ConverseRequestTypeDef,
        GuardrailConfigurationTypeDef,
        SystemContentBlockTypeDef,
        ToolChoiceTypeDef,
        ToolConfigurationTypeDef,
        ToolInputSchemaTypeDef,
    )

STOP_REASONS: Final[Mapping[str, StopReason]] = {
    "end_turn": StopReason.END,
    "max_tokens": StopReason.MAX_TOKENS,
    "model_context_window_exceeded": StopReason.MAX_TOKENS,
    "guardrail_intervened": StopReason.GUARDRAIL,
    "content_filtered": StopReason.REFUSED,
    "tool_use": StopReason.FORM,
    # No stop sequences are ever sent: whatever stops for one is not a whole answer.
    "stop_sequence": StopReason.OTHER,
    "malformed_model_output": StopReason.OTHER,
    "malformed_tool_use": StopReason.OTHER,
}

# Bytes of a prefix for one token at most: below the least of a checkpoint nothing is cached, and nothing breaks.
BYTES_PER_TOKEN = 4

# botocore's parser walks a reply without checking its types first, and fails so when the types are others.
_PARSER_FAILURES = (ResponseParserError, AttributeError, KeyError, TypeError, ValueError, RecursionError)


class Converse:
    """One client, made once. Raises ModelRejectedError when it cannot be made.

    What a model turns out not to know (tools, cache points) is left out from then on.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own, by name
        self,
        *,
        region: str | None,
        connect_timeout: float,
        read_timeout: float,
        max_attempts: int,
        endpoint_url: str | None,
        role: Role | None = None,
        guardrail: tuple[str, str] | None = None,
    ) -> None:
        config = Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries={"total_max_attempts": max_attempts, "mode": "adaptive"},
            user_agent_extra="iacfix",
        )
        try:
            session = Session(region_name=region) if role is None else acting_as(role, Session(region_name=region))
            self._client = session.client("bedrock-runtime", config=config, endpoint_url=endpoint_url)
        except (BotoCoreError, ValueError) as error:
            raise model_error(error) from None
        self._guardrail = guardrail
        self._features: dict[str, Features] = {}

    def ask(self, model_id: str, request: ModelRequest) -> ModelReply:
        features = self._features.get(model_id) or features_of(model_id)
        while True:  # each further round leaves out one of two things
            try:
                response: object = self._client.converse(
                    **_call(model_id, request, features), **_guarded(self._guardrail)
                )
            except ClientError as error:
                if (fewer := _fewer(error, request, features)) is None:
                    raise model_error(error) from None
                self._features[model_id] = features = fewer
            except BotoCoreError as error:
                raise model_error(error) from None
            except _PARSER_FAILURES:
                raise _malformed("its body is not what Converse answers") from None
            else:
                return _reply(response)


def _call(model_id: str, request: ModelRequest, features: Features) -> "ConverseRequestTypeDef":
    """The system part is the same for every finding, and so is the form before it: both are in the cached prefix."""
    system: list[SystemContentBlockTypeDef] = [{"text": request.system}]
    if _is_cached(request, features):
        system.append({"cachePoint": {"type": "default"}})
    call: ConverseRequestTypeDef = {
        "modelId": model_id,
        "system": system,
        "messages": [
            {"role": "assistant" if position % 2 else "user", "content": [{"text": turn}]}
            for position, turn in enumerate(request.turns)
        ],
        "inferenceConfig": {"maxTokens": request.max_tokens, "temperature": 0.0},
    }
    if (tools := _tools(request, features)) is not None:
        call["toolConfig"] = tools
    return call


def _guarded(guardrail: tuple[str, str] | None) -> "dict[str, GuardrailConfigurationTypeDef]":
    if guardrail is None:
        return {}
    name, version = guardrail
    return {"guardrailConfig": {"guardrailIdentifier": name, "guardrailVersion": version}}


def _tools(request: ModelRequest, features: Features) -> "ToolConfigurationTypeDef | None":
    form = request.form
    if form is None or features.forcing is Forcing.NONE:
        return None
    choice: ToolChoiceTypeDef = {"tool": {"name": form.name}} if features.forcing is Forcing.TOOL else {"any": {}}
    schema: ToolInputSchemaTypeDef = {"json": dict(form.schema)}
    return {
        "tools": [{"toolSpec": {"name": form.name, "description": form.description, "inputSchema": schema}}],
        "toolChoice": choice,
    }


def _is_cached(request: ModelRequest, features: Features) -> bool:
    """Whether the part that is the same for every finding is as long as a checkpoint has to be."""
    form = "" if request.form is None or features.forcing is Forcing.NONE else json.dumps(request.form.schema)
    return 0 < features.cache_from <= len((request.system + form).encode(errors="replace")) // BYTES_PER_TOKEN


def _fewer(error: ClientError, request: ModelRequest, features: Features) -> Features | None:
    """What to ask again with, where the service refuses something that was sent and is not needed."""
    said = error.response.get("Error", {})
    cached, forced = _is_cached(request, features), _tools(request, features) is not None
    return without_refused(features, str(said.get("Code")), str(said.get("Message")), cached=cached, forced=forced)


def _reply(response: object) -> ModelReply:
    """Trusts no member to be there: botocore leaves out what a reply leaves out."""
    stop = _member(response, "stopReason")
    content = _member(response, "output", "message", "content")
    if not isinstance(stop, str):
        raise _malformed("it has no stop reason")
    if not isinstance(content, list):
        raise _malformed("it has no content")
    texts = [text for block in content if isinstance(text := _member(block, "text"), str)]
    called = [use for block in content if isinstance(use := _member(block, "toolUse"), dict)]
    return ModelReply(
        text="".join(texts),
        stop=STOP_REASONS.get(stop, StopReason.OTHER),
        usage=Usage(
            input_tokens=_count(response, "usage", "inputTokens"),
            output_tokens=_count(response, "usage", "outputTokens"),
            latency_ms=_count(response, "metrics", "latencyMs"),
            cache_read_tokens=_count(response, "usage", "cacheReadInputTokens"),
            cache_write_tokens=_count(response, "usage", "cacheWriteInputTokens"),
        ),
        forms=tuple(FilledForm(str(_member(use, "name")), _member(use, "input")) for use in called),
    )


def _member(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _count(value: object, *names: str) -> int:
    count = _member(value, *names)
    return count if isinstance(count, int) and count > 0 else 0


def _malformed(how: str) -> ModelUnavailableError:
    return ModelUnavailableError(f"Bedrock's reply cannot be read: {how}", remedy="try again; see what is in between")
