"""Automation rules in both forms: applied by Security Hub to what comes in, and in process; with one result."""

import json
from collections.abc import Sequence

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.security_hub import PRODUCT, asff, bucket, hub, identity

from iacfix.adapters.aws.security_hub import Connection
from iacfix.adapters.aws.security_hub_rules import MARKER, SecurityHubRules
from iacfix.domain.automation import LABEL, AutomationRule, Comparison, Condition, Field
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import Finding, InvalidFinding, Severity
from iacfix.findings import read_findings
from iacfix.testing.security_hub_findings import Findings
from iacfix.testing.security_hub_rules import MOST_RULES, Rules
from iacfix.testing.security_hub_server import ACCOUNT, REGION, Refusal, SecurityHubServer
from iacfix.triage.automation_rules import AutomationRules
from iacfix.triage.automation_rules_file import MAX_RULES, read_rules
from iacfix.workflows.automation_rules import Planned, Step, apply, plan

__all__ = ["hub"]

RULES = b"""
rules:
  - name: production is critical
    description: What customers use comes first.
    when: {severity: [high, medium], tags: {Environment: [production, prod]}}
    then: {severity: critical}
  - name: the team of the shop
    description: Its buckets bear the shop's name.
    when: {resource_id: {starts_with: "arn:aws:s3:::shop-"}, resource_type: {is_not: AwsS3AccessPoint}}
    then: {labels: {team: shop, queue: fast}}
    terminal: true
  - name: access logs need no logs
    description: A bucket of logs would log itself for ever.
    when: {control: S3.9, resource_id: {contains: [-logs, log-archive]}, tags: {Purpose: logs}}
    then: {suppress: A bucket of access logs., severity: low}
  - name: off
    description: Not used.
    enabled: false
    when: {account: "111122223333"}
    then: {severity: informational}
  - name: elsewhere
    description: Sandboxes matter less.
    when: {account: {starts_not_with: "1111"}, region: eu-west-1, title: {contains_not: encryption}}
    then: {severity: low}
"""

NAMES = ("shop-orders", "shop-logs", "log-archive", "a-logs", "data")
TABLE = [
    asff(number, Severity={"Label": label}, Resources=[bucket(name, **tags)], AwsAccountId=account)
    for number, (label, name, tags, account) in enumerate(
        (label, name, tags, account)
        for label in ("LOW", "MEDIUM", "HIGH", "CRITICAL")
        for name in NAMES
        for tags in (
            {},
            {"Environment": "production"},
            {"environment": "prod"},
            {"Environment": "prod", "Purpose": "logs"},
        )
        for account in (ACCOUNT, "444455556666")
    )
]
Result = tuple[str, str, tuple[tuple[str, str], ...], bool]


def result(read: object, suppressed: bool = False) -> Result:  # noqa: FBT001, FBT002 - a mark of the result
    if isinstance(read, InvalidFinding):
        assert "SUPPRESSED" in read.reason, read
        return (read.id, "", (), True)
    assert isinstance(read, Finding)
    labels = tuple(sorted(each for each in read.resource.tags if each[0].startswith(LABEL)))
    return (read.id, "", (), True) if suppressed else (read.id, read.severity.value, labels, False)


def in_process(findings: Sequence[dict[str, object]], rules: AutomationRules) -> list[Result]:
    found = []
    for read in read_findings(json.dumps(findings).encode()):
        assert isinstance(read, Finding), read
        applied = rules.apply(read)
        found.append(result(applied.finding, bool(applied.suppressed)))
    return found


def in_security_hub(findings: Sequence[dict[str, object]], kept: Findings) -> list[Result]:
    """As they come out again after they came in."""
    kept.kept.clear()
    kept.put(*findings)
    there = [kept.kept[PRODUCT, str(each["Id"])] for each in findings]
    return [result(read) for read in read_findings(json.dumps(there).encode())]


def deployed(server: SecurityHubServer, rules: AutomationRules) -> SecurityHubRules:
    store = SecurityHubRules(Connection(max_attempts=1))
    done = apply(plan(rules, store), store)
    assert [each.failed for each in done] == [""] * len(rules.rules), server.operations
    return store


def test_both_forms_have_one_result_for_a_table_of_findings(hub: SecurityHubServer) -> None:
    rules = read_rules(RULES, "rules.yaml")
    deployed(hub, rules)
    told = in_process(TABLE, rules)
    assert in_security_hub(TABLE, hub.findings) == told
    assert len(TABLE) == 160
    assert {(severity, suppressed) for _, severity, _, suppressed in told} == {
        *(((each.value), False) for each in (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)),
        ("", True),
    }
    assert {labels for _, _, labels, _ in told} == {(), ((f"{LABEL}queue", "fast"), (f"{LABEL}team", "shop"))}


