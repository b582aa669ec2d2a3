"""What families of models on Bedrock can do beside answering in text. Data, with its sources.

Forced tools: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html and
/userguide/conversation-inference-supported-models-features.html. `tool` (this one) is for Claude from 3 on and Nova,
`any` (one of those given) for Mistral Large too; a family that can only be left the choice is asked for text.

Cache: docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html, the least tokens of a checkpoint. A shorter
prefix is answered and silently not cached.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Forcing(StrEnum):
    """How a model is made to fill in a form: the member of Converse's `toolChoice`."""

    TOOL = "tool"
    ANY = "any"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Features:
    """`cache_from`: the least tokens of a prefix that is cached, 0 where none is."""

    forcing: Forcing
    cache_from: int = 0


# By the beginning of the model's name, provider included; the longest that fits counts.
FAMILIES: Final[dict[str, Features]] = {
    "ai21.": Features(Forcing.NONE),
    "amazon.nova-": Features(Forcing.TOOL),
    "amazon.nova-lite": Features(Forcing.TOOL, 1_000),
    "amazon.nova-micro": Features(Forcing.TOOL, 1_000),
    "amazon.nova-premier": Features(Forcing.TOOL, 1_000),
    "amazon.nova-pro": Features(Forcing.TOOL, 1_000),
    "amazon.titan-": Features(Forcing.NONE),
    "anthropic.claude-": Features(Forcing.TOOL),
    "anthropic.claude-3-5-haiku": Features(Forcing.TOOL, 2_048),
    "anthropic.claude-3-7-sonnet": Features(Forcing.TOOL, 1_024),
    "anthropic.claude-haiku-4-5": Features(Forcing.TOOL, 4_096),
    "anthropic.claude-instant": Features(Forcing.NONE),
    "anthropic.claude-opus-4-1": Features(Forcing.TOOL, 1_024),
    "anthropic.claude-opus-4-2": Features(Forcing.TOOL, 1_024),  # 4, which is followed by its date
    "anthropic.claude-opus-4-5": Features(Forcing.TOOL, 4_096),
    "anthropic.claude-sonnet-4": Features(Forcing.TOOL, 1_024),
    "anthropic.claude-v2": Features(Forcing.NONE),
    "cohere.": Features(Forcing.NONE),
    "deepseek.": Features(Forcing.NONE),
    "meta.": Features(Forcing.NONE),
    "mistral.": Features(Forcing.NONE),
    "mistral.mistral-large": Features(Forcing.ANY),
}
# Tried with a form: a refusal costs one call without tokens, and is remembered.
UNKNOWN: Final = Features(Forcing.TOOL)

# `eu.` and the like before a model's name make it an inference profile of several regions.
_NAME = re.compile(r"(?:.*/)?(?:[a-z]{2,6}(?:-gov)?\.)?(?P<name>[a-z0-9]+\..+)", re.DOTALL)
_SAYS_TOOLS = re.compile(r"\btool", re.IGNORECASE)
_SAYS_CACHE = re.compile(r"\bcach", re.IGNORECASE)


def features_of(model_id: str) -> Features:
    """By an id, or the ARN of a model or of an inference profile. An application's own profile names no model."""
    match = _NAME.fullmatch(model_id)
    name = match["name"] if match is not None else model_id
    known = max((family for family in FAMILIES if name.startswith(family)), key=len, default="")
    return FAMILIES.get(known, UNKNOWN)


def without_refused(features: Features, code: str, said: str, *, cached: bool, forced: bool) -> Features | None:
    """What to ask again with, where an error speaks of a thing that was sent (`cached`, `forced`) and is not needed."""
    if cached and code in {"AccessDeniedException", "ValidationException"} and _SAYS_CACHE.search(said):
        return replace(features, cache_from=0)
    if forced and code == "ValidationException" and _SAYS_TOOLS.search(said):
        return replace(features, forcing=Forcing.NONE)
    return None
