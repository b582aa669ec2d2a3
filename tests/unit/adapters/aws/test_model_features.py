import pytest

from iacfix.adapters.aws.model_features import FAMILIES, UNKNOWN, Features, Forcing, features_of, without_refused

NOVA = Features(Forcing.TOOL, 1_000)


@pytest.mark.parametrize(
    ("model_id", "features"),
    [
        ("amazon.nova-pro-v1:0", NOVA),
        ("us.amazon.nova-lite-v1:0", NOVA),
        ("us-gov.amazon.nova-lite-v1:0", NOVA),
        ("arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-micro-v1:0", NOVA),
        ("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0", NOVA),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", Features(Forcing.TOOL, 1_024)),
        ("apac.anthropic.claude-opus-4-20250514-v1:0", Features(Forcing.TOOL, 1_024)),
        ("anthropic.claude-opus-4-5-20251101-v1:0", Features(Forcing.TOOL, 4_096)),
        ("anthropic.claude-3-haiku-20240307-v1:0", Features(Forcing.TOOL)),
        ("anthropic.claude-v2:1", Features(Forcing.NONE)),
        ("mistral.mistral-large-2407-v1:0", Features(Forcing.ANY)),
        ("mistral.mistral-7b-instruct-v0:2", Features(Forcing.NONE)),
        ("us.meta.llama3-1-70b-instruct-v1:0", Features(Forcing.NONE)),
        ("us.deepseek.r1-v1:0", Features(Forcing.NONE)),
        ("cohere.command-r-v1:0", Features(Forcing.NONE)),
        ("arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123", UNKNOWN),
        ("some.model-v1:0", UNKNOWN),
        ("", UNKNOWN),
        ("x" * 5_000, UNKNOWN),
    ],
)
def test_a_model_is_known_by_its_family(model_id: str, features: Features) -> None:
    assert features_of(model_id) == features


def test_every_family_is_found_by_its_own_name() -> None:
    assert [name for name, features in FAMILIES.items() if features_of(f"{name}x") != features] == []


@pytest.mark.parametrize(
    ("code", "said", "cached", "forced", "left"),
    [
        ("ValidationException", "This model doesn't support tool use.", True, True, Features(Forcing.NONE, 1_000)),
        ("ValidationException", "toolConfig.toolChoice.any: remove it", False, True, Features(Forcing.NONE, 1_000)),
        ("ValidationException", "cachePoint is not supported", True, True, Features(Forcing.TOOL)),
        ("AccessDeniedException", "your request did not allow prompt caching", True, True, Features(Forcing.TOOL)),
        ("AccessDeniedException", "not allowed to use this tool", True, True, None),
        ("ValidationException", "This model doesn't support tool use.", True, False, None),
        ("ValidationException", "cachePoint is not supported", False, True, None),
        ("ValidationException", "maxTokens is too large", True, True, None),
        ("ThrottlingException", "tool cache", True, True, None),
    ],
)
def test_only_what_was_sent_and_is_not_needed_is_left_out(
    code: str, said: str, left: Features | None, *, cached: bool, forced: bool
) -> None:
    assert without_refused(NOVA, code, said, cached=cached, forced=forced) == left
