"""Changes of network rules in a template: items of a list, or a rule that is a resource of its own."""

from iacfix.controls.property_paths import parts
from iacfix.domain.control import Close
from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource
from iacfix.iac.cloudformation.resolve import resolve
from iacfix.iac.cloudformation.verified import canonical
from iacfix.iac.values import Known, ListValue, ObjectValue, Value
from iacfix.validators.cloudformation.trial import TemplateTrial
from iacfix.validators.rules import Rule, closing_steps, misplaced, networks_of


def reopened(trial: TemplateTrial) -> str:
    """What is open is closed, not moved to another port, protocol, network or rule."""
    control, after = trial.case.control, trial.target_after
    if control is None or after is None:
        return ""
    for name, of_name in closing_steps(control.cloudformation, after.type).items():
        if reason := _judged(trial, after, name, of_name):
            return reason
    return ""


def _judged(trial: TemplateTrial, after: Resource, name: str, steps: list[Close]) -> str:
    old, new = (_listed(each, name) for each in (trial.target_before, after))
    if canonical(old) == canonical(new):
        return ""
    before = _rules(steps, old, trial.document_before, name)
    later = _rules(steps, new, trial.document_after, name)
    if before is None or later is None:
        return f"{name} is not written out as a list of rules: change it by hand"
    return misplaced(steps, before, later, networks_of(steps, trial.case.defaults))


def _listed(resource: Resource, name: str) -> Value:
    """The rules of a resource; none where the property is not there."""
    if not name:
        own = resource.get("Properties")
        return ListValue((own if own is not None else ObjectValue(()),))
    found = resource.property(*parts(name))
    return found if found is not None and found != Known(None) else ListValue(())


def _rules(steps: list[Close], listed: Value, document: CloudFormationDocument, name: str) -> list[Rule] | None:
    if not isinstance(listed, ListValue):
        return None
    rules = []
    for index, item in enumerate(listed.items):
        if not isinstance(item, ObjectValue) or not item.complete:
            return None
        rules.append(_rule(steps, item, document, f"{name}[{index}]" if name else "the rule"))
    return rules


def _rule(steps: list[Close], rule: ObjectValue, document: CloudFormationDocument, name: str) -> Rule:
    is_open = {attribute for step in steps for attribute in step.open}
    others = {attribute for step in steps for attribute in step.others}
    values = {key: resolve(document, value) for key, value in rule.items}
    rest = ObjectValue(tuple((key, value) for key, value in rule.items if key not in is_open))
    return Rule(
        rest=canonical(rest),
        sources={attribute: _items(values[attribute]) for attribute in sorted(is_open & values.keys())},
        values={key: str(value.value) for key, value in values.items() if isinstance(value, Known)},
        others=bool(others & values.keys()),
        name=name,
    )


def _items(value: Value) -> tuple[str | None, ...]:
    if value == Known(None):
        return ()
    return (str(value.value) if isinstance(value, Known) else None,)
