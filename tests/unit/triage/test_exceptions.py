import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.finding import CloudResource, Finding, Hint
from iacfix.triage.exceptions import Exceptions, RiskException, Scope, fault_of

DAY = date(2026, 11, 21)
ARN = "arn:aws:s3:::logs"
FINDING = Finding(
    "security_hub", "id-1", "S3.8", "…", CloudResource("AwsS3Bucket", ARN), "s3-block-public-access", hint=Hint()
)
SCOPE = Scope(control="s3-block-public-access", resource="aws_s3_bucket.logs")
ENTRY = RiskException(SCOPE, "ann", "It serves our site.", DAY, DAY + timedelta(days=30))
WHERE = ("aws_s3_bucket.logs", "infra/logs.tf")


@given(st.integers(0, 365), st.integers(-400, 800))
def test_it_holds_from_its_first_to_its_last_day_and_no_longer(lasts: int, later: int) -> None:
    entry = replace(ENTRY, until=DAY + timedelta(days=lasts))
    today = DAY + timedelta(days=later)
    exceptions = Exceptions((entry,))
    holds = 0 <= later <= lasts
    assert (exceptions.covering(FINDING, today, *WHERE) == entry) is holds
    assert (exceptions.ended(FINDING, today, *WHERE) == entry.until) is (later > lasts)


def test_one_for_a_report_is_one_for_the_fact_that_others_report_too() -> None:
    scope = Scope(finding="issue-1")
    assert not scope.covers(FINDING)
    assert scope.covers(replace(FINDING, also=(("wiz", "issue-1"),)))
    assert not scope.covers(replace(FINDING, also=(("issue-1", "wiz"),)))


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (SCOPE, True),
        (replace(SCOPE, path="infra/logs.tf"), True),
        (replace(SCOPE, path="logs.tf"), False),
        (replace(SCOPE, control="s3-versioning"), False),
        (replace(SCOPE, control="S3.8"), False),
        (replace(SCOPE, control=""), False),
        (replace(SCOPE, resource=""), False),
        (replace(SCOPE, control="*"), False),
        (replace(SCOPE, resource=ARN), True),
        (replace(SCOPE, resource="aws_s3_bucket.*"), True),
        (replace(SCOPE, resource="AWS_S3_bucket.*"), False),
        (replace(SCOPE, resource="aws_s3_bucket.log"), False),
        (replace(SCOPE, resource="*"), True),
        (Scope(finding="id-1"), True),
        (Scope(finding="id-2"), False),
        (Scope(finding="*"), False),
        (replace(SCOPE, finding="id-1"), True),
        (replace(SCOPE, finding="id-2"), False),
        (Scope(), False),
        (Scope(path="infra/logs.tf"), False),
    ],
)
def test_everything_that_a_scope_names_has_to_be_so(scope: Scope, *, covers: bool) -> None:
    assert scope.covers(FINDING, *WHERE) is covers


def test_a_check_that_the_catalogue_does_not_know_goes_by_the_tools_name() -> None:
    unknown = replace(FINDING, control="")
    assert replace(SCOPE, control="S3.8").covers(unknown, *WHERE)
    assert not SCOPE.covers(unknown, *WHERE)


def test_a_finding_that_is_not_located_is_covered_by_what_the_tool_calls_it_alone() -> None:
    assert replace(SCOPE, resource=ARN).covers(FINDING)
    assert replace(SCOPE, resource="*").covers(FINDING)
    assert not SCOPE.covers(FINDING)
    assert not replace(SCOPE, resource="*", path="infra/logs.tf").covers(FINDING)
    assert not replace(SCOPE, resource="*").covers(replace(FINDING, resource=CloudResource("", "")))


@given(st.text("ab*[?", max_size=7), st.text("ab[?", min_size=1, max_size=7))
def test_a_star_is_any_characters_and_nothing_else_is_special(pattern: str, text: str) -> None:
    expected = bool(pattern) and re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None
    unnamed = replace(FINDING, resource=CloudResource("", ""))
    assert replace(SCOPE, resource=pattern).covers(unnamed, text) is expected


def test_a_hostile_pattern_costs_little() -> None:
    assert not replace(SCOPE, resource="*a" * 500 + "b").covers(FINDING, "a" * 100_000)


def test_what_has_a_fault_holds_for_nothing_and_never_ended() -> None:
    exceptions = Exceptions((replace(ENTRY, fault="line 2: `until` is missing"),))
    assert exceptions.covering(FINDING, DAY, *WHERE) is None
    assert exceptions.ended(FINDING, DAY + timedelta(days=99), *WHERE) is None
    assert exceptions.faulty == exceptions.entries


def test_one_that_was_prolonged_counts_as_long_as_the_longest() -> None:
    longer = replace(ENTRY, until=DAY + timedelta(days=60))
    exceptions = Exceptions((ENTRY, longer))
    assert exceptions.covering(FINDING, DAY, *WHERE) == longer
    assert exceptions.ended(FINDING, DAY + timedelta(days=31), *WHERE) is None
    assert exceptions.ended(FINDING, DAY + timedelta(days=61), *WHERE) == longer.until


def test_those_that_end_soon_are_told() -> None:
    exceptions = Exceptions((ENTRY,))
    assert exceptions.ending(DAY) == ()
    assert exceptions.ending(ENTRY.until - timedelta(days=13)) == (ENTRY,)
    assert exceptions.ending(ENTRY.until - timedelta(days=14)) == ()
    assert exceptions.ending(ENTRY.until) == (ENTRY,)
    assert exceptions.ending(ENTRY.until + timedelta(days=1)) == ()
    assert exceptions.ending(date.max) == ()


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (ENTRY, ""),
        (replace(ENTRY, until=DAY), ""),
        (replace(ENTRY, until=DAY + timedelta(days=365)), ""),
        (replace(ENTRY, until=DAY + timedelta(days=366)), "it lasts 366 days, and 365 is the most"),
        (replace(ENTRY, until=DAY - timedelta(days=1)), "it ends on 2026-11-20, before it was made on 2026-11-21"),
        (replace(ENTRY, scope=Scope(control="c")), "it has to name a `finding`, or a `control` and a `resource`"),
        (replace(ENTRY, approver=""), "it has to name its `approver`"),
        (replace(ENTRY, reason=""), "it has to give its `reason`"),
    ],
)
def test_what_an_exception_has_to_have(entry: RiskException, fault: str) -> None:
    assert fault_of(entry) == fault


def test_the_most_is_for_the_user_to_choose() -> None:
    assert fault_of(ENTRY, most_days=29) == "it lasts 30 days, and 29 is the most"
