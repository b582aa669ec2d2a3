"""What a control makes true, in plain words: for people who trust a fix or not, and for whoever has to write one."""

from collections.abc import Iterable
from typing import assert_never

from iacfix.controls.assertions import assertions
from iacfix.controls.property_paths import is_listed, without_item
from iacfix.controls.words import code, condition_words, listed, of_target
from iacfix.domain.control import (
    Absent,
    AllOf,
    AnyOf,
    Assertion,
    Beside,
    Close,
    Control,
    Excludes,
    HasBlock,
    LanguageFix,
    Meets,
    Predicate,
    Present,
    Setting,
    Want,
)
from iacfix.domain.location import Framework

AttributePredicate = Meets | Present | Absent | Excludes


def demands(control: Control, language: Framework, resource_type: str = "") -> tuple[str, ...]:
    """One sentence for each case that the control tells apart; none where nothing certain is known.

    With a resource type, only the cases that are about it.
    """
    fix = control.terraform if language is Framework.TERRAFORM else control.cloudformation
    return told(fix, resource_type) if fix is not None else ()


def told(fix: LanguageFix, resource_type: str = "") -> tuple[str, ...]:
    meant = (each for each in assertions(fix) if all(c.target in {"", resource_type} for c in each.when))
    return tuple(_case(each) for each in (meant if resource_type else assertions(fix)) if each.holds)


def wanted(predicate: AttributePredicate) -> str:
    """What stands behind "it is": `at least 7`."""
    match predicate:
        case Meets(_, want):
            return _want(want)
        case Present():
            return "set"
        case Absent():
            return "not written"
        case Excludes(_, items):
            return f"without {listed(items)}"
        case _:
            assert_never(predicate)


def _case(assertion: Assertion) -> str:
    where = " and ".join(map(condition_words, assertion.when))
    return f"{f'where {where}: ' if where else ''}{_all(assertion.holds)}"


def _all(predicates: Iterable[Predicate]) -> str:
    return ", ".join(map(sentence, predicates))


def sentence(predicate: Predicate) -> str:
    match predicate:
        case Meets() | Present() | Absent() | Excludes():
            return f"`{predicate.attribute}` is {wanted(predicate)}"
        case HasBlock(block, holds, each):
            how = f"{'each' if each else 'one'} in which" if not is_listed(block) else "items in which"
            within = f", {how} {_all(holds)}" if holds else ""
            return f"there is `{without_item(block)}`{within}"
        case Beside(resource_type, link, holds):
            links = " and ".join(f"`{name}` is its {of_target(theirs)}" for name, theirs in link.items())
            within = f", and in which {_all(holds)}" if holds else ""
            return f"there is an `{resource_type}` that refers to it ({links}){within}"
        case Close():
            return _closed(predicate)
        case AnyOf(either):
            return f"either {'; or '.join(map(sentence, either))}"
        case AllOf(every):
            return _all(every)
        case _:
            assert_never(predicate)


def _closed(step: Close) -> str:
    what = f"reach port {step.port}" if step.port else "in for all traffic"
    return f"no {f'`{step.rules}`' if step.rules else 'rule'} lets everybody {what}"


def _want(want: Want) -> str:
    if want.at_least is not None:
        return f"at least {_amount(want.at_least)}"
    if want.at_most is not None:
        return f"at most {want.at_most}, and not 0"
    if want.one_of:
        return code(want.one_of[0]) if len(want.one_of) == 1 else f"one of {listed(want.one_of)}"
    if want.includes:
        return f"a list that holds {listed(want.includes)}"
    return "set" if isinstance(want.equals, Setting) else code(want.equals)


def _amount(value: int | Setting) -> str:
    if not isinstance(value, Setting):
        return str(value)
    return f"your setting `{value.name}`" if value.fallback is None else f"{code(value.fallback)}"
