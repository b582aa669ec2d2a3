"""Automation rules as people write them: YAML, checked against automation_rules.schema.json (docs/security-hub.md)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import cast

import jsonschema

from iacfix.domain.automation import AutomationRule, Comparison, Condition, Field
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import Severity
from iacfix.triage.automation_rules import AutomationRules
from iacfix.triage.strict_yaml import checked, loaded_texts

MAX_BYTES = 256 * 1024
MAX_RULES = 100
"""Of one administrator account of Security Hub."""
MAX_CONDITIONS = 20
"""Of one field of a rule."""
MAX_ORDER = 1000
_STEP = 10
_REMEDY = "see docs/security-hub.md"
_KEYED = frozenset({Field.TAGS, Field.LABELS})

Node = Mapping[str, object]


def read_rules(data: bytes, name: str) -> AutomationRules:
    """In the order in which they are applied. `name` is what messages call the file. Raises ConfigurationError naming
    file, rule and field.
    """
    try:
        entry = _checked(loaded_texts(data, MAX_BYTES))
        rules = [_rule(each, number) for number, each in enumerate(cast("list[Node]", entry["rules"]), 1)]
        rules.sort(key=lambda rule: rule.order)
        _check_alone(rules)
        _check_cascades(rules)
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}: {error.what}", remedy=error.remedy) from None
    return AutomationRules(tuple(rules))


def _rule(node: Node, number: int) -> AutomationRule:
    then, where = cast("Node", node["then"]), f"rules[{number}]"
    conditions = tuple(_conditions(cast("Node", node["when"]), where))
    severity = then.get("severity")
    labels = cast("Mapping[str, str]", then.get("labels", {}))
    return AutomationRule(
        name=str(node["name"]).strip(),
        description=str(node["description"]).strip(),
        order=int(str(node.get("order", min(number * _STEP, MAX_ORDER)))),
        conditions=conditions,
        severity=None if severity is None else Severity(str(severity)),
        suppress=str(then.get("suppress", "")).strip(),
        labels=tuple(labels.items()),
        terminal=node.get("terminal") == "true",
        enabled=node.get("enabled") != "false",
    )


def _conditions(when: Node, where: str) -> Iterator[Condition]:
    for name, asked in when.items():
        field = Field(name)
        keyed = cast("Node", asked) if field in _KEYED else {"": asked}
        found = [each for key, value in keyed.items() for each in _asked(field, key, value)]
        place = f"{where}.when.{name}"
        if len(found) > MAX_CONDITIONS:
            raise ConfigurationError(f"{place} asks for more than {MAX_CONDITIONS} values", remedy="write two rules")
        _check_together({each.comparison for each in found}, place)
        if field is Field.SEVERITY:
            _check_severities(found, place)
        yield from found


def _asked(field: Field, key: str, value: object) -> Iterator[Condition]:
    by_comparison = cast("Node", value) if isinstance(value, dict) else {Comparison.IS.value: value}
    for comparison, texts in by_comparison.items():
        for text in cast("list[str]", texts if isinstance(texts, list) else [texts]):
            yield Condition(field, Comparison(comparison), text, key)


def _check_together(used: set[Comparison], place: str) -> None:
    """What Security Hub takes in one field."""
    apart = (
        (Comparison.IS in used and used & {Comparison.IS_NOT, Comparison.STARTS_NOT_WITH})
        or (Comparison.CONTAINS in used and used != {Comparison.CONTAINS})
        or (Comparison.CONTAINS_NOT in used and used != {Comparison.CONTAINS_NOT})
    )
    if apart:
        words = ", ".join(sorted(used))
        raise ConfigurationError(f"{place}: Security Hub does not take {words} together", remedy="write two rules")


def _check_severities(conditions: Sequence[Condition], place: str) -> None:
    for each in conditions:
        known = each.value in set(Severity) - {Severity.UNKNOWN}
        if each.comparison not in {Comparison.IS, Comparison.IS_NOT} or not known:
            raise ConfigurationError(
                f"{place}: {each.value[:40]!r} cannot be asked for", remedy="name severities like high"
            )


def _check_alone(rules: Sequence[AutomationRule]) -> None:
    names: set[str] = set()
    orders: dict[int, str] = {}
    for rule in rules:
        if rule.name in names:
            raise ConfigurationError(
                f"two rules are called {rule.name!r}", remedy="a rule is known by its name: change one"
            )
        names.add(rule.name)
        if other := orders.get(rule.order):
            what = f"{rule.name!r} and {other!r} have the order {rule.order}"
            raise ConfigurationError(what, remedy="which comes first has to be said: give each its own `order`")
        orders[rule.order] = rule.name


def _check_cascades(rules: Sequence[AutomationRule]) -> None:
    """Where a later rule can be asked after an earlier one has changed what it asks about, or has given labels too."""
    active = [rule for rule in rules if rule.enabled]
    for position, early in enumerate(active):
        if early.terminal:
            continue
        for late in active[position + 1 :]:
            asks = {each.field for each in late.conditions}
            for field, changes in ((Field.SEVERITY, early.severity is not None), (Field.LABELS, bool(early.labels))):
                if changes and field in asks:
                    what = f"{late.name!r} asks about {field}, which {early.name!r} before it changes"
                    raise ConfigurationError(what, remedy="put it before that one, or make that one terminal")
            if early.labels and late.labels:
                what = f"{early.name!r} and {late.name!r} may both give labels to one finding"
                raise ConfigurationError(what, remedy="make the first one terminal, or give all labels in one rule")


def _checked(loaded: object) -> Node:
    return checked(loaded, _schema(), _told, _REMEDY)


def _told(wrong: jsonschema.ValidationError) -> str:
    match wrong.validator:
        case "enum":
            return f"must be one of {', '.join(str(each) for each in cast('list[object]', wrong.validator_value))}"
        case "oneOf":
            return "must be text, a list of texts, or comparisons like {is: …}, {starts_with: …}, {is_not: …}"
        case "maxItems" | "maxProperties":
            return f"has more than {wrong.validator_value} entries"
        case "minProperties" | "minItems":
            return "must not be empty"
        case "pattern" if "order" in wrong.absolute_path:
            return f"must be 1 to {MAX_ORDER}"
        case _:
            return "must be one line of text, not empty and not longer than 256 characters"


@cache
def _schema() -> Node:
    text = (resources.files("iacfix.triage") / "automation_rules.schema.json").read_text(encoding="utf-8")
    return cast("Node", json.loads(text))
