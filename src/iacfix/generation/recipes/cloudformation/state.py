"""A resource of a template under change: read anew after each edit, so that spans are never stale."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from iacfix.domain.control import Literal
from iacfix.domain.decision import Reading
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.iac.cloudformation import edits
from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource
from iacfix.iac.cloudformation.edits import Path
from iacfix.iac.cloudformation.outcomes import parameter_of, settled
from iacfix.iac.cloudformation.resolve import NO_VALUE
from iacfix.iac.cloudformation.sam import properties
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Value


@dataclass(frozen=True, slots=True)
class State:
    """`path` leads from the resource's properties to where the steps are.

    `assumed` collects what holds only by what is chosen at deployment: it is no proof that the deployed value is right.
    `notes` says what was done, for the people who review it.
    """

    document: CloudFormationDocument
    address: str
    defaults: Mapping[str, Literal]
    path: Path = ()
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        return self.document.data

    @property
    def readings(self) -> tuple[Reading | None, ...]:
        """No parameter is followed: a stack keeps the values that it was made with."""
        return (None,) * len(self.assumed)

    @property
    def resource(self) -> Resource:
        found = self.document.resources.get(self.address.partition(".")[2])
        if found is None:
            raise DeclinedError(f"{self.document.path} does not hold {self.address}")
        return found

    @property
    def name(self) -> str:
        return shown(self.address, self.path)

    def find(self, path: Path) -> Value | None:
        """The value below here, as it is written or as the template's `Globals` have it; None where there is none.

        Raises UnprovenError where a function stands in the way.
        """
        whole = (*self.path, *path)
        value: Value | None = properties(self.document, self.resource, whole)
        for depth, part in enumerate(whole):
            value = _inside(self.document, value, part, shown(self.address, whole[:depth]))
        return None if value is None or value in (Known(None), NO_VALUE) else value

    def is_own(self, path: Path) -> bool:
        """Whether it is written in the resource itself."""
        return self.resource.property(*self.path, *path) is not None

    def below_properties(self, path: Path) -> Path:
        return ("Properties", *self.path, *path)

    def edited(self, splice: edits.Splice, note: str) -> "State":
        return replace(self, document=edits.apply(self.document, splice), notes=(*self.notes, note))

    def inside(self, path: Path) -> "State":
        return replace(self, path=(*self.path, *path))

    def outside(self, inner: "State") -> "State":
        """This place again, with what was changed and assumed further in."""
        return replace(self, document=inner.document, assumed=inner.assumed, notes=inner.notes)

    def assuming(self, what: str) -> "State":
        return replace(self, assumed=(*self.assumed, what))


def shown(address: str, path: Path) -> str:
    """`Resources.Logs.BucketEncryption`; an item of a list in brackets."""
    return address + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def function_name(value: Value) -> str:
    """What makes a value that is not written out."""
    match value:
        case CallValue("Fn::If", (Known(condition), *_)):
            return f"Fn::If with the condition {condition}"
        case CallValue(name, _):
            return name
        case Reference((name,)):
            return f"Ref {name}"
        case Reference((name, attribute)):
            return f"Fn::GetAtt {name}.{attribute}"
        case _:
            return "a function"


def origin(value: Value, state: State) -> str:
    """How a value comes about that is not written out."""
    parameter = parameter_of(state.document, value)
    if not parameter:
        return f"made by {function_name(value)}"
    section = state.document.parameters[parameter]
    default = section.get("Default")
    written = json.dumps(default.value) if isinstance(default, Known) else ""
    given = f"{written} unless another is given" if written else "given by who deploys"
    return f"the parameter {parameter} (line {section.start_line}), {given}"


def _inside(document: CloudFormationDocument, value: Value | None, part: str | int, where: str) -> Value | None:
    if value is None or value in (Known(None), NO_VALUE):
        return None
    if not isinstance(value, ObjectValue | ListValue):
        value = settled(document, value)
    match value, part:
        case ObjectValue(items, complete), str():
            if not complete or any(name.startswith("Fn::") for name, _ in items):
                raise UnprovenError(f"{where} holds what only a deployment makes of it")
            return value.get(part)
        case ListValue(items), int():
            return items[part] if part < len(items) else None
        case Known(), _:
            raise UnprovenError(f"{where} is a single value, where others should stand in it")
        case _:
            raise UnprovenError(
                f"{where} is made by {function_name(value)}: what it holds is not known before deployment"
            )