def test_findings_that_come_in_by_the_api_are_changed(hub: SecurityHubServer) -> None:
    rules = read_rules(RULES, "rules.yaml")
    deployed(hub, rules)
    client = boto3.client("securityhub", region_name=REGION)
    mine = [each for each in TABLE if each["AwsAccountId"] == ACCOUNT][:80]
    assert client.batch_import_findings(Findings=mine)["SuccessCount"] == 80  # type: ignore[arg-type] # ASFF as JSON
    there = [hub.findings.kept[PRODUCT, str(each["Id"])] for each in mine]
    assert [result(read) for read in read_findings(json.dumps(there).encode())] == in_process(mine, rules)


texts = st.sampled_from(
    ["AwsS3Bucket", "AwsS3", "arn:aws:s3:::", "shop", "logs", "eu-west-1", "eu", ACCOUNT, "S3.9", "buckets", "prod"]
)
keys = st.sampled_from(["Environment", "environment", "Team"])
POSITIVE = (Comparison.IS, Comparison.STARTS_WITH)
TOGETHER = st.sampled_from(
    [
        POSITIVE,
        (Comparison.STARTS_WITH, Comparison.IS_NOT),
        (Comparison.STARTS_NOT_WITH, Comparison.IS_NOT),
        (Comparison.CONTAINS,),
        (Comparison.CONTAINS_NOT,),
        (Comparison.STARTS_WITH, Comparison.STARTS_NOT_WITH),
    ]
)
PLAIN = [Field.TITLE, Field.ACCOUNT, Field.REGION, Field.RESOURCE_TYPE, Field.RESOURCE_ID, Field.CONTROL]


@st.composite
def conditions(draw: st.DrawFn) -> tuple[Condition, ...]:
    found: list[Condition] = []
    for field in draw(
        st.lists(st.sampled_from([*PLAIN, Field.TAGS, Field.SEVERITY]), min_size=1, max_size=3, unique=True)
    ):
        if field is Field.SEVERITY:
            value = draw(st.sampled_from(list(Severity)[:4])).value
            found.append(Condition(field, draw(st.sampled_from([Comparison.IS, Comparison.IS_NOT])), value))
        elif field is Field.TAGS:
            kinds = draw(
                st.sampled_from(
                    [[Comparison.IS], [Comparison.IS_NOT], [Comparison.CONTAINS], [Comparison.CONTAINS_NOT]]
                )
            )
            found += [Condition(field, kinds[0], draw(texts), draw(keys)) for _ in range(draw(st.integers(1, 3)))]
        else:
            kinds = list(draw(TOGETHER))
            found += [
                Condition(field, draw(st.sampled_from(kinds)), draw(texts)) for _ in range(draw(st.integers(1, 3)))
            ]
    return tuple(found)


@st.composite
def rule_sets(draw: st.DrawFn) -> AutomationRules:
    """Such as the reader takes: it is asked."""
    rules = []
    for number in range(draw(st.integers(1, 4))):
        severity = draw(st.sampled_from([None, *list(Severity)[:4]]))
        labels = draw(st.sampled_from([(), (("team", "a"),), (("team", "b"), ("x", "y"))]))
        suppress = draw(st.sampled_from(["", "known"])) if severity or labels else "known"
        rules.append(
            AutomationRule(
                f"rule {number}",
                "generated",
                number + 1,
                draw(conditions()),
                severity,
                suppress,
                labels,
                draw(st.booleans()),
                draw(st.integers(0, 4)) > 0,
            )
        )
    return AutomationRules(tuple(rules))


def written(rules: AutomationRules) -> bytes:
    """As a person would write them."""
    entries = []
    for rule in rules.rules:
        when: dict[str, dict[str, object]] = {}
        for each in rule.conditions:
            place = when.setdefault(each.field.value, {})
            if each.key:
                place = place.setdefault(each.key, {})  # type: ignore[assignment] # a mapping, as it was made here
            values = place.setdefault(each.comparison.value, [])
            assert isinstance(values, list)
            values.append(each.value)
        then = {
            "severity": rule.severity and rule.severity.value,
            "suppress": rule.suppress,
            "labels": dict(rule.labels),
        }
        flags = {"terminal": str(rule.terminal).lower(), "enabled": str(rule.enabled).lower(), "order": str(rule.order)}
        entries.append(
            {
                "name": rule.name,
                "description": rule.description,
                "when": when,
                "then": {k: v for k, v in then.items() if v},
            }
            | flags
        )
    return json.dumps({"rules": entries}).encode()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(rule_sets(), st.lists(st.sampled_from(TABLE), min_size=1, max_size=6, unique_by=lambda each: str(each["Id"])))
