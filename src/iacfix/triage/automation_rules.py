"""Automation rules in process, for findings that never pass through Security Hub; with the result that it would have.

What AWS does not say is not relied on: whether a rule sees what one before it has changed, and what becomes of labels
that two rules give. Rules for which it would matter are refused when they are read (automation_rules_file.py).
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from iacfix.domain.automation import LABEL, AutomationRule, Comparison, Condition, Field
from iacfix.domain.finding import CloudResource, Finding, Severity
from iacfix.domain.triage import Reason

RULE = "automation rule"

_TESTS: Mapping[Comparison, Callable[[str, str], bool]] = {
    Comparison.IS: lambda value, wanted: value == wanted,
    Comparison.STARTS_WITH: lambda value, wanted: value.startswith(wanted),
    Comparison.CONTAINS: lambda value, wanted: wanted in value,
    Comparison.IS_NOT: lambda value, wanted: value != wanted,
    Comparison.STARTS_NOT_WITH: lambda value, wanted: not value.startswith(wanted),
    Comparison.CONTAINS_NOT: lambda value, wanted: wanted not in value,
}


@dataclass(frozen=True, slots=True)
class Applied:
    """The finding as the rules leave it. `suppressed` says by which rule and why, "" where it is not. `reasons` are
    what was changed, and by what.
    """

    finding: Finding
    suppressed: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class AutomationRules:
    """In their order; see automation_rules_file.read_rules."""

    rules: tuple[AutomationRule, ...] = ()

    def apply(self, finding: Finding, names: Collection[str] = ()) -> Applied:
        """`names` are what Security Hub calls the finding's control, for a finding of another tool."""
        applied = Applied(finding)
        for rule in self.rules:
            if rule.enabled and fits(rule, finding, names):
                applied = _changed(applied, rule)
                if rule.terminal:
                    break
        return applied


def passed_security_hub(finding: Finding) -> bool:
    """Its rules were applied there already. Findings of other products in Security Hub are not told from those that
    come from the product itself.
    """
    parts = finding.id.split(":")
    return finding.source == "security_hub" or (parts[0] == "arn" and parts[2:3] == ["securityhub"])


def fits(rule: AutomationRule, finding: Finding, names: Collection[str] = ()) -> bool:
    conditions = sorted(rule.conditions, key=lambda each: each.field)
    return all(
        _field_fits(list(group), finding, names) for _, group in groupby(conditions, key=lambda each: each.field)
    )


def _field_fits(conditions: list[Condition], finding: Finding, names: Collection[str]) -> bool:
    positive: list[bool] = []
    for each in conditions:
        test, values = _TESTS[each.comparison], _values(each, finding, names)
        if each.comparison.is_negative:
            if not all(test(value, each.value) for value in values):
                return False
        else:
            positive.append(any(test(value, each.value) for value in values))
    return not positive or any(positive)


def _values(condition: Condition, finding: Finding, names: Collection[str]) -> tuple[str, ...]:
    resource = finding.resource
    match condition.field:
        case Field.TAGS:
            return _of_key(resource, condition.key)
        case Field.LABELS:
            return _of_key(resource, LABEL + condition.key)
        case Field.CONTROL:
            known = () if finding.check_id in names else tuple(names)
            return tuple(filter(None, (finding.check_id, *known)))
        case Field.SEVERITY:
            unknown = finding.severity is Severity.UNKNOWN
            return () if unknown else (finding.severity.value,)
    texts = {
        Field.TITLE: finding.title,
        Field.ACCOUNT: resource.account,
        Field.REGION: resource.region,
        Field.RESOURCE_TYPE: resource.type,
        Field.RESOURCE_ID: resource.identifier,
    }
    return tuple(filter(None, (texts[condition.field],)))


def _of_key(resource: CloudResource, key: str) -> tuple[str, ...]:
    return tuple(value for name, value in resource.tags if name == key)


def _changed(applied: Applied, rule: AutomationRule) -> Applied:
    finding = applied.finding
    if rule.severity is not None:
        finding = replace(finding, severity=rule.severity)
    if rule.labels:
        finding = replace(finding, resource=labelled(finding.resource, rule.labels))
    why = f"{rule.name}: {rule.suppress}"
    return Applied(
        finding,
        why if rule.suppress else applied.suppressed,
        (*applied.reasons, *(Reason(RULE, f"{rule.name} {text}") for text in _said(rule, applied.finding))),
    )


def labelled(resource: CloudResource, labels: tuple[tuple[str, str], ...]) -> CloudResource:
    """A label that is there already has the new value."""
    new = {LABEL + key for key, _ in labels}
    kept = tuple((key, value) for key, value in resource.tags if key not in new)
    return replace(resource, tags=(*kept, *((LABEL + key, value) for key, value in labels)))


def _said(rule: AutomationRule, before: Finding) -> Iterator[str]:
    if rule.severity is not None and rule.severity is not before.severity:
        yield f"makes it {rule.severity} instead of {before.severity}"
    for key, value in rule.labels:
        yield f"labels it {key}={value}"
    if rule.suppress:
        yield f"suppresses it: {rule.suppress}"
