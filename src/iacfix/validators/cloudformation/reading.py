"""A resource of a template, read for the assertions: what is right is so in every case that can be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from iacfix.controls.assertions import assertions
from iacfix.controls.property_paths import is_listed, parts, without_item
from iacfix.domain.control import Control
from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource
from iacfix.iac.cloudformation.links import is_link
from iacfix.iac.cloudformation.outcomes import outcomes, parameter_of, settled
from iacfix.iac.cloudformation.outside import KNOWN_TRANSFORMS
from iacfix.iac.cloudformation.places import Path
from iacfix.iac.cloudformation.resolve import NO_VALUE, resolve
from iacfix.iac.cloudformation.sam import properties
from iacfix.iac.values import Known, ListValue, ObjectValue, Reference, Value
from iacfix.validators.assertions.evaluate import evaluate
from iacfix.validators.assertions.place import Reading
from iacfix.validators.assertions.truth import Answer, Truth, UnreadableError
from iacfix.validators.assertions.wants import Defaults

LONGEST = 60  # characters of a value that a reason quotes
_NOTHING = (Known(None), NO_VALUE)
# Properties by which AWS knows a thing, and others may call it.
_NAMES = ("Name", "Identifier")


def holds(
    control: Control,
    document: CloudFormationDocument,
    logical_id: str,
    defaults: Defaults,
    asked: frozenset[str] = frozenset(),
) -> Answer:
    """Whether a resource is as the control's assertion says. `asked` are parameters that a person has to answer: that
    they are something is certain, what they are is not.
    """
    if control.cloudformation is None:
        return Answer(Truth.UNKNOWN, f"{control.id} says nothing of CloudFormation")
    try:
        place = replace(resource(document, logical_id), asked=asked)
        return evaluate(assertions(control.cloudformation), place, defaults)
    except UnreadableError as error:
        return Answer(Truth.UNKNOWN, error.what)


def resource(document: CloudFormationDocument, logical_id: str) -> "TemplatePlace":
    """Raises UnreadableError where a macro may make something else of it."""
    if macros := [name for name in document.transforms if name not in KNOWN_TRANSFORMS]:
        raise UnreadableError(f"the template goes through the macro {macros[0]}, which may change any resource")
    found = document.resources.get(logical_id)
    if found is None:
        raise UnreadableError(f"{document.path} holds no {logical_id}")
    return TemplatePlace(document, found)


@dataclass(frozen=True)
class TemplatePlace:
    """`path` leads down from the resource's properties."""

    document: CloudFormationDocument
    resource: Resource
    path: Path = ()
    asked: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        steps = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return f"{self.resource.address}{''.join(steps)}"

    @property
    def resource_type(self) -> str:
        return self.resource.type

    def read(self, path: str) -> Reading:
        found = self._find(parts(path))
        if found is None:
            return Reading((None,), (None,), (None,), "not written")
        values = outcomes(self.document, found)
        stands = resolve(self.document, found)
        chosen = [parameter_of(self.document, value) for value in values]
        told = _told(found, stands, next(filter(None, chosen), ""))
        is_chosen = any(name and name not in self.asked for name in chosen)
        return Reading(values, (None if stands in _NOTHING else stands,), values, told, is_chosen)

    def _find(self, path: Path) -> Value | None:
        whole = (*self.path, *path)
        value: Value | None = properties(self.document, self.resource, whole)
        for depth, part in enumerate(whole):
            if value is None or value in _NOTHING:
                return None
            if not isinstance(value, ObjectValue | ListValue):
                value = settled(self.document, value)
            value = _member(value, part, replace(self, path=whole[:depth]).name)
        return None if value in _NOTHING else value

    def parts(self, block: str) -> tuple["TemplatePlace", ...]:
        path = parts(without_item(block))
        found = self._find(path)
        if found is None:
            return ()
        found = settled(self.document, found)
        inside = replace(self, path=(*self.path, *path))
        if not is_listed(block):
            if not isinstance(found, ObjectValue):
                raise UnreadableError(f"{inside.name} is not written out as a mapping")
            return (inside,)
        if not isinstance(found, ListValue):
            raise UnreadableError(f"{inside.name} is not written out as a list")
        items = tuple(replace(inside, path=(*inside.path, index)) for index in range(len(found.items)))
        for item, value in zip(items, found.items, strict=True):
            if not isinstance(settled(self.document, value), ObjectValue):
                raise UnreadableError(f"{item.name} is not written out as a mapping")
        return items

    def policy(self, path: str) -> Value:
        found = self._find(parts(path))
        if found is None:
            raise UnreadableError(f"{self.name} has no {path}")
        return settled(self.document, found)

    def rules(self, name: str) -> tuple["TemplatePlace", ...]:
        return self.parts(f"{name}[]") if name else (self,)

    def beside(self, resource_type: str, link: Mapping[str, str]) -> "TemplatePlace | None":
        verdicts = [(each, self._belongs(each, link)) for each in self.document.of_type(resource_type)]
        mine = [each for each, verdict in verdicts if verdict]
        if len(mine) > 1:
            raise UnreadableError(f"{' and '.join(each.address for each in mine)} both refer to {self.name}")
        if mine:
            return replace(self, resource=mine[0], path=())
        if doubtful := [each for each, verdict in verdicts if verdict is None]:
            raise UnreadableError(f"whether {doubtful[0].address} belongs to {self.name} is not known")
        for hidden in self.document.not_followed:
            if not hidden.what.startswith("nested stack"):
                raise UnreadableError(f"a {resource_type} may be made by {hidden.what} (line {hidden.line})")
        return None

    def _belongs(self, other: Resource, link: Mapping[str, str]) -> bool | None:
        """True only where every link leads here whatever is chosen, and the other exists whenever this one does."""
        sure = True
        for name, theirs in link.items():
            found = other.property(*parts(name))
            seen = {self._is_meant(each, theirs) for each in (outcomes(self.document, found) if found else (None,))}
            if seen == {False}:
                return False
            sure = sure and seen == {True}
        return True if sure and other.condition in {"", self.resource.condition} else None

    def _is_meant(self, value: Value | None, theirs: str) -> bool | None:
        if is_link(value, self.resource.name, theirs):
            return True
        if isinstance(value, Reference) and value.parts[0] in self.document.resources:
            return None if value.parts[0] == self.resource.name else False
        own = self.resource.get("Properties")
        names = [item for key, item in own.items if key.endswith(_NAMES)] if isinstance(own, ObjectValue) else []
        if isinstance(value, Known) and names:
            if value in names:
                return True
            return False if all(isinstance(each, Known) for each in names) else None
        return None


def _member(value: Value, part: str | int, where: str) -> Value | None:
    match value, part:
        case ObjectValue(items, complete), str():
            if not complete or any(name.startswith("Fn::") for name, _ in items):
                raise UnreadableError(f"{where} holds what only a deployment makes of it")
            return value.get(part)
        case ListValue(items), int():
            return items[part] if part < len(items) else None
        case _:
            raise UnreadableError(f"what {where} holds is not known before deployment")


def _told(value: Value, stands: Value, parameter: str) -> str:
    match stands:
        case Known(found):
            said = f"`{str(found).lower() if isinstance(found, bool) else str(found)[:LONGEST]}`"
        case ListValue(items) if all(isinstance(item, Known) for item in items):
            said = f"`{', '.join(str(item.value) for item in items if isinstance(item, Known))[:LONGEST]}`"
        case _:
            said = "not known before deployment" if value == stands else "different by what is chosen"
    if parameter:
        return f"the parameter {parameter}" + (f", {said} as the code stands" if isinstance(stands, Known) else "")
    return said
