"""A block under change: found anew by its address after each edit, so that spans are never stale."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from iacfix.domain.control import Literal
from iacfix.domain.decision import Reading
from iacfix.generation.recipes.declined import DeclinedError
from iacfix.iac.terraform import edits
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.module import Module


@dataclass(frozen=True, slots=True)
class State:
    """`path` leads from the top-level block through nested blocks, each of which is there once or has a number.

    `assumed` collects what holds only by a variable's default: it is no proof that the deployed value is right.
    `readings` are the names by which it holds, one for each. `notes` says what was done, for the people who review it.
    """

    module: Module
    file: str
    address: str
    defaults: Mapping[str, Literal]
    path: tuple[tuple[str, int | None], ...] = ()
    assumed: tuple[str, ...] = ()
    readings: tuple[Reading | None, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def document(self) -> TerraformDocument:
        return self.module.documents[self.file]

    @property
    def data(self) -> bytes:
        """Of the located file."""
        return self.document.data

    @property
    def top(self) -> Block:
        found = self.document.by_address.get(self.address, ())
        if len(found) != 1:
            raise DeclinedError(f"{self.address} is written {len(found)} times in {self.file}")
        return found[0]

    @property
    def block(self) -> Block:
        current = self.top
        for name, index in self.path:
            found = current.nested(name)
            (current,) = found if index is None else found[index : index + 1]
        return current

    @property
    def name(self) -> str:
        path = (name if index is None else f"{name}[{index}]" for name, index in self.path)
        return ".".join([self.address, *path])

    def edited(self, splice: edits.Splice, note: str) -> "State":
        document = edits.apply(self.document, splice)
        return replace(self, module=self.module.with_document(document), notes=(*self.notes, note))

    def inside(self, name: str, index: int | None = None) -> "State":
        return replace(self, path=(*self.path, (name, index)))

    def outside(self, inner: "State") -> "State":
        """This place again, with what was changed and assumed further in."""
        return replace(self, module=inner.module, assumed=inner.assumed, readings=inner.readings, notes=inner.notes)

    def assuming(self, what: str, reading: Reading | None) -> "State":
        return replace(self, assumed=(*self.assumed, what), readings=(*self.readings, reading))
