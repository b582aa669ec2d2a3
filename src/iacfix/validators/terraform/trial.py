"""A candidate that changes Terraform."""

from dataclasses import dataclass, replace
from functools import cached_property

from iacfix.domain.errors import DocumentError
from iacfix.domain.proposal import Edit
from iacfix.iac.terraform.compare import BlockChange, changed_blocks
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.validators.terraform import reach
from iacfix.validators.trial import RejectedError, Trial


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
    def touches_settings(self) -> bool:
        target = self.case.location.address
        if not self.settings or any(change.address != target for change in self.changes):
            return True
        return any(
            reach.changed_names(self.target_before, block) & self.settings for block in self.blocks_after(target)
        )
