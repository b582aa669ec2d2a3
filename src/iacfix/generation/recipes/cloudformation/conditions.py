"""Whether a variant of a recipe is meant for a resource. It is only where that does not hang on a choice."""

import re

from iacfix.controls.property_paths import parts
from iacfix.domain.control import Condition
from iacfix.generation.recipes.cloudformation.state import State, origin
from iacfix.generation.recipes.declined import DeclinedError
from iacfix.generation.recipes.wants import Holds, any_of, equal
from iacfix.iac.cloudformation.outcomes import outcomes
from iacfix.iac.values import Known, Value


def met(condition: Condition, state: State) -> bool:
    """Raises DeclinedError when it cannot be told before deployment."""
    if condition.given:
        return condition.given in state.defaults
    if condition.target:
        return state.resource.type == condition.target
    found = state.find(parts(condition.attribute))
    if condition.written is not None:
        return found is not None and equal(found, condition.written) is Holds.YES
    if found is None:
        return _one(condition, None) is Holds.YES
    seen = {_one(condition, each) for each in outcomes(state.document, found)}
    if len(seen) != 1 or Holds.UNKNOWN in seen:
        raise DeclinedError(f"it depends on {condition.attribute}, which is {origin(found, state)}")
    return seen == {Holds.YES}


def _one(condition: Condition, value: Value | None) -> Holds:
    if condition.present is not None:
        return _truth((value is not None) == condition.present)
    if value is None:
        return Holds.NO
    if condition.not_matching:
        if not isinstance(value, Known) or not isinstance(value.value, str):
            return Holds.UNKNOWN
        return _truth(re.search(condition.not_matching, value.value) is None)
    wanted = condition.one_of or ((condition.equals,) if condition.equals is not None else ())
    return any_of(equal(value, choice) for choice in wanted)


def _truth(value: bool) -> Holds:  # noqa: FBT001 - it is the value itself
    return Holds.YES if value else Holds.NO
