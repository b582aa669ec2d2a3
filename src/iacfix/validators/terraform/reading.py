"""A resource of Terraform, read for the assertions."""

from collections.abc import Mapping
from dataclasses import dataclass

from iacfix.controls.assertions import assertions
from iacfix.domain.control import Control
from iacfix.iac.terraform import policies
from iacfix.iac.terraform.document import Attribute, Block
from iacfix.iac.terraform.layout import shown
from iacfix.iac.terraform.links import is_listed_by, is_named_by, repeats_like
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.syntax import text_of
from iacfix.iac.terraform.values import Known, ListValue, ObjectValue, Reference, Template, Unknown, Value, references
from iacfix.validators.assertions.evaluate import evaluate
from iacfix.validators.assertions.place import Reading
from iacfix.validators.assertions.truth import Answer, Truth, UnreadableError
from iacfix.validators.assertions.wants import Defaults

# Something stands there, and it is a block.
_BLOCK = ObjectValue((), complete=False)


def holds(control: Control, module: Module, address: str, defaults: Defaults) -> Answer:
    """Whether a resource is as the control's assertion says."""
    if control.terraform is None:
        return Answer(Truth.UNKNOWN, f"{control.id} says nothing of Terraform")
    try:
        return evaluate(assertions(control.terraform), resource(module, address), defaults)
    except UnreadableError as error:
        return Answer(Truth.UNKNOWN, error.what)


def resource(module: Module, address: str) -> "TerraformPlace":
    """Raises UnreadableError where not all that counts of it stands in one block."""
    written = [(document, block) for document, block in module.blocks.get(address, ()) if block.address == address]
    if len(written) != 1 or len(module.main.get(address, ())) != 1:
        raise UnreadableError(f"{address} is written {len(written)} times")
    if over := module.overrides(address):
        raise UnreadableError(f"{over[-1].place} overrides what {address} says")
    return TerraformPlace(module, written[0][1], written[0][1], address)


