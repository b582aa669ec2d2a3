"""From a variable or a local to the one place that decides what it is worth, or why there is no such place.

The place is one only while nothing but the setting reads what leads to it, and nothing else sets it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname

from iacfix.domain.decision import DecidedBy, Decision, Reading
from iacfix.domain.errors import IacfixError
from iacfix.iac.terraform import files
from iacfix.iac.terraform.compare import ASSIGNED
from iacfix.iac.terraform.document import Attribute, Block, TerraformDocument
from iacfix.iac.terraform.layout import shown
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.overrides import LOCAL
from iacfix.iac.terraform.settings import readers, setting
from iacfix.iac.terraform.values import Known, ListValue, Reference, Value
from iacfix.locators.repository import Repository

MAX_HOPS = 12
SHOWN = 3


@dataclass(frozen=True)
class Deciding:
    """`found` is the literal in `document`, `module` the code around it; `variables` are those on the way to it."""

    decision: Decision
    document: TerraformDocument
    found: Attribute
    module: Module
    variables: tuple[Block, ...]


@dataclass(frozen=True)
class _Place:
    """Where a name is set: `attribute` of `address`, as in Decision."""

    by: DecidedBy
    document: TerraformDocument
    address: str
    attribute: str
    found: Attribute
    holder: Block | Attribute

    @property
    def at(self) -> str:
        return f"{self.document.path}:{self.found.start_line}"

    @property
    def said(self) -> str:
        match self.by:
            case DecidedBy.DEFAULT:
                return f"its default at {self.at}"
            case DecidedBy.LOCAL | DecidedBy.VARIABLE_FILE:
                return self.at
            case DecidedBy.ARGUMENT:
                return f"the argument {self.attribute} of {self.address} at {self.at}"


def set_elsewhere(name: str, folder: str, repository: Repository) -> str:
    """The calls and variable files, in words, that give the folder's variable a value whatever its default says."""
    callers = repository.instances.callers.get(folder, ())
    given = [
        _given(path, entry.address, name, repository) for path, entry in callers if entry.texts.get(name) is not None
    ]
    return "; ".join([*given, *(f"{path} sets {text}" for path, text in _assigned(name, folder, repository))][:SHOWN])


class _UndecidedError(IacfixError):
    """There is no one place."""


def decide(reading: Reading, folder: str, repository: Repository) -> Deciding | str:
    """Where what the setting reads is written as a literal, or in words why no one place is."""
    try:
        return _decide(reading, folder, repository)
    except IacfixError as error:
        return error.what


def _decide(reading: Reading, folder: str, repository: Repository) -> Deciding:
    module = repository.module(folder)
    written = module.blocks.get(reading.address, ())
    found = setting(written[0][0], reading.address, reading.attribute) if len(written) == 1 else None
    if found is None:
        raise _UndecidedError(f"{reading.setting} is not written in one place alone")
    document, name, reader = written[0][0], reading.name, reading.setting
    why: list[str] = []
    variables: list[Block] = []
    for _ in range(MAX_HOPS):
        _check_read_once(name, document.path, found, module)
        if name.startswith(LOCAL):
            place = _local(name, module)
        else:
            variable = _declared(name, module)
            variables.append(variable[1])
            place = _variable(variable, folder, repository)
        why.append(f"{reader} is {name}, which {place.said} sets")
        document, found, folder = place.document, place.found, dirname(place.document.path)
        module = repository.module(folder)
        match found.value:
            case Reference(("var" | "local", _) as parts):
                reader = name if place.by is DecidedBy.LOCAL else place.said
                name = ".".join(parts)
            case value if _literal(value):
                lines = place.holder.node.start_point[0] + 1, place.holder.node.end_point[0] + 1
                decision = Decision(place.by, document.path, place.address, place.attribute, *lines, tuple(why))
                return Deciding(decision, document, found, module, tuple(variables))
            case value:
                text = document.text(found.value_start, found.value_end)
                raise _UndecidedError(f"{name} is set by {place.said}, which is `{shown(value, text)}`")
    raise _UndecidedError(f"{reading.name} is given on more often than is followed")


def _literal(value: Value) -> bool:
    return isinstance(value, Known) or (isinstance(value, ListValue) and all(map(_literal, value.items)))