def test_both_forms_have_one_result_for_generated_rules(
    made: AutomationRules, findings: list[dict[str, object]]
) -> None:
    """Without the wire: what the adapter would send is what the server's rules are made of."""
    try:
        rules = read_rules(written(made), "generated")
    except ConfigurationError as error:
        assert "asks about" in str(error) or "both give labels" in str(error)  # noqa: PT017 - nothing else may be refused
        return
    assert {(rule.name, frozenset(rule.conditions)) for rule in rules.rules} == {
        (rule.name, frozenset(rule.conditions)) for rule in made.rules
    }
    server = Rules(REGION, ACCOUNT, 100)
    adapter = SecurityHubRules(Connection())
    for rule in rules.rules:
        server.create(json.loads(adapter.content_of(rule)))
    kept = Findings(REGION, ACCOUNT, 100, server.apply)
    assert in_security_hub(findings, kept) == in_process(findings, rules)


def steps(done: Sequence[Planned]) -> dict[str, str]:
    return {each.name: each.step.value for each in done}


def test_applying_again_changes_nothing_and_a_change_changes_one(hub: SecurityHubServer) -> None:
    rules = read_rules(RULES, "rules.yaml")
    store = deployed(hub, rules)
    before = json.dumps(hub.rules.kept)
    assert set(steps(plan(rules, store)).values()) == {"keep"}
    apply(plan(rules, store), store)
    assert json.dumps(hub.rules.kept) == before
    changed = read_rules(RULES.replace(b"severity: critical", b"severity: high"), "rules.yaml")
    assert steps(plan(changed, store))["production is critical"] == "update"
    assert all(not each.failed for each in apply(plan(changed, store), store))
    assert set(steps(plan(changed, store)).values()) == {"keep"}
    assert len(hub.rules.kept) == 5