@dataclass(frozen=True)
class TerraformPlace:
    """`top` is the resource, `block` it or one that is nested in it."""

    module: Module
    top: Block
    block: Block
    name: str

    @property
    def resource_type(self) -> str:
        return self.top.labels[0] if self.top.keyword in {"resource", "data"} else self.top.keyword

    def read(self, path: str) -> Reading:
        """A path leads through nested blocks; of several each counts."""
        *outer, last = path.split(".")
        blocks = [self.block]
        for name in outer:
            blocks = [inner for block in blocks for inner in self._nested(block, name)]
        if not blocks:
            return Reading((None,), (None,), (None,), "not written")
        written = [_at(block, last) for block in blocks]
        values = tuple(each.value if isinstance(each, Attribute) else each for each in written)
        stands = tuple(None if value is None else self.module.resolve(value) for value in values)
        told = " and ".join(dict.fromkeys(map(self._told, written)))
        return Reading(values, stands, stands, told)

    def _told(self, found: Attribute | Value | None) -> str:
        if found is None:
            return "not written"
        if not isinstance(found, Attribute):
            return "a block"
        text = text_of(found.node).decode().partition("=")[2].strip()
        said = f"`{shown(found.value, text)}`"
        resolved = self.module.resolve(found.value)
        if not isinstance(resolved, Known) or resolved == found.value:
            return said
        worth = str(resolved.value).lower() if isinstance(resolved.value, bool) else resolved.value
        return f"{said}, which is `{worth}` as the code stands"

    def parts(self, block: str) -> tuple["TerraformPlace", ...]:
        *outer, last = block.split(".")
        places: tuple[TerraformPlace, ...] = (self,)
        for name in outer:
            places = tuple(inner for place in places for inner in place.parts(name))
        return tuple(place._inside(last, each) for place in places for each in place._nested(place.block, last))  # noqa: SLF001 - of its own kind

    def _inside(self, name: str, block: Block) -> "TerraformPlace":
        several = len(self.block.nested(name)) > 1
        return TerraformPlace(
            self.module, self.top, block, f"{self.name}.{name}{f' (line {block.start_line})' if several else ''}"
        )

    def _nested(self, block: Block, name: str) -> tuple[Block, ...]:
        if block.dynamic(name):
            raise UnreadableError(f"{self.name}.{name} is made by a dynamic block")
        written = block.attribute(name)
        if written is not None and written.value not in (ListValue(()), Known(None)):
            raise UnreadableError(f"{self.name}.{name} is written as an attribute, not as a block")
        return block.nested(name)

    def policy(self, path: str) -> Value:
        """Raises DocumentError too."""
        if not path:
            return policies.of_block(self.block)
        found = self.block.attribute(path)
        if found is None:
            raise UnreadableError(f"{self.name} has no {path}")
        return policies.read(found)

    def rules(self, name: str) -> tuple["TerraformPlace", ...]:
        if not name:
            return (self,)
        found = self.parts(name)
        if not found and self.block.attribute(name) is None:
            raise UnreadableError(f"{self.name} has no {name} written in it: its rules are made elsewhere")
        return found

    def beside(self, resource_type: str, link: Mapping[str, str]) -> "TerraformPlace | None":
        mine, doubtful = [], []
        for _, block in self.module.of_type(resource_type):
            verdict = self._belongs(block, link)
            if verdict is None:
                doubtful.append(block.address)
            elif verdict:
                mine.append(block.address)
        if len(mine) == 1:
            return resource(self.module, mine[0])
        if mine:
            raise UnreadableError(f"{' and '.join(mine)} both refer to {self.name}")
        if doubtful:
            raise UnreadableError(f"whether {doubtful[0]} belongs to {self.name} is not known")
        if self._hidden(resource_type):
            raise UnreadableError(f"a {resource_type} may stand in {', '.join(self._hidden(resource_type))}")
        return None

    def _hidden(self, resource_type: str) -> tuple[str, ...]:
        in_json = tuple(
            path
            for path, document in self.module.json.items()
            if any(block.keyword == "resource" and block.labels[:1] == (resource_type,) for block in document.blocks)
        )
        return (*self.module.unread, *in_json)

    def _belongs(self, block: Block, link: Mapping[str, str]) -> bool | None:
        """True only where a reference or the same literal says so, and None where another way may be meant."""
        for name, theirs in link.items():
            found = block.attribute(name)
            if found is None:
                continue
            if is_listed_by(block, found, self.top, theirs):
                return True
            if is_named_by(found, self.top, theirs):
                return True if repeats_like(block, self.top) else None
            own = tuple(self.top.address.split("."))
            if any(each[: len(own)] == own for each in references(found.node)):
                return None
            value, ours = self.module.resolve(found.value), self._own(theirs)
            if ours is not None and value == ours and not isinstance(value, Unknown):
                return True
            if _names_another(value) or (isinstance(value, Known | Template) and _differs(value, ours)):
                return False
        return None

    def _own(self, name: str) -> Value | None:
        """The id of a bucket is its name."""
        found = self.top.attribute("bucket" if (name, self.resource_type) == ("id", "aws_s3_bucket") else name)
        return self.module.resolve(found.value) if found is not None else None


def _names_another(value: Value) -> bool:
    return isinstance(value, Reference) and (value.parts[0].startswith("aws_") or value.parts[0] in {"module", "data"})


def _differs(theirs: Value, ours: Value | None) -> bool:
    """Whether two names that are not alike in the text are not alike at all; a name that AWS makes is nobody else's."""
    return ours is None or isinstance(ours, type(theirs))


def _at(block: Block, name: str) -> Attribute | Value | None:
    """Null is nothing to Terraform."""
    if block.dynamic(name):
        raise UnreadableError(f"{name} is made by a dynamic block")
    found = block.attribute(name)
    if found is not None:
        return None if found.value == Known(None) else found
    return _BLOCK if block.nested(name) else None
