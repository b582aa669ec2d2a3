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
    Beside,
    Close,
    Condition,
    Control,
    Every,
    Excludes,
    HasBlock,
    LanguageFix,
    Meets,
    Narrow,
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
    sentences: list[str] = []
    for number, assertion in enumerate(assertions(fix)):
        if resource_type and any(each.target not in {"", resource_type} for each in assertion.when):
            continue
        open_ones = tuple(each for each in assertion.when if not (resource_type and each.target))
        if assertion.holds:
            sentences.append(_where(open_ones, otherwise=number > 0 and not resource_type) + _all(assertion.holds))
        if not open_ones:
            break  # the first that is meant counts
    return tuple(sentences)


def beyond_recipe(fix: LanguageFix) -> tuple[str, ...]:
    """Where the recipe's own words do not say it: most recipes are told by what they make true."""
    return told(fix) if fix.asserts else ()


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
            return f"not {listed(items)}" if len(items) == 1 else f"none of {listed(items)}, and holds none of them"
        case _:
            assert_never(predicate)


def _where(conditions: Iterable[Condition], *, otherwise: bool) -> str:
    said = " and ".join(map(condition_words, conditions))
    if said:
        return f"where {said}: "
    return "otherwise: " if otherwise else ""


def _all(predicates: Iterable[Predicate]) -> str:
    return ", and ".join(map(sentence, predicates))


def sentence(predicate: Predicate) -> str:
    match predicate:
        case Meets() | Present() | Absent() | Excludes():
            return f"`{predicate.attribute}` is {wanted(predicate)}"
        case HasBlock(block, holds, each):
            within = f", in {'each' if each else 'one'} of which {_all(holds)}" if holds else ""
            return f"there is {f'an item in `{without_item(block)}`' if is_listed(block) else f'`{block}`'}{within}"
        case Beside(resource_type, link, holds):
            links = " and ".join(f"`{name}` is its {of_target(theirs)}" for name, theirs in link.items())
            within = f", in which {_all(holds)}" if holds else ""
            return f"there is an `{resource_type}` that refers to it ({links}){within}"
        case Every(block, key, holds):
            named = f" with {' and '.join(f'`{name}` {code(value)}' for name, value in key.items())}" if key else ""
            one = f"item of `{without_item(block)}`" if is_listed(block) else f"`{block}`"
            return f"in each {one}{named} {_all(holds)}"
        case Close():
            return _closed(predicate)
        case Narrow(policy):
            said = f"`{policy}`" if policy else "the policy"
            return f"no statement of {said} that allows something lets everybody in"
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
