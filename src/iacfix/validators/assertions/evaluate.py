"""Whether the predicates of an assertion hold of a resource."""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import assert_never

from iacfix.controls.demands import AttributePredicate, wanted
from iacfix.domain.control import (
    Absent,
    AllOf,
    AnyOf,
    Assertion,
    Beside,
    Close,
    Condition,
    Every,
    Excludes,
    HasBlock,
    Literal,
    Meets,
    Narrow,
    Predicate,
    Present,
)
from iacfix.domain.errors import DocumentError
from iacfix.domain.secrets import redact
from iacfix.iac.policies import everybody
from iacfix.iac.values import Known, Value
from iacfix.validators.assertions.place import Judge, Place
from iacfix.validators.assertions.rules import closed
from iacfix.validators.assertions.truth import Answer, Truth, UnreadableError, either, every
from iacfix.validators.assertions.wants import Defaults, equals, is_absent, is_set, is_without, meets


def evaluate(assertions: Iterable[Assertion], place: Place, defaults: Defaults) -> Answer:
    """Of the first assertion that is meant for the resource."""
    for assertion in assertions:
        try:
            meant = min((_met(condition, place) for condition in assertion.when), default=Truth.YES)
        except UnreadableError as error:
            meant, why = Truth.UNKNOWN, error.what
        else:
            why = f"it depends on {', '.join(each.attribute for each in assertion.when)}"
        if meant is Truth.UNKNOWN:
            return Answer(Truth.UNKNOWN, why)
        if meant is Truth.YES:
            if assertion.untold:
                return Answer(Truth.UNKNOWN, assertion.untold)
            return every(_holds(each, place, defaults) for each in assertion.holds)
    return Answer(Truth.UNKNOWN, "nothing is asserted of a resource that is written like this")


def _holds(predicate: Predicate, place: Place, defaults: Defaults) -> Answer:
    try:
        return _of(predicate, place, defaults)
    except UnreadableError as error:
        return Answer(Truth.UNKNOWN, error.what)


def _of(predicate: Predicate, place: Place, defaults: Defaults) -> Answer:
    match predicate:
        case Meets() | Present() | Absent() | Excludes():
            return _of_attribute(predicate, place, defaults)
        case HasBlock(block, holds, each):
            return _of_blocks(block, holds, place, defaults, each=each)
        case Beside(resource_type, link, holds):
            found = place.beside(resource_type, link)
            if found is None:
                return Answer(Truth.NO, f"there is no {resource_type} that refers to {place.name}")
            return every(_holds(each, found, defaults) for each in holds)
        case Every(block, key, holds):
            return every(_of_known(key, holds, part, defaults) for part in place.parts(block))
        case Close():
            return closed(predicate, place)
        case Narrow(path):
            return _narrowed(path, place)
        case AnyOf(alternatives):
            return either(_holds(each, place, defaults) for each in alternatives)
        case AllOf(each_of):
            return every(_holds(each, place, defaults) for each in each_of)
        case _:
            assert_never(predicate)


def _of_attribute(predicate: AttributePredicate, place: Place, defaults: Defaults) -> Answer:
    reading = place.read(predicate.attribute)
    truth = reading.judged(_judge(predicate, defaults))
    if truth is Truth.YES:
        return Answer(truth)
    said = f"{place.name}.{predicate.attribute} is {redact(reading.told)}"
    return Answer(truth, said if truth is Truth.ASSUMED else f"{said} (wanted: {wanted(predicate)})")


def _judge(predicate: AttributePredicate, defaults: Defaults) -> Judge:
    match predicate:
        case Meets(_, want):
            return lambda value: meets(want, value, defaults)
        case Present():
            return is_set
        case Absent():
            return is_absent
        case Excludes(_, items):
            return partial(is_without, items)
        case _:
            assert_never(predicate)


def _of_blocks(block: str, holds: tuple[Predicate, ...], place: Place, defaults: Defaults, *, each: bool) -> Answer:
    found = place.parts(block)
    if not found:
        return Answer(Truth.NO, f"{place.name} has no {block}")
    answers = (every(_holds(predicate, part, defaults) for predicate in holds) for part in found)
    return every(answers) if each else either(answers)


def _of_known(key: Mapping[str, Literal], holds: tuple[Predicate, ...], part: Place, defaults: Defaults) -> Answer:
    """What the key does not name is not meant."""
    named = min((_named(part, path, value) for path, value in key.items()), default=Truth.YES)
    if named is Truth.NO:
        return Answer(Truth.YES)
    if named is Truth.UNKNOWN:
        return Answer(Truth.UNKNOWN, f"whether {part.name} is meant is not known")
    return every(_holds(predicate, part, defaults) for predicate in holds)


def _named(part: Place, path: str, wanted_value: Literal) -> Truth:
    verdicts = {Truth.NO if value is None else equals(value, wanted_value) for value in part.read(path).deciding}
    return verdicts.pop() if len(verdicts) == 1 else Truth.UNKNOWN


def _narrowed(path: str, place: Place) -> Answer:
    try:
        found = next(everybody(place.policy(path)), None)
    except DocumentError as error:
        raise UnreadableError(f"{place.name}.{path or 'statement'}: {error.what}") from None
    if found is None:
        return Answer(Truth.YES)
    return Answer(Truth.NO, f"statement {found.statement + 1} of {place.name} lets everybody in")


def _met(condition: Condition, place: Place) -> Truth:
    if condition.target:
        return Truth.YES if place.resource_type == condition.target else Truth.NO
    if condition.style:
        return Truth.UNKNOWN
    verdicts = {_fits(condition, value) for value in place.read(condition.attribute).deciding}
    return verdicts.pop() if len(verdicts) == 1 else Truth.UNKNOWN


def _fits(condition: Condition, value: Value | None) -> Truth:
    if condition.present is not None:
        return Truth.YES if (value is not None) == condition.present else Truth.NO
    if value is None:
        return Truth.NO
    if condition.written is not None:
        return Truth.YES if equals(value, condition.written) is Truth.YES else Truth.NO
    if condition.not_matching:
        if not isinstance(value, Known) or not isinstance(value.value, str):
            return Truth.UNKNOWN
        return Truth.NO if re.search(condition.not_matching, value.value) else Truth.YES
    choices = condition.one_of or ((condition.equals,) if condition.equals is not None else ())
    return max((equals(value, choice) for choice in choices), default=Truth.UNKNOWN)
