"""Automation rules in Security Hub. Those of iacfix bear a marker at the end of their description."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from iacfix.adapters.aws.security_hub import Connection
from iacfix.adapters.tracked import chunks, cut
from iacfix.domain.automation import AutomationRule, Comparison, Condition, Field
from iacfix.ports.automation_rules import KeptRule

if TYPE_CHECKING:
    from mypy_boto3_securityhub.type_defs import (
        AutomationRulesConfigTypeDef,
        CreateAutomationRuleRequestTypeDef,
        UnprocessedAutomationRuleTypeDef,
        UpdateAutomationRulesRequestItemTypeDef,
    )

MARKER = "[iacfix]"
MAX_AT_ONCE = 100
"""Rules in one request."""
_LISTED = 100
_LONGEST = 512  # of a note
_WHAT = "the automation rules of Security Hub"
_READ = ("securityhub:ListAutomationRules", "securityhub:BatchGetAutomationRules")
_CREATE = ("securityhub:CreateAutomationRule",)
_UPDATE, _DELETE = ("securityhub:BatchUpdateAutomationRules",), ("securityhub:BatchDeleteAutomationRules",)

_FIELDS = {
    Field.SEVERITY: "SeverityLabel",
    Field.CONTROL: "ComplianceSecurityControlId",
    Field.TITLE: "Title",
    Field.ACCOUNT: "AwsAccountId",
    Field.REGION: "ResourceRegion",
    Field.RESOURCE_TYPE: "ResourceType",
    Field.RESOURCE_ID: "ResourceId",
    Field.TAGS: "ResourceTags",
    Field.LABELS: "UserDefinedFields",
}
_COMPARISONS = {
    Comparison.IS: "EQUALS",
    Comparison.STARTS_WITH: "PREFIX",
    Comparison.CONTAINS: "CONTAINS",
    Comparison.IS_NOT: "NOT_EQUALS",
    Comparison.STARTS_NOT_WITH: "PREFIX_NOT_EQUALS",
    Comparison.CONTAINS_NOT: "NOT_CONTAINS",
}
_COMPARED = ("RuleName", "Description", "RuleOrder", "RuleStatus", "IsTerminal", "Criteria", "Actions")


class SecurityHubRules:
    """Implements ports.automation_rules.AutomationRuleStore, for the region of the connection alone."""

    def __init__(self, connection: Connection, *, author: str = "iacfix") -> None:
        self._connection = connection
        self._author = author

    def kept(self) -> Sequence[KeptRule]:
        return [_kept(each) for some in chunks(list(self._arns()), MAX_AT_ONCE) for each in self._read(some)]

    def content_of(self, rule: AutomationRule) -> str:
        return _content(self._request(rule))

    def create(self, rule: AutomationRule) -> None:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        client = self._connection.client()
        with telling(_WHAT, _CREATE):
            client.create_automation_rule(**cast("CreateAutomationRuleRequestTypeDef", self._request(rule)))

    def update(self, rules: Mapping[str, AutomationRule]) -> Mapping[str, str]:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        client = self._connection.client()
        failed: dict[str, str] = {}
        for some in chunks(list(rules), MAX_AT_ONCE):
            items = [{"RuleArn": arn, **self._request(rules[arn])} for arn in some]
            with telling(_WHAT, _UPDATE):
                answer = client.batch_update_automation_rules(
                    UpdateAutomationRulesRequestItems=cast("list[UpdateAutomationRulesRequestItemTypeDef]", items)
                )
                failed |= _left(answer.get("UnprocessedAutomationRules", []))
        return failed

    def delete(self, handles: Sequence[str]) -> Mapping[str, str]:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        client = self._connection.client()
        failed: dict[str, str] = {}
        for some in chunks(handles, MAX_AT_ONCE):
            with telling(_WHAT, _DELETE):
                answer = client.batch_delete_automation_rules(AutomationRulesArns=list(some))
                failed |= _left(answer.get("UnprocessedAutomationRules", []))
        return failed

    def _arns(self) -> Iterator[str]:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        client = self._connection.client()
        token = ""
        while True:
            with telling(_WHAT, _READ):
                if token:
                    answer = client.list_automation_rules(MaxResults=_LISTED, NextToken=token)
                else:
                    answer = client.list_automation_rules(MaxResults=_LISTED)
                arns = [each["RuleArn"] for each in answer["AutomationRulesMetadata"]]
                token = answer.get("NextToken", "")
            yield from arns
            if not token:
                return

    def _read(self, arns: Sequence[str]) -> "list[AutomationRulesConfigTypeDef]":
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        client = self._connection.client()
        with telling(_WHAT, _READ):
            return client.batch_get_automation_rules(AutomationRulesArns=list(arns))["Rules"]

    def _request(self, rule: AutomationRule) -> dict[str, object]:
        criteria: dict[str, list[dict[str, str]]] = {}
        for each in rule.conditions:
            criteria.setdefault(_FIELDS[each.field], []).append(_filter(each))
        return {
            "RuleName": rule.name,
            "Description": f"{rule.description} {MARKER}",
            "RuleOrder": rule.order,
            "RuleStatus": "ENABLED" if rule.enabled else "DISABLED",
            "IsTerminal": rule.terminal,
            "Criteria": criteria,
            "Actions": [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": self._update_of(rule)}],
        }

    def _update_of(self, rule: AutomationRule) -> dict[str, object]:
        update: dict[str, object] = {}
        if rule.severity is not None:
            update["Severity"] = {"Label": rule.severity.value.upper()}
        if rule.labels:
            update["UserDefinedFields"] = dict(rule.labels)
        if rule.suppress:
            update["Workflow"] = {"Status": "SUPPRESSED"}
            update["Note"] = {"Text": cut(f"{rule.name}: {rule.suppress}", _LONGEST), "UpdatedBy": self._author}
        return update


def _filter(condition: Condition) -> dict[str, str]:
    value = condition.value.upper() if condition.field is Field.SEVERITY else condition.value
    key = {"Key": condition.key} if condition.field in {Field.TAGS, Field.LABELS} else {}
    return {**key, "Value": value, "Comparison": _COMPARISONS[condition.comparison]}


def _kept(rule: "AutomationRulesConfigTypeDef") -> KeptRule:
    return KeptRule(
        handle=rule["RuleArn"],
        name=rule["RuleName"],
        order=rule["RuleOrder"],
        is_ours=rule.get("Description", "").endswith(MARKER),
        content=_content(cast("Mapping[str, object]", rule)),
    )


def _content(rule: Mapping[str, object]) -> str:
    """In which order criteria are written says nothing."""
    criteria = cast("Mapping[str, list[object]]", rule.get("Criteria") or {})
    alike = {
        name: sorted(filters, key=lambda each: json.dumps(each, sort_keys=True)) for name, filters in criteria.items()
    }
    said = {name: rule.get(name) for name in _COMPARED} | {"Criteria": alike}
    return json.dumps(said, sort_keys=True, default=str)


def _left(unprocessed: "Sequence[UnprocessedAutomationRuleTypeDef]") -> dict[str, str]:
    from iacfix.adapters.aws.session import shown  # noqa: PLC0415 - as above

    return {each.get("RuleArn", ""): shown(each.get("ErrorMessage", "")) or "no reason given" for each in unprocessed}
