"""Automation rules of a Security Hub: kept, listed, and applied to what is imported, in their order."""

import copy
from collections.abc import Mapping
from itertools import count

from iacfix.testing.security_hub_filters import BadFilterError, check, matches
from iacfix.testing.security_hub_state import Body, RefusedError, page_of, shown_time

MOST_RULES = 100
_UPDATABLE = ("RuleStatus", "RuleOrder", "Description", "RuleName", "IsTerminal", "Criteria", "Actions")


class Rules:
    """`kept` are the rules by ARN, as BatchGetAutomationRules answers them. `page` is the most of one list."""

    def __init__(self, region: str, account: str, page: int) -> None:
        self.kept: dict[str, dict[str, object]] = {}
        self._prefix = f"arn:aws:securityhub:{region}:{account}:automation-rule/"
        self.page = page
        self._numbers = count(1)

    def create(self, asked: Body) -> Body:
        if len(self.kept) >= MOST_RULES:
            raise RefusedError(f"an account has at most {MOST_RULES} rules", code="LimitExceededException", status=429)
        _check(asked)
        number = next(self._numbers)
        arn = f"{self._prefix}{number:08d}-0000-4000-8000-000000000000"
        rule: dict[str, object] = {"RuleStatus": "ENABLED", "IsTerminal": False}
        rule |= {name: copy.deepcopy(asked[name]) for name in _UPDATABLE if name in asked}
        moment = shown_time(number)
        self.kept[arn] = rule | {"RuleArn": arn, "CreatedAt": moment, "UpdatedAt": moment, "CreatedBy": "admin"}
        return {"RuleArn": arn}

    def get(self, asked: Body) -> Body:
        found, missing = self._parted(_arns(asked))
        return {"Rules": [self.kept[arn] for arn in found], "UnprocessedAutomationRules": missing}

    def listed(self, asked: Body) -> Body:
        """Without criteria and actions."""
        rules = [
            {name: value for name, value in rule.items() if name not in {"Criteria", "Actions"}}
            for rule in self.kept.values()
        ]
        return page_of(rules, asked, "AutomationRulesMetadata", self.page)

    def update(self, asked: Body) -> Body:
        items = asked["UpdateAutomationRulesRequestItems"]
        wanted: list[Mapping[str, object]] = items if isinstance(items, list) else []
        for each in wanted:
            _check(each)
        found, missing = self._parted([str(each["RuleArn"]) for each in wanted])
        for each in wanted:
            if (rule := self.kept.get(str(each["RuleArn"]))) is not None:
                rule |= {name: copy.deepcopy(each[name]) for name in _UPDATABLE if name in each}
                rule["UpdatedAt"] = shown_time(next(self._numbers))
        return _processed(found, missing)

    def delete(self, asked: Body) -> Body:
        found, missing = self._parted(_arns(asked))
        for arn in found:
            del self.kept[arn]
        return _processed(found, missing)

    def apply(self, finding: dict[str, object]) -> None:
        """To a finding as it came in: by order, and of two of the same order the one that was edited first."""
        came = copy.deepcopy(finding)
        for rule in sorted(self.kept.values(), key=_place):
            criteria, actions = rule["Criteria"], rule["Actions"]
            if rule["RuleStatus"] != "ENABLED" or not isinstance(criteria, dict) or not isinstance(actions, list):
                continue
            if not matches(came, criteria):
                continue
            for action in actions:
                _change(finding, action["FindingFieldsUpdate"])
            if rule["IsTerminal"]:
                return

    def _parted(self, arns: list[str]) -> tuple[list[str], list[object]]:
        missing = [
            {"RuleArn": arn, "ErrorCode": 404, "ErrorMessage": "there is no such rule"}
            for arn in arns
            if arn not in self.kept
        ]
        return [arn for arn in arns if arn in self.kept], list(missing)


def _change(finding: dict[str, object], update: Mapping[str, object]) -> None:
    for name, value in update.items():
        before = finding.get(name)
        if (
            name in {"UserDefinedFields", "Severity", "Workflow"}
            and isinstance(before, dict)
            and isinstance(value, dict)
        ):
            finding[name] = before | value
        else:
            finding[name] = copy.deepcopy(value)
        if name == "Note" and isinstance(value, dict):
            finding[name] = {**value, "UpdatedAt": shown_time(0)}
        if name == "Severity":
            severity = dict(finding["Severity"]) if isinstance(finding["Severity"], dict) else {}
            severity.pop("Normalized", None)  # which follows the label
            finding["Severity"] = severity


def _check(rule: Mapping[str, object]) -> None:
    criteria = rule.get("Criteria")
    if criteria is None:
        return
    if not isinstance(criteria, dict) or not criteria:
        raise RefusedError("a rule has at least one criterion")
    try:
        check(criteria)
    except BadFilterError as error:
        raise RefusedError(str(error)) from None


def _place(rule: Mapping[str, object]) -> tuple[int, str]:
    order = rule["RuleOrder"]
    return (order if isinstance(order, int) else 0, str(rule["UpdatedAt"]))


def _arns(asked: Body) -> list[str]:
    given = asked["AutomationRulesArns"]
    return [str(each) for each in given] if isinstance(given, list) else []


def _processed(found: list[str], missing: list[object]) -> Body:
    answer: dict[str, object] = {"UnprocessedAutomationRules": missing}
    return answer | {"ProcessedAutomationRules": found} if found else answer
