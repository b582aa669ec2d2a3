"""A candidate that changes Terraform."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from iacfix.domain.control import Control
from iacfix.domain.errors import DocumentError
from iacfix.domain.proposal import Edit
from iacfix.iac.terraform.compare import BlockChange, Change, changed_blocks
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.values import Known
from iacfix.validators.assertions.truth import Answer
from iacfix.validators.differences import Compared, differences
from iacfix.validators.terraform import reach, reading
from iacfix.validators.terraform.valued import valued
from iacfix.validators.trial import Code, RejectedError, Trial


@dataclass(frozen=True)
class TerraformTrial(Trial):
    after: TerraformDocument | None = None

    def reading(self, edit: Edit) -> "TerraformTrial":
        try:
            return replace(self, after=TerraformDocument.read(edit.path, edit.after))
        except DocumentError as error:
            raise RejectedError(f"after the diff {error.what}", remedy="write HCL that parses") from None

    @property
    def module(self) -> Module:
        """As it stands."""
        if not isinstance(self.case.code, Module):
            msg = "a block of Terraform stands in a module"
            raise TypeError(msg)
        return self.case.code

    @property
    def target_before(self) -> Block:
        (found,) = self.document_before.by_address[self.case.location.address]
        return found

    @cached_property
    def document_before(self) -> TerraformDocument:
        return self.module.documents[self.case.location.path]

    @property
    def document_after(self) -> TerraformDocument:
        return self.after if self.after is not None else self.document_before

    @cached_property
    def changes(self) -> tuple[BlockChange, ...]:
        """What differs in the located file, block by block."""
        return changed_blocks(self.document_before, self.document_after)

    @cached_property
    def code_after(self) -> Module:
        return self.module.with_document(self.document_after)

    def blocks_after(self, address: str) -> tuple[Block, ...]:
        return self.document_after.by_address.get(address, ())

    def asserted(self, control: Control, code: Code) -> Answer:
        if not isinstance(code, Module):
            msg = "a block of Terraform stands in a module"
            raise TypeError(msg)
        return reading.holds(control, code, self.case.location.address, self.case.defaults)

    @property
    def is_guided(self) -> bool:
        return self.case.control is not None and any(reach.steps_of(self.case.control))

    @cached_property
    def compared(self) -> tuple[Compared, ...]:
        found = []
        for address, old, new in self.touched():
            if new.keyword in {"resource", "data", "module"}:
                was, now = (None if old is None else valued(old)), valued(new)
                meant_was = None if old is None else valued(old, self.module.resolve)
                meant = differences(meant_was, valued(new, self.code_after.resolve))
                kind = new.labels[0] if new.labels else ""
                found.append(Compared(address, kind, meant_was, now, differences(was, now), meant))
        return tuple(found)

    def touched(self) -> Iterator[tuple[str, Block | None, Block]]:
        """Address, block before and block after of everything that was changed or added."""
        for change in self.changes:
            if change.change is Change.REMOVED:
                continue
            before = self.document_before.by_address.get(change.address, ())
            for after in self.blocks_after(change.address):
                yield change.address, before[0] if before else None, after

    @property
    def known_text(self) -> str:
        return "\n".join([self.case.given, *(each.data.decode() for each in self.module.every)])

    def is_secret(self, parts: tuple[str, ...]) -> bool:
        if parts[:1] != ("var",) or len(parts) < 2:  # noqa: PLR2004 - the word var and a name
            return False
        marked = self.module.attribute(f"var.{parts[1]}", "sensitive")
        return marked is not None and marked.value != Known(value=False)

    @property
    def undeclared(self) -> str:
        if self.module.unread:
            return ""  # what these files declare is not known
        after = self.code_after
        for _, old, new in self.touched():
            before = frozenset(old.references()) if old is not None else frozenset()
            for parts in new.references():
                if parts not in before and (name := _declared_as(parts)) and not _is_declared(after, name):
                    return name
        return ""

    @property
    def touches_values(self) -> bool:
        return any(change.address.startswith(("var.", "local.")) for change in self.changes)

    @property
    def planned_addresses(self) -> frozenset[str]:
        target = self.case.location.address
        found = {target, *(change.address for change in self.changes)}
        parts = tuple(target.split("."))
        if parts[0] == "data":
            found |= {
                address
                for address, written in self.code_after.blocks.items()
                if any(each[: len(parts)] == parts for _, block in written for each in block.references())
            }
        return frozenset(found)

    @cached_property
    def settings(self) -> frozenset[str]:
        control = self.case.control
        if control is None:
            return frozenset()
        inside = (
            step for companion in reach.companions_of(control) for step in (*companion.steps, *companion.initially)
        )
        return reach.of_target(control).all_names | reach.of_steps(inside).all_names

    @property
    def overruled(self) -> str:
        for change in self.changes:
            kind, _, name = change.address.partition(".")
            if kind == "var" and (place := self.case.set_elsewhere(name)):
                return f"the default of {change.address} decides nothing: {place}"
        return ""

    @property
    def touches_settings(self) -> bool:
        target = self.case.location.address
        if not self.settings or any(change.address != target for change in self.changes):
            return True
        return any(
            reach.changed_names(self.target_before, block) & self.settings for block in self.blocks_after(target)
        )


def _declared_as(parts: tuple[str, ...]) -> str:
    """The address that a reference needs, or "" where it is none that a file declares: `each.key`, `count.index`."""
    match parts:
        case ("var" | "local" | "module" as kind, name, *_):
            return f"{kind}.{name}"
        case ("data", kind, name, *_):
            return f"data.{kind}.{name}"
        case (kind, name, *_) if "_" in kind and not name.startswith("["):
            return f"{kind}.{name}"
    return ""


def _is_declared(module: Module, address: str) -> bool:
    kind, _, name = address.partition(".")
    return name in module.locals if kind == "local" else address in module.main
