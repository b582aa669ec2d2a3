"""The resource beside the target: whether it is there already, and how a new one is written."""

from iacfix.controls.property_paths import parts
from iacfix.domain.control import Companion
from iacfix.generation.recipes.cloudformation.state import State
from iacfix.generation.recipes.cloudformation.written import Plain, new_mapping, put
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.iac.cloudformation.document import Resource
from iacfix.iac.cloudformation.edits import NewResource, literal
from iacfix.iac.cloudformation.links import is_link, link
from iacfix.iac.cloudformation.outcomes import outcomes
from iacfix.iac.values import Known, ObjectValue, Reference, Value

_NAMES = ("Name", "Identifier")


def existing(step: Companion, state: State) -> Resource | None:
    """The companion of this type that belongs to the target. Raises DeclinedError when more than one does, or when
    one may.
    """
    verdicts = [(each, _belongs(each, step, state)) for each in state.document.of_type(step.resource_type)]
    found = [each for each, verdict in verdicts if verdict]
    doubtful = [each for each, verdict in verdicts if verdict is None]
    if len(found) > 1:
        raise UnprovenError(f"{len(found)} {step.resource_type} refer to {state.address}")
    if found:
        return found[0]
    if doubtful:
        raise DeclinedError(f"{doubtful[0].address} may belong to {state.address}: for what it is made is not known")
    for hidden in state.document.not_followed:
        if not hidden.what.startswith("nested stack"):
            raise DeclinedError(f"a {step.resource_type} may be made by {hidden.what} (line {hidden.line})")
    return None


def new(step: Companion, state: State) -> NewResource:
    """It exists whenever the target does."""
    properties = _links(step, state.resource.name) | new_mapping(step.initially or step.steps, state.defaults)
    condition = {"Condition": state.resource.condition} if state.resource.condition else {}
    body = literal({"Type": step.resource_type, **condition, "Properties": properties})
    if not isinstance(body, ObjectValue):
        msg = "the body of a resource is a mapping"
        raise TypeError(msg)
    return NewResource(_free_name(step, state), body)


def _links(step: Companion, target: str) -> dict[str, Plain]:
    made: dict[str, Plain] = {}
    for name, theirs in step.link.items():
        logical_id, *attribute = link(target, theirs).parts
        put(made, name, {"Fn::GetAtt": [logical_id, *attribute]} if attribute else {"Ref": logical_id})
    return made


def _free_name(step: Companion, state: State) -> str:
    """After the target: `LogsBucket` gets a `LogsBucketPolicy`."""
    kind = step.resource_type.rpartition("::")[2]
    target = state.resource.name
    overlap = next((size for size in range(len(kind), 0, -1) if target.endswith(kind[:size]) and size > 2), 0)  # noqa: PLR2004 - no word is shorter
    name = wanted = target + kind[overlap:]
    taken = {*state.document.resources, *state.document.parameters}
    number = 2
    while name in taken:
        name = f"{wanted}{number}"
        number += 1
    return name


def _belongs(companion: Resource, step: Companion, state: State) -> bool | None:
    """True, False, or None when it cannot be told."""
    sure = True
    for name, theirs in step.link.items():
        found = companion.property(*parts(name))
        each = outcomes(state.document, found) if found is not None else (None,)
        seen = {_is_target(value, theirs, state) for value in each}
        if seen == {False}:
            return False
        sure = sure and seen == {True}
    return True if sure and companion.condition in {"", state.resource.condition} else None


def _is_target(value: Value | None, theirs: str, state: State) -> bool | None:
    own = state.resource
    if is_link(value, own.name, theirs):
        return True
    if isinstance(value, Reference):
        return False if value.parts[0] in state.document.resources and value.parts[0] != own.name else None
    if isinstance(value, Known):
        named = own.get("Properties")
        items = named.items if isinstance(named, ObjectValue) else ()
        called = [item for key, item in items if key.endswith(_NAMES)]
        if value in called:
            return True
        return False if called and all(isinstance(item, Known) for item in called) else None
    return None
