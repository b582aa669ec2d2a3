"""Whether one resource belongs to another: it refers to it by a plain attribute, and exists as often as it does."""

import re

from iacfix.iac.terraform.document import Attribute, Block
from iacfix.iac.terraform.syntax import tokens
from iacfix.iac.terraform.values import CallValue, Known, ObjectValue, Reference

# `count = var.create ? 1 : 0`: one or none, so that `[0]` means every instance there is.
_ONE_OR_NONE = re.compile(rb"\?(?:1:0|0:1)$|^1$")


def is_named_by(link: Attribute, target: Block, attribute: str) -> bool:
    """Whether the value is the target's `attribute` and nothing else, for every instance of the target.

    A condition, a function that picks, another attribute or one fixed instance of several may mean something else.
    """
    own = tuple(target.address.split("."))
    value = link.value
    if isinstance(value, CallValue) and value.name in {"join", "one"} and _at_most_once(target):
        *separator, value = value.arguments or (Known(None),)
        if separator not in ([], [Known("")]) or not isinstance(value, Reference):
            return False
        return value.parts in {
            (*own, f"{splat}.{name}") for splat in ("[*]", ".*") for name in _names(target, attribute)
        }
    if not isinstance(value, Reference):
        return False
    places = {own}
    if target.attribute("count") is not None:
        places = {(*own, "[count.index]"), *({(*own, "[0]")} if _at_most_once(target) else ())}
    elif target.attribute("for_each") is not None:
        places = {(*own, "[each.key]"), ("each", "value")}
    return value.parts in {(*place, name) for place in places for name in _names(target, attribute)}


def is_listed_by(block: Block, link: Attribute, target: Block, attribute: str) -> bool:
    """Whether the block exists for several resources, the target among them: `for_each = { a = <target>.id, … }`."""
    several = block.attribute("for_each")
    if several is None or not isinstance(several.value, ObjectValue) or target.attribute("for_each") is not None:
        return False
    own = tuple(target.address.split("."))
    listed = {value.parts for _, value in several.value.items if isinstance(value, Reference)}
    return (
        target.attribute("count") is None
        and link.value == Reference(("each", "value"))
        and any((*own, name) in listed for name in _names(target, attribute))
    )


def repeats_like(block: Block, target: Block) -> bool:
    """Whether the block exists exactly as often as the target: once, or by its `count` or `for_each`."""
    own = Reference(tuple(target.address.split(".")))
    for name, mirror in (("count", CallValue("length", (own,))), ("for_each", own)):
        ours, theirs = target.attribute(name), block.attribute(name)
        if ours is None or theirs is None:
            if ours is not theirs:
                return False
        elif theirs.value != mirror and (
            _by_value(block, target) or list(tokens(theirs.node)) != list(tokens(ours.node))
        ):
            return False
    return True


def _by_value(block: Block, target: Block) -> bool:
    """`each.value` is the target's instance only where `for_each` is the target itself."""
    return target.attribute("for_each") is not None and any(
        each[:2] == ("each", "value") for each in block.references()
    )


def _names(target: Block, attribute: str) -> tuple[str, ...]:
    """A bucket's id is its name."""
    return (attribute, "bucket") if (target.labels[:1], attribute) == (("aws_s3_bucket",), "id") else (attribute,)


def _at_most_once(target: Block) -> bool:
    count = target.attribute("count")
    if count is None:
        return False
    _, _, *value = tokens(count.node)
    return _ONE_OR_NONE.search(b"".join(value)) is not None