def test_what_others_have_made_is_left_alone(hub: SecurityHubServer) -> None:
    client = boto3.client("securityhub", region_name=REGION)

    def other(name: str, order: int) -> None:
        client.create_automation_rule(
            RuleName=name,
            RuleOrder=order,
            Description="by hand",
            Criteria={"SeverityLabel": [{"Value": "LOW", "Comparison": "EQUALS"}]},
            Actions=[{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Confidence": 1}}],
        )

    other("production is critical", 700)
    other("of somebody", 20)
    other("of nobody here", 999)
    rules = read_rules(RULES, "rules.yaml")
    store = SecurityHubRules(Connection(max_attempts=1))
    planned = plan(rules, store, prune=True)
    assert [each.name for each in planned if each.step is Step.CONFLICT] == [
        "production is critical",
        "the team of the shop",
    ]
    apply(planned, store)
    by_hand = [each for each in hub.rules.kept.values() if not str(each["Description"]).endswith(MARKER)]
    assert (len(by_hand), len(hub.rules.kept)) == (3, 6)


def test_what_is_no_longer_in_the_file_is_told_and_deleted_when_asked(hub: SecurityHubServer) -> None:
    store = deployed(hub, read_rules(RULES, "rules.yaml"))
    nothing = AutomationRules()
    assert set(steps(plan(nothing, store)).values()) == {"left over"}
    apply(plan(nothing, store), store)
    assert len(hub.rules.kept) == 5
    assert all(not each.failed for each in apply(plan(nothing, store, prune=True), store))
    assert hub.rules.kept == {}


def test_what_fails_is_told_and_costs_no_other(hub: SecurityHubServer) -> None:
    rules = read_rules(RULES, "rules.yaml")
    store = SecurityHubRules(Connection(max_attempts=1))
    hub.spoil("CreateAutomationRule", Refusal("AccessDeniedException", 403))
    done = apply(plan(rules, store), store)
    assert [bool(each.failed) for each in done] == [True, False, False, False, False]
    assert "securityhub:CreateAutomationRule" in done[0].failed
    assert [each.step for each in plan(rules, store)].count(Step.CREATE) == 1


def test_the_hundredth_rule_is_the_last(hub: SecurityHubServer) -> None:
    entry = "  - {name: r%d, description: d, order: '%d', terminal: 'true', when: {severity: low}, then: {severity: high}}\n"
    many = "rules:\n" + "".join(entry % (number, number) for number in range(1, MAX_RULES + 1))
    rules, adapter = read_rules(many.encode(), "rules.yaml"), SecurityHubRules(Connection())
    hub.rules.page = 100
    for rule in rules.rules[1:]:
        hub.rules.create(json.loads(adapter.content_of(rule)))
    deployed(hub, rules)
    assert len(hub.rules.kept) == MOST_RULES == MAX_RULES
    with pytest.raises(ConfigurationError, match="more than 100"):
        read_rules((many + entry % (101, 101)).encode(), "rules.yaml")


RULE = {"name": "r", "description": "d", "when": {"severity": "low"}, "then": {"severity": "high"}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"when": {}}, r"rules\[1\].when: must not be empty"),
        ({"then": {}}, r"rules\[1\].then: must not be empty"),
        ({"when": {"severity": "urgent"}}, "cannot be asked for"),
        ({"when": {"severity": {"contains": "low"}}}, "cannot be asked for"),
        ({"when": {"colour": "red"}}, "'colour' is no key"),
        ({"when": {"title": {"is": "a", "is_not": "b"}}}, "does not take is, is_not together"),
        ({"when": {"title": {"contains": "a", "starts_with": "b"}}}, "together"),
        ({"when": {"tags": {"a": {"starts_with": "b"}}}}, "must be text"),
        ({"when": {"tags": {"a": "b", "c": {"is_not": "d"}}}}, "together"),
        ({"when": {"tags": {f"k{number}": "v" for number in range(21)}}}, "more than 20"),
        ({"then": {"severity": "unknown"}}, "must be one of"),
        ({"then": {"suppress": "a\nb"}}, "one line"),
        ({"order": "0"}, "must be 1 to 1000"),
        ({"order": "1001"}, "must be 1 to 1000"),
        ({"name": "x" * 257}, "256"),
        ({"extra": "x"}, "'extra' is no key"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_rules(json.dumps({"rules": [RULE | changes]}).encode(), "rules.yaml")


WORDS = [
    "rules",
    "name",
    "description",
    "order",
    "when",
    "then",
    "severity",
    "tags",
    "labels",
    "is",
    "suppress",
    "title",
]
TREES = st.recursive(
    st.sampled_from(["high", "10", "", "x\n", "1001", "true"]) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None)
@given(TREES, st.sampled_from(["", "{", "&a [*a]", "\x00", "- "]))
def test_a_file_of_any_kind_is_rules_or_says_what_is_wrong(tree: object, more: str) -> None:
    for data in (json.dumps({"rules": [{**RULE, "when": tree, "then": tree}]}), json.dumps(tree) + more, more):
        try:
            read_rules(data.encode(), "rules.yaml")
        except ConfigurationError as error:
            assert str(error).startswith("rules.yaml: ")  # noqa: PT017 - some of them are rules


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({}, "two rules are called"),
        ({"name": "s", "order": "10"}, "have the order 10"),
        ({"name": "s"}, "asks about severity, which 'r' before it changes"),
    ],
)
def test_rules_that_depend_on_what_aws_does_not_say_are_refused(second: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_rules(json.dumps({"rules": [RULE, RULE | second]}).encode(), "rules.yaml")


def test_labels_are_given_once() -> None:
    given = {"when": {"account": "1"}, "then": {"labels": {"a": "b"}}}
    rules = [RULE | given, RULE | given | {"name": "s"}]
    with pytest.raises(ConfigurationError, match="may both give labels"):
        read_rules(json.dumps({"rules": rules}).encode(), "rules.yaml")
    rules[0] |= {"terminal": "true"}
    assert len(read_rules(json.dumps({"rules": rules}).encode(), "rules.yaml").rules) == 2


def test_a_finding_of_another_tool_is_known_by_the_controls_name() -> None:
    rules = read_rules(json.dumps({"rules": [RULE | {"when": {"control": "S3.9"}}]}).encode(), "rules.yaml")
    (found,) = (each for each in read_findings(json.dumps(asff(1)).encode()) if isinstance(each, Finding))
    assert rules.apply(found).finding.severity is Severity.HIGH
    other = Finding("checkov", "c-1", "CKV_AWS_18", found.title, found.resource, severity=Severity.LOW)
    assert rules.apply(other).finding.severity is Severity.LOW
    assert rules.apply(other, ("S3.9",)).finding.severity is Severity.HIGH
    assert identity(1) == found.id
