"""How far into a block a fix may reach: what the control's recipes name, and nothing beside it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from iacfix.domain.control import (
    Close,
    Companion,
    Control,
    EnsureBlock,
    Literal,
    Narrow,
    Remove,
    SetAttribute,
    Step,
    Want,
)
from iacfix.domain.errors import DocumentError
from iacfix.iac.policies import only_narrowed
from iacfix.iac.terraform.document import Attribute, Block
from iacfix.iac.terraform.policies import of_block, read
from iacfix.iac.terraform.syntax import tokens
from iacfix.iac.values import Known, Unknown, Value, same

COMMENT = (b"#", b"//", b"/*")
# What a companion has beside its settings, so that it is the target's and exists as often.
LINKING = frozenset({"count", "for_each", "depends_on"})


Key = Mapping[str, Literal]


@dataclass(frozen=True, slots=True)
class Reach:
    """`names` may change in any way; in the nested blocks of `inner` only what is within reach there.

    Where `keys` has a block's name, only those of its blocks may change, or be new, that one of these keys names.
    Out of the `policies` everybody may be taken, and nothing else may change; "" are the statements of a document.
    With each stands whether an account has to be left.
    """

    names: frozenset[str] = frozenset()
    inner: Mapping[str, "Reach"] | None = None
    keys: Mapping[str, tuple[Key, ...]] | None = None
    policies: Mapping[str, bool] = field(default_factory=dict)

    @property
    def all_names(self) -> frozenset[str]:
        return self.names | frozenset(self.inner or ()) | {name or "statement" for name in self.policies}


def of_steps(steps: Iterable[Step]) -> Reach:
    names: set[str] = set()
    policies: dict[str, bool] = {}
    nested: dict[str, list[Step]] = defaultdict(list)
    keys: dict[str, list[Key]] = defaultdict(list)
    for step in steps:
        match step:
            case SetAttribute():
                names.add(step.attribute)
            case EnsureBlock():
                key = {} if step.each else step.key
                told = (SetAttribute(name, Want(equals=value)) for name, value in key.items())
                nested[step.block] += [*told, *step.steps, *step.initially]
                keys[step.block].append(key)
            case Remove():
                names.add(step.name)
            case Close():  # what of them may change is for closing.py to say
                names |= {step.rules} if step.rules else step.open.keys()
            case Narrow():
                policies[step.policy] = step.keeps_accounts
            case Companion():
                pass
            case _:
                assert_never(step)
    inner = {name: of_steps(inside) for name, inside in nested.items()}
    named = {name: tuple(each) for name, each in keys.items() if all(each)}
    return Reach(frozenset(names), inner, named, policies)


def of_target(control: Control) -> Reach:
    return of_steps(steps_of(control))


def of_companion(control: Control, resource_type: str, *, new: bool) -> Reach:
    """Where no recipe writes such a companion, its settings are those of the target, and any may be its link."""
    written = [step for step in companions_of(control) if step.resource_type == resource_type]
    reach = (
        of_steps(inner for step in written for inner in (*step.steps, *step.initially))
        if written
        else of_target(control)
    )
    links = {name for step in written for name in step.link}
    return replace(reach, names=reach.names | links | LINKING) if new else reach


def steps_of(control: Control) -> Iterator[Step]:
    for variant in control.terraform.variants if control.terraform is not None else ():
        yield from variant.steps


def companions_of(control: Control) -> Iterator[Companion]:
    return (step for step in steps_of(control) if isinstance(step, Companion))


def changed_names(before: Block | None, after: Block) -> frozenset[str]:
    """The attributes and nested blocks that differ; comments and layout do not count."""
    old, new = _items(before), _items(after)
    return frozenset(name for name in {*old, *new} if _texts(old.get(name, [])) != _texts(new.get(name, [])))


def is_alike(before: Block, after: Block, name: str) -> bool:
    """Whether what goes by this name is alike, comments and layout aside."""
    return name not in changed_names(before, after)


def without(block: Block, names: Iterable[str]) -> tuple[tuple[str, list[tuple[bytes, ...]]], ...]:
    """The content of a block but for these attributes, in a form that can be compared."""
    left = {name: items for name, items in _items(block).items() if name not in set(names)}
    return tuple((name, _texts(left[name])) for name in sorted(left))


def strays(before: Block | None, after: Block, reach: Reach, path: str = "") -> Iterator[str]:
    """What differs out of reach, as dotted paths."""
    old, new = _items(before), _items(after)
    for name in sorted(changed_names(before, after) - reach.names):
        if before is not None and _narrowed(before, after, name, reach.policies):
            continue
        inner = (reach.inner or {}).get(name)
        gone, come = _unmatched(old.get(name, []), new.get(name, []))
        if not all(_named(item, (reach.keys or {}).get(name, ({},))) for item in (*gone, *come)):
            yield path + name
            continue
        blocks = [block for block in come if isinstance(block, Block)]
        if inner is None or len(blocks) < len(come) or len(gone) > len(come):
            yield path + name
            continue
        for index, block in enumerate(blocks):
            partner = gone[index] if index < len(gone) else None
            yield from strays(_static(partner), block, inner, f"{path}{name}.")


def value_at(block: Block | None, path: str) -> Value | None:
    """At a dotted path; None where nothing is written, Unknown where that is not one attribute of one block."""
    *outer, last = path.split(".")
    for name in outer:
        inner = _items(block).get(name, [])
        if len(inner) > 1 or not all(isinstance(each, Block) and each.keyword == name for each in inner):
            return Unknown("")
        block = _static(inner[0]) if inner else None
    found = _items(block).get(last, [])
    if not found:
        return None
    return found[0].value if len(found) == 1 and isinstance(found[0], Attribute) else Unknown("")


def _narrowed(before: Block, after: Block, name: str, policies: Mapping[str, bool]) -> bool:
    try:
        if name == "statement" and "" in policies:
            return only_narrowed(of_block(before), of_block(after), keeps_accounts=policies[""])
        old, new = before.attribute(name), after.attribute(name)
        if name not in policies or old is None or new is None or type(old.value) is not type(new.value):
            return False
        return only_narrowed(read(old), read(new), keeps_accounts=policies[name])
    except DocumentError:
        return False


def _named(item: Attribute | Block, keys: tuple[Key, ...]) -> bool:
    return any(all(_is(item, name.split("."), value) for name, value in key.items()) for key in keys)


def _is(item: Attribute | Block | None, path: list[str], value: Literal) -> bool:
    """Written out; what is not is no key."""
    for name in path:
        if not isinstance(item, Block):
            return False
        inner = item.nested(name)
        item = item.attribute(name) or (inner[0] if len(inner) == 1 else None)
    return isinstance(item, Attribute) and same(item.value, Known(value if isinstance(value, str | int) else None))


def _items(block: Block | None) -> dict[str, list[Attribute | Block]]:
    """By name; blocks that `dynamic` makes go by the name of what it makes."""
    found: dict[str, list[Attribute | Block]] = defaultdict(list)
    if block is None:
        return found
    for attribute in block.attributes:
        found[attribute.name].append(attribute)
    for inner in block.blocks:
        found[".".join(inner.labels) if inner.keyword == "dynamic" else inner.keyword].append(inner)
    return found


def _unmatched(
    old: list[Attribute | Block], new: list[Attribute | Block]
) -> tuple[list[Attribute | Block], list[Attribute | Block]]:
    """What stands on one side only."""
    rest = list(old)
    come: list[Attribute | Block] = []
    for item in new:
        twin = next((each for each in rest if _text(each) == _text(item)), None)
        if twin is None:
            come.append(item)
        else:
            rest.remove(twin)
    return rest, come


def _static(item: Attribute | Block | None) -> Block | None:
    return item if isinstance(item, Block) and item.keyword != "dynamic" else None


def _texts(items: list[Attribute | Block]) -> list[tuple[bytes, ...]]:
    return [_text(item) for item in items]


def _text(item: Attribute | Block) -> tuple[bytes, ...]:
    return tuple(token for token in tokens(item.node) if not token.startswith(COMMENT))
