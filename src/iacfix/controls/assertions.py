"""What a control makes true, as predicates: written out in the catalogue, else what its recipe's steps say."""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from iacfix.domain.control import (
    Absent,
    AllOf,
    AnyOf,
    Assertion,
    Beside,
    Close,
    Companion,
    EnsureBlock,
    Every,
    Excludes,
    HasBlock,
    LanguageFix,
    Meets,
    Narrow,
    Predicate,
    Present,
    Remove,
    SetAttribute,
    Setting,
    Step,
    Variant,
    Want,
)


def assertions(fix: LanguageFix) -> tuple[Assertion, ...]:
    """The first whose conditions all hold is the one that counts, as among the variants of the recipe."""
    return fix.asserts or _of_variants(fix.variants)


def _of_variants(variants: tuple[Variant, ...]) -> tuple[Assertion, ...]:
    """How a module writes S3 settings is a matter of style: what is true either way is true."""
    found: list[Assertion] = []
    waiting: tuple[Predicate, ...] = ()
    for number, variant in enumerate(variants):
        plain = tuple(condition for condition in variant.when if not condition.style)
        holds = of_steps(variant.steps)
        follower = variants[number + 1] if number + 1 < len(variants) else None
        styled = plain != variant.when
        if styled and follower is not None and follower.when == plain and follower.steps:
            waiting = holds
            continue
        if waiting:
            holds = (AnyOf((AllOf(waiting), AllOf(holds))),)
        found.append(Assertion(variant.when if styled else plain, holds, variant.decline))
        waiting = ()
    return tuple(found)


def of_steps(steps: Iterable[Step]) -> tuple[Predicate, ...]:
    return tuple(map(_of_step, steps))


def _of_step(step: Step) -> Predicate:
    match step:
        case SetAttribute(attribute, want):
            if isinstance(want.equals, Setting) and want.equals.instead_of:
                return AllOf((Present(attribute), Excludes(attribute, want.equals.instead_of)))
            free = isinstance(want.equals, Setting) or want.unused is not None
            return Present(attribute) if free else Meets(attribute, want)
        case EnsureBlock():
            return _of_block(step)
        case Remove(name):
            return Absent(name)
        case Companion(resource_type, link, steps):
            return Beside(resource_type, link, of_steps(steps))
        case Narrow():
            return step
        case Close():
            return replace(step, instead=None, only_instead=False)
        case _:
            assert_never(step)


def _of_block(step: EnsureBlock) -> Predicate:
    if step.each:
        return Every(step.block, step.key, of_steps(step.steps))
    key = tuple(Meets(name, Want(equals=value)) for name, value in step.key.items())
    # What is made as its owner would, or known by a name, is one of several that may be there.
    return HasBlock(step.block, (*key, *of_steps(step.steps)), each=not step.initially and not step.key)
