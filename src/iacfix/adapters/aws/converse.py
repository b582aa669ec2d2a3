"""Bedrock's Converse operation through boto3. Imported when the first question is asked."""

from collections.abc import Mapping
from typing import Final

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from iacfix.adapters.aws.bedrock_errors import model_error
from iacfix.domain.errors import ModelUnavailableError
from iacfix.domain.proposal import Usage
from iacfix.ports import ModelReply, ModelRequest, StopReason

STOP_REASONS: Final[Mapping[str, StopReason]] = {
    "end_turn": StopReason.END,
    "max_tokens": StopReason.MAX_TOKENS,
    "model_context_window_exceeded": StopReason.MAX_TOKENS,
    "guardrail_intervened": StopReason.REFUSED,
    "content_filtered": StopReason.REFUSED,
    # No tools and no stop sequences are ever sent: whatever stops for one of these is not a whole answer.
    "tool_use": StopReason.OTHER,
    "stop_sequence": StopReason.OTHER,
    "malformed_model_output": StopReason.OTHER,
    "malformed_tool_use": StopReason.OTHER,
}

# botocore's parser walks a reply without checking its types first, and fails so when the types are others.
_PARSER_FAILURES = (ResponseParserError, AttributeError, KeyError, TypeError, ValueError, RecursionError)


class Converse:
    """One client, made once. Raises ModelRejectedError when it cannot be made."""

    def __init__(
        self,
        *,
        region: str | None,
        connect_timeout: float,
        read_timeout: float,
        max_attempts: int,
        endpoint_url: str | None,
    ) -> None:
        config = Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries={"total_max_attempts": max_attempts, "mode": "adaptive"},
            user_agent_extra="iacfix",
        )
        try:
            self._client = Session(region_name=region).client(
                "bedrock-runtime", config=config, endpoint_url=endpoint_url
            )
        except (BotoCoreError, ValueError) as error:
            raise model_error(error) from None

    def ask(self, model_id: str, request: ModelRequest) -> ModelReply:
        try:
            response: object = self._client.converse(
                modelId=model_id,
                system=[{"text": request.system}],
                messages=[
                    {"role": "assistant" if position % 2 else "user", "content": [{"text": turn}]}
                    for position, turn in enumerate(request.turns)
                ],
                inferenceConfig={"maxTokens": request.max_tokens, "temperature": 0.0},
            )
        except (ClientError, BotoCoreError) as error:
            raise model_error(error) from None
        except _PARSER_FAILURES:
            raise _malformed("its body is not what Converse answers") from None
        return _reply(response)


def _reply(response: object) -> ModelReply:
    """Trusts no member to be there: botocore leaves out what a reply leaves out."""
    stop = _member(response, "stopReason")
    content = _member(response, "output", "message", "content")
    if not isinstance(stop, str):
        raise _malformed("it has no stop reason")
    if not isinstance(content, list):
        raise _malformed("it has no content")
    texts = [text for block in content if isinstance(text := _member(block, "text"), str)]
    return ModelReply(
        text="".join(texts),
        stop=STOP_REASONS.get(stop, StopReason.OTHER),
        usage=Usage(
            input_tokens=_count(response, "usage", "inputTokens"),
            output_tokens=_count(response, "usage", "outputTokens"),
            latency_ms=_count(response, "metrics", "latencyMs"),
        ),
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
