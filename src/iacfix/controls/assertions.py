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
    HasBlock,
    LanguageFix,
    Meets,
    Predicate,
    Present,
    Remove,
    SetAttribute,
    Setting,
    Step,
    Variant,
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
            return Present(attribute) if isinstance(want.equals, Setting) else Meets(attribute, want)
        case EnsureBlock(block, steps, initially):
            # What is made as its owner would is one of several that may be there.
            return HasBlock(block, of_steps(steps), each=not initially)
        case Remove(name):
            return Absent(name)
        case Companion(resource_type, link, steps):
            return Beside(resource_type, link, of_steps(steps))
        case Close():
            return replace(step, instead=None, only_instead=False)
        case _:
            assert_never(step)
