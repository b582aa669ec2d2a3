"""The shipped policy says yes exactly where the sentence in its documentation does."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iacfix.adapters.policy.embedded import EmbeddedPolicy, shipped_policy
from iacfix.domain.triage import Fact

GOOD: Mapping[str, Fact] = {
    "finding": {"severity": "HIGH"},
    "environments": ("production",),
    "environment": "production",
    "owner": {"team": "t", "known": True, "by": "tags"},
    "exception": None,
    "resource": {"type": "AwsS3Bucket", "type_approved": True},
    "change": {"actions": ("configure",), "named": "configure"},
    "allowed": {"actions": ("configure", "iam")},
}
ODD: tuple[Fact, ...] = (None, True, False, 0, "", "true", (), {}, ("HIGH",))
# For each fact what may stand there beside what is good; every one of these denies.
BAD: Mapping[str, tuple[Fact, ...]] = {
    "finding": (*({"severity": each} for each in (*ODD, "high", "MEDIUM", "UNKNOWN")), *ODD),
    "environments": (("production", "restricted-production"), ("production", None), (("production",),), {"a": "production"}, ("restricted-production",), *(each for each in ODD if each != ("HIGH",))),
    "owner": (*({"team": "t", "known": each, "by": "x"} for each in ODD if each is not True), *ODD),
    "exception": ({"until": "2026-12-31", "approver": "a", "reason": "r"}, *(each for each in ODD if each is not None)),
    "resource": (*({"type": "x", "type_approved": each} for each in ODD if each is not True), *ODD),
    "change": (*({"actions": each, "named": "x"} for each in (*ODD, ("delete",), ("iam", "delete"), ("iam", None), {"a": "iam"})), *ODD),
    "allowed": (*({"actions": each} for each in ODD), *ODD),
}  # fmt: skip


@pytest.fixture(scope="module")
def policy() -> EmbeddedPolicy:
    return shipped_policy()


def test_good_is_good(policy: EmbeddedPolicy) -> None:
    found = policy.decide(GOOD)
    rules = {each.rule for each in found.allowed}
    assert (found.allow, rules) == (
        True,
        {"severity", "environment", "owner", "exception", "resource_type", "change"},
    )


def test_one_fact_that_is_bad_odd_or_missing_denies(policy: EmbeddedPolicy) -> None:
    wrong = [(name, bad) for name, every in BAD.items() for bad in every if policy.decide({**GOOD, name: bad}).allow]
    missing = [name for name in BAD if policy.decide({key: value for key, value in GOOD.items() if key != name}).allow]
    assert (wrong, missing) == ([], [])


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(sorted(BAD)), st.integers(0, 1000), min_size=1))
def test_several_deny_too_and_say_so(policy: EmbeddedPolicy, chosen: Mapping[str, int]) -> None:
    facts = {**GOOD, **{name: BAD[name][number % len(BAD[name])] for name, number in chosen.items()}}
    found = policy.decide(facts)
    assert not found.allow
    assert all(each.text for each in found.denied)
