"""One of several: what a new block or item among others is made of. The same in every language."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count

from iacfix.domain.control import EnsureBlock, SetAttribute, Step, Want


def of_a_new_one(step: EnsureBlock) -> tuple[Step, ...]:
    """What it is known by comes first; `initially` says all of it."""
    if step.initially:
        return step.initially
    return (*(SetAttribute(name, Want(equals=value)) for name, value in step.key.items()), *step.steps)


def numbers(steps: Iterable[Step]) -> Iterator[str]:
    """The attributes that want a number of their own."""
    return (each.attribute for each in steps if isinstance(each, SetAttribute) and each.want.unused is not None)


def numbered(steps: Iterable[Step], attribute: str, taken: Iterable[int]) -> tuple[Step, ...]:
    """With the first number that is free."""
    used = frozenset(taken)

    def given(step: Step) -> Step:
        if not isinstance(step, SetAttribute) or step.attribute != attribute or step.want.unused is None:
            return step
        free = next(each for each in count(step.want.unused) if each not in used)
        return replace(step, want=Want(equals=free))

    return tuple(map(given, steps))
