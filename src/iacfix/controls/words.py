"""A recipe in words, for people who decide whether they trust it."""

from collections.abc import Iterable, Iterator

from iacfix.controls.property_paths import is_listed, without_item
from iacfix.domain.control import (
    Close,
    Companion,
    Condition,
    EnsureBlock,
    Entries,
    LanguageFix,
    Literal,
    Narrow,
    Remove,
    SetAttribute,
    Setting,
    Step,
    Variant,
    Want,
)

INDENT = "  "


def describe(fix: LanguageFix) -> tuple[str, ...]:
    """Lines of a nested list. The first variant whose conditions all hold is the one that counts."""
    lines: list[str] = []
    for number, variant in enumerate(fix.variants):
        condition = _conditions(variant.when, otherwise=number > 0)
        if variant.decline:
            lines.append(f"- {condition}declined: {' '.join(variant.decline.split())}")
        else:
            lines += _variant(variant, condition)
    return tuple(lines)


def _variant(variant: Variant, condition: str) -> list[str]:
    depth = 1 if condition else 0
    head = [f"- {condition.strip()}"] if condition else []
    return head + [INDENT * level + f"- {text}" for level, text in _steps(variant.steps, depth)]


def _conditions(conditions: Iterable[Condition], *, otherwise: bool) -> str:
    told = " and ".join(map(condition_words, conditions))
    if told:
        return f"where {told}: "
    return "otherwise: " if otherwise else ""


def condition_words(condition: Condition) -> str:
    if condition.target:
        return f"the finding is about `{condition.target}`"
    if condition.given:
        return f"your setting `{condition.given}` is there"
    if condition.style:
        return f"S3 settings are {'written inside the bucket' if condition.style == 'inline' else 'resources'}"
    attribute = f"`{condition.attribute}`"
    if condition.present is not None:
        return f"{attribute} is {'written' if condition.present else 'not written'}"
    if condition.one_of:
        return f"{attribute} is one of {listed(condition.one_of)}"
    if condition.written is not None:
        return f"{attribute} is written as {code(condition.written)}"
    if condition.not_matching:
        return f"{attribute} is known and does not match `{condition.not_matching}`"
    return f"{attribute} is {code(condition.equals)}"


def _steps(steps: Iterable[Step], depth: int) -> Iterator[tuple[int, str]]:
    for step in steps:
        match step:
            case SetAttribute(attribute, want):
                yield depth, f"`{attribute}` {_want(want)}"
            case EnsureBlock(_, within, initially):
                yield depth, f"{_one(step)}{':' if within else ''}"
                yield from _steps(within, depth + 1)
                if initially:
                    yield depth + 1, "where it has to be made, it is made with:"
                    yield from _steps(initially, depth + 2)
            case Remove(name):
                yield depth, f"there is no `{name}`"
            case Companion(resource_type, link, within, initially):
                links = ", ".join(f"`{name}` is the target's {of_target(theirs)}" for name, theirs in link.items())
                yield depth, f"there is an `{resource_type}` whose {links}{', and in it:' if within else ''}"
                yield from _steps(within, depth + 1)
                if initially:
                    yield depth + 1, "where it has to be made, it is made with:"
                    yield from _steps(initially, depth + 2)
            case Close():
                yield depth, _closed(step)
            case Narrow(policy):
                where = f"of `{policy}` " if policy else ""
                yield depth, f"no statement {where}that allows something lets everybody in beside those it names"


def _closed(step: Close) -> str:
    everybody = " and ".join(
        code(each) for each in dict.fromkeys(each for known in step.open.values() for each in known)
    )
    where = f"no `{step.rules}` lets" if step.rules else "it does not let"
    what = f"reach port {step.port}" if step.port else "be reached by all traffic"
    come = f"; `defaults.{step.instead.name}` come in instead" if step.instead is not None else ""
    must = ", without which it is declined" if step.only_instead else ""
    return f"{where} {everybody} {what}{come}{must}"


def _one(step: EnsureBlock) -> str:
    block = step.block
    where = " and ".join(f"`{name}` is {code(value)}" for name, value in step.key.items())
    if step.each:
        item = f"item of `{without_item(block)}`" if is_listed(block) else f"`{block}`"
        return f"in each {item}{f' whose {where}' if where else ''}"
    if step.key:
        one = f"an item in the list `{without_item(block)}`" if is_listed(block) else f"a `{block}`"
        return f"there is {one} whose {where}"
    if is_listed(block):
        return f"there is one item in the list `{without_item(block)}`"
    return f"there is one `{block}`"


def of_target(theirs: str) -> str:
    """What a template calls `Ref` is the name or the id that AWS gave."""
    return "name or id (`Ref`)" if theirs == "Ref" else f"`{theirs.removeprefix('GetAtt.')}`"


def _want(want: Want) -> str:
    if want.at_least is not None:
        return f"is at least {_amount(want.at_least)}"
    if want.unused is not None:
        return f"is the first number from {want.unused} that no other has"
    if want.at_most is not None:
        return f"is at most {want.at_most}, and not 0"
    if want.one_of:
        if len(want.one_of) == 1:
            return f"is {code(want.one_of[0])}"
        return f"is one of {listed(want.one_of)}; the first is written"
    if want.includes:
        return f"holds {listed(want.includes)}; what else it holds stays"
    if isinstance(want.equals, Setting):
        return f"is set; where it is not, it becomes {_amount(want.equals)}"
    return f"is {code(want.equals)}"


def _amount(value: int | Setting) -> str:
    if not isinstance(value, Setting):
        return str(value)
    if value.fallback is None:
        return f"your setting `{value.name}`, and without one the fix is declined"
    return f"your setting `{value.name}`, or {code(value.fallback)}"


def listed(values: Iterable[Literal]) -> str:
    return ", ".join(map(code, values))


def code(value: Literal | Setting | None) -> str:
    return f"`{_text(value)}`"


def _text(value: Literal | Setting | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Entries):
        return "{" + ", ".join(f"{name}: {_text(item)}" for name, item in value.items) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return str(value)
