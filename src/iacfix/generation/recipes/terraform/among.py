"""One of several nested blocks of the same name: which of them is known by its key."""

from iacfix.domain.control import EnsureBlock, Literal, Step
from iacfix.generation.recipes.among import numbered, numbers, of_a_new_one
from iacfix.generation.recipes.declined import UnprovenError
from iacfix.generation.recipes.terraform.state import State
from iacfix.generation.recipes.wants import Holds, all_of, equal
from iacfix.iac.terraform.document import Attribute, Block
from iacfix.iac.values import Known


def meant(step: EnsureBlock, state: State) -> int | None:
    """Its place among those of this name, None where there is none. Raises DeclinedError where it cannot be told."""
    found = known_by(step, state)
    if len(found) > 1:
        raise UnprovenError(f"{state.name} has {len(found)} {step.block} blocks for {_shown(step)}")
    return found[0] if found else None


def known_by(step: EnsureBlock, state: State) -> list[int]:
    """All that the key names; without one, all. Raises DeclinedError where it cannot be told of one."""
    found: list[int] = []
    for index, block in enumerate(state.block.nested(step.block)):
        verdict = all_of(_named(block, name, value, state) for name, value in step.key.items())
        if verdict is Holds.UNKNOWN:
            raise UnprovenError(f"which {step.block} of {state.name} line {block.start_line} writes is not known")
        if verdict is Holds.YES:
            found.append(index)
    return found


def new(step: EnsureBlock, state: State) -> tuple[Step, ...]:
    steps = of_a_new_one(step)
    for attribute in numbers(steps):
        taken = [_number(block, attribute, state) for block in state.block.nested(step.block)]
        steps = numbered(steps, attribute, taken)
    return steps


def find(block: Block, path: str) -> Attribute | None:
    """Down through blocks that are there once."""
    *outer, last = path.split(".")
    for name in outer:
        inner = block.nested(name)
        if len(inner) != 1:
            return None
        block = inner[0]
    return block.attribute(last)


def _named(block: Block, path: str, value: Literal, state: State) -> Holds:
    found = find(block, path)
    if found is None:
        first = path.partition(".")[0]
        return Holds.UNKNOWN if block.dynamic(first) or len(block.nested(first)) > 1 else Holds.NO
    return equal(state.module.resolve(found.value), value)


def _number(block: Block, attribute: str, state: State) -> int:
    found = block.attribute(attribute)
    value = state.module.resolve(found.value) if found is not None else None
    if not isinstance(value, Known) or not isinstance(value.value, int):
        raise UnprovenError(f"{attribute} of {state.name}.{block.keyword} is not known, and a new one needs a free one")
    return value.value


def _shown(step: EnsureBlock) -> str:
    return ", ".join(map(str, step.key.values()))