def _check_read_once(name: str, path: str, found: Attribute, module: Module) -> None:
    others = [each for each in readers(module, name) if (each.path, each.start) != (path, found.start)]
    if others:
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        raise _UndecidedError(f"{name} is read by {', '.join(map(str, others[:SHOWN]))}{more} too")
    if module.unread:
        raise _UndecidedError(f"what else reads {name} is not known: {module.unread[0]}")


def _local(name: str, module: Module) -> _Place:
    written = [
        (document, item)
        for document, block in module.blocks.get("locals", ())
        for item in block.attributes
        if item.name == name.removeprefix(LOCAL)
    ]
    if len(written) != 1:
        raise _UndecidedError(f"{name} is written {len(written)} times")
    document, item = written[0]
    return _Place(DecidedBy.LOCAL, document, name, "", item, item)


def _declared(name: str, module: Module) -> tuple[TerraformDocument, Block]:
    written = module.blocks.get(name, ())  # those of override files too
    if len(written) != 1:
        raise _UndecidedError(f"{name} is written {len(written)} times")
    return written[0]


def _variable(variable: tuple[TerraformDocument, Block], folder: str, repository: Repository) -> _Place:
    """The call's argument, else what a variable file sets, else the default."""
    document, block = variable
    name = block.labels[0]
    if unread := sorted(path for path in repository.index.unread if path.endswith(files.SUFFIXES)):
        raise _UndecidedError(f"who else sets var.{name} is not known: {repository.index.unread[unread[0]]}")
    callers = repository.instances.callers.get(folder, ())
    assigned = list(_assigned(name, folder, repository))
    if len(callers) + len(assigned) > 1:
        places = [_given(path, entry.address, name, repository) for path, entry in callers] + [
            f"{path} sets {text}" for path, text in assigned
        ]
        raise _UndecidedError(f"var.{name} is set in more than one place: {'; '.join(places[:SHOWN])}")
    if not callers and repository.terragrunt:
        raise _UndecidedError(f"what {repository.terragrunt[0]} gives var.{name} is not read")
    for path, _ in assigned:
        if not files.loaded_by_itself(path) or dirname(path) != folder:
            raise _UndecidedError(f"var.{name} is set in {path}, which a person names")
        return _assignment(path, name, repository)
    for path, entry in callers:
        caller = repository.module_of(path)
        calls = caller.blocks.get(entry.address, ())
        if len(calls) != 1 or files.is_json(path):
            raise _UndecidedError(f"{entry.address} in {path} is not written in one block of HCL")
        if (argument := calls[0][1].attribute(name)) is not None:
            return _Place(DecidedBy.ARGUMENT, calls[0][0], entry.address, name, argument, calls[0][1])
    default = block.attribute("default")
    if default is None:
        raise _UndecidedError(f"var.{name} has no default, and nothing in this repository sets it")
    return _Place(DecidedBy.DEFAULT, document, f"var.{name}", "default", default, block)


def _assignment(path: str, name: str, repository: Repository) -> _Place:
    if files.is_json(path):
        raise _UndecidedError(f"var.{name} is set in {path}, which is in JSON syntax")
    document = repository.document(path)
    found = setting(document, ASSIGNED + name, "")
    if found is None:
        raise _UndecidedError(f"{path} sets {name} more than once")
    return _Place(DecidedBy.VARIABLE_FILE, document, ASSIGNED + name, "", found, found)


def _assigned(name: str, folder: str, repository: Repository) -> Iterator[tuple[str, str]]:
    """The variable files that set it, with its text: those of the folder, and those that stand apart from any code."""
    index = repository.index
    for each, paths in sorted(index.folders.items()):
        if each == folder or not any(map(files.is_terraform, paths)):
            for path in filter(files.is_variables, paths):
                yield from ((path, entry.texts[name]) for entry in index.file(path) if name in entry.texts)


def _given(path: str, address: str, name: str, repository: Repository) -> str:
    calls = repository.module_of(path).blocks.get(address, ())
    argument = calls[0][1].attribute(name) if len(calls) == 1 else None
    if argument is None:
        line = calls[0][1].start_line if calls else 0
        return f"{address} at {path}{f':{line}' if line else ''} leaves it to the default"
    text = calls[0][0].text(argument.value_start, argument.value_end)
    return f"{address} at {path}:{argument.start_line} gives {shown(argument.value, text)}"
