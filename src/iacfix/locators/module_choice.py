"""Whether a resource inside a module is fixed where the module is called, or in the module."""

from collections.abc import Iterable, Iterator, Mapping
from posixpath import dirname

from iacfix.domain.location import FixAt, Input, Location, ModuleChoice, ModuleUse
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.values import Reference
from iacfix.locators.installed import installed
from iacfix.locators.repository import Repository

Wanted = Mapping[str, frozenset[str]]


def choose(
    location: Location, wanted: Wanted, repository: Repository, prefer: FixAt = FixAt.CALL
) -> ModuleChoice | None:
    """None where the block stands in no module, or what is at fault is not known.

    `wanted`: the attributes at fault as dotted paths, by resource type.
    """
    use = location.module
    if use is None or not wanted:
        return None
    if use.source or location.address.startswith("module."):
        return _foreign(use, wanted, repository)
    inside = repository.module_of(location.path)
    inputs = tuple(_inputs(inside.documents.values(), wanted, location.address))
    if not inputs:
        return ModuleChoice(FixAt.MODULE, "no input of the module feeds what is at fault" + _shared(use))
    fed = f"{_named(inputs)} of the call feeds what is at fault"
    if prefer is FixAt.MODULE:
        return ModuleChoice(FixAt.MODULE, f"the configuration prefers the module, though {fed}{_shared(use)}", inputs)
    if not use.calls and len(use.sites) != 1:
        return ModuleChoice(FixAt.CALL, f"{fed}, and which of {len(use.sites)} calls made it is not known", inputs)
    return ModuleChoice(FixAt.CALL, fed, inputs)


def _foreign(use: ModuleUse, wanted: Wanted, repository: Repository) -> ModuleChoice:
    source = use.source or "the module"
    if use.inner.startswith("module."):
        return ModuleChoice(FixAt.CALL, f"{source} is not of this repository, and makes it in a module of its own")
    documents = installed(repository, dirname(use.calls[0].path), use.calls)
    if not documents:
        reason = f"{source} is not of this repository, and its code is not installed: run terraform init to see it"
        return ModuleChoice(FixAt.CALL, reason)
    inputs = tuple(_inputs(documents, wanted, use.inner))
    if not inputs:
        return ModuleChoice(FixAt.CALL, f"{source} is not of this repository, and has no input for this")
    return ModuleChoice(FixAt.CALL, f"{_named(inputs)} of the call feeds what is at fault in {source}", inputs)


def _inputs(documents: Iterable[TerraformDocument], wanted: Wanted, address: str) -> Iterator[Input]:
    """Of the resource itself and of those that refer to it; "" where it is not known which it is."""
    own = tuple(address.split("."))
    for document in documents:
        for block in document.blocks:
            if block.keyword == "resource" and block.labels[0] in wanted and (not address or _concerns(block, own)):
                for path in sorted(wanted[block.labels[0]]):
                    for variable in _variables(block, path.split(".")):
                        yield Input(block.address, path, variable)


def _concerns(block: Block, own: tuple[str, ...]) -> bool:
    if block.labels[:1] == own[:1]:
        return block.labels == own
    return any(each[: len(own)] == own for each in block.references())


def _variables(block: Block, path: list[str]) -> Iterator[str]:
    if len(path) > 1:
        for inner in block.nested(path[0]):
            yield from _variables(inner, path[1:])
        return
    found = block.attribute(path[0])
    match found.value if found is not None else None:
        case Reference(("var", variable)):
            yield variable


def _named(inputs: tuple[Input, ...]) -> str:
    variables = dict.fromkeys(each.variable for each in inputs)
    return f"the input{'s' if len(variables) > 1 else ''} {', '.join(variables)}"


def _shared(use: ModuleUse) -> str:
    return f", which {len(use.sites)} calls share" if len(use.sites) > 1 else ""
