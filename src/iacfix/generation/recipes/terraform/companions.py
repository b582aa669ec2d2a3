"""The resource beside the target: whether it is there already, and how a new one is written."""

from iacfix.domain.control import Companion
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.generation.recipes.terraform.state import State
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.layout import NewAttribute
from iacfix.iac.terraform.links import is_listed_by, is_named_by, repeats_like
from iacfix.iac.terraform.values import Known, Reference, Template, Value, references


def existing(step: Companion, state: State) -> tuple[TerraformDocument, Block] | None:
    """The companion of this type that belongs to the target. Raises DeclinedError when more than one does, or when
    one may.
    """
    found, doubtful = [], []
    for document, block in state.module.of_type(step.resource_type):
        verdict = _belongs(block, step, state)
        if verdict is None:
            doubtful.append(block)
        elif verdict:
            found.append((document, block))
    if len(found) > 1:
        raise UnprovenError(f"{len(found)} {step.resource_type} refer to {state.address}")
    if not found and doubtful:
        raise DeclinedError(
            f"{doubtful[0].address} may belong to {state.address}: for which resources it is made is not known"
        )
    if not found and state.module.unread:
        raise DeclinedError(f"a {step.resource_type} may be written where it cannot be read: {state.module.unread[0]}")
    return found[0] if found else None


def _belongs(block: Block, step: Companion, state: State) -> bool | None:
    """True, False, or None when it cannot be told."""
    target = tuple(state.address.split("."))
    for name, attribute in step.link.items():
        link = block.attribute(name)
        if link is None:
            continue
        if is_listed_by(block, link, state.top, attribute):
            return True
        if is_named_by(link, state.top, attribute):
            return True if repeats_like(block, state.top) else None
        if any(each[: len(target)] == target for each in references(link.node)):
            return None
        theirs = state.module.resolve(link.value)
        own = state.top.attribute("bucket" if attribute == "id" and target[0] == "aws_s3_bucket" else attribute)
        ours = state.module.resolve(own.value) if own is not None else None
        if ours is not None and theirs == ours:
            return True
        if isinstance(theirs, Known) or _another(theirs):
            return False
    return None


def _another(value: Value) -> bool:
    """A link to some other resource, as opposed to a variable or an iteration whose value is not known."""
    match value:
        case Reference((first, *_)):
            return first.startswith("aws_") or first in {"module", "data"}
        case Template():
            return True  # a name made of pieces that differ from the target's own
        case _:
            return False


def header(step: Companion, state: State) -> tuple[str, tuple[NewAttribute, ...]]:
    """`resource "type" "name"`, and the attributes that link it, with the target's own count or for_each."""
    name = state.top.labels[1]
    taken = {block.labels[1] for _, block in state.module.of_type(step.resource_type)}
    number = 2
    while name in taken:
        name = f"{state.top.labels[1]}_{number}"
        number += 1
    repeat, reference = _repetition(state.top)
    links = tuple(NewAttribute(key, f"{reference}.{attribute}") for key, attribute in step.link.items())
    return f'resource "{step.resource_type}" "{name}"', (*repeat, *links)


def _repetition(target: Block) -> tuple[tuple[NewAttribute, ...], str]:
    if target.attribute("for_each") is not None:
        return (NewAttribute("for_each", target.address),), "each.value"
    if target.attribute("count") is not None:
        return (NewAttribute("count", f"length({target.address})"),), f"{target.address}[count.index]"
    return (), target.address
