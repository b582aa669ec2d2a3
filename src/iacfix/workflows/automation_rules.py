"""Automation rules as code: what is kept becomes what the file says, and what others have made is left alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from iacfix.domain.automation import AutomationRule
from iacfix.ports import CloudReadError
from iacfix.ports.automation_rules import AutomationRuleStore, KeptRule
from iacfix.triage.automation_rules import AutomationRules


class Step(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    KEEP = "keep"  # it is as the file says
    LEFT_OVER = "left over"  # ours, and no longer in the file
    CONFLICT = "conflict"  # somebody else's rule is in the way


@dataclass(frozen=True, slots=True)
class Planned:
    """`failed` says why it was not done, "" where it was or was not tried."""

    step: Step
    name: str
    rule: AutomationRule | None = None
    kept: KeptRule | None = None
    failed: str = ""


def plan(wanted: AutomationRules, store: AutomationRuleStore, *, prune: bool = False) -> tuple[Planned, ...]:
    """By name, and only among rules that bear the marker. A rule of somebody else's with the same name, or at the same
    order, which would leave it open which comes first, is a conflict. Raises CloudReadError.
    """
    kept = store.kept()
    ours = {each.name: each for each in kept if each.is_ours}
    others = [each for each in kept if not each.is_ours]
    steps = [_step(rule, ours, others, store) for rule in wanted.rules]
    names = {rule.name for rule in wanted.rules}
    for each in kept:
        doubled = each.is_ours and ours[each.name] is not each
        if each.is_ours and (each.name not in names or doubled):
            steps.append(Planned(Step.DELETE if prune else Step.LEFT_OVER, each.name, kept=each))
    return tuple(steps)


def apply(steps: Sequence[Planned], store: AutomationRuleStore) -> tuple[Planned, ...]:
    """What was planned, each with why it failed. What goes away goes first, so that its order is free."""
    of = {step: [each for each in steps if each.step is step] for step in Step}
    done = [
        *_tried(of[Step.DELETE], lambda each: store.delete([each.kept.handle]) if each.kept else {}),
        *_tried(
            of[Step.UPDATE], lambda each: store.update({each.kept.handle: each.rule}) if each.kept and each.rule else {}
        ),
        *_tried(of[Step.CREATE], lambda each: _created(each, store)),
    ]
    return (*done, *of[Step.KEEP], *of[Step.LEFT_OVER], *of[Step.CONFLICT])


def _tried(steps: Sequence[Planned], do: Callable[[Planned], Mapping[str, str]]) -> Iterator[Planned]:
    """One by one: rules are few, and what is wrong with one costs no other."""
    for each in steps:
        try:
            why = next(iter(do(each).values()), "")
        except CloudReadError as error:
            why = str(error)
        yield replace(each, failed=why)


def _created(step: Planned, store: AutomationRuleStore) -> Mapping[str, str]:
    if step.rule is not None:
        store.create(step.rule)
    return {}


def _step(
    rule: AutomationRule, ours: Mapping[str, KeptRule], others: Sequence[KeptRule], store: AutomationRuleStore
) -> Planned:
    if in_the_way := next((each for each in others if each.name == rule.name or each.order == rule.order), None):
        what = "is called so" if in_the_way.name == rule.name else f"has the order {rule.order}"
        why = f"a rule that iacfix has not made, {in_the_way.name!r}, {what}: change one of them"
        return Planned(Step.CONFLICT, rule.name, rule, in_the_way, why)
    there = ours.get(rule.name)
    if there is None:
        return Planned(Step.CREATE, rule.name, rule)
    return Planned(Step.KEEP if there.content == store.content_of(rule) else Step.UPDATE, rule.name, rule, there)
