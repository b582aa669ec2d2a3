"""A candidate on its way through the stages. Each stage returns the trial with what it found out, or rejects it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from iacfix.domain.control import Control
from iacfix.domain.errors import IacfixError
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit, Generated
from iacfix.iac.terraform.compare import BlockChange, changed_blocks
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.patches import FilePatch

MAX_CHANGED_LINES = 50

Recheck = Callable[[Control, Location, Module], Generated]


class RejectedError(IacfixError):
    """A stage says no. The message is written for the candidate's author to act on."""


class SkippedError(IacfixError):
    """A stage cannot judge this candidate, because …."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a candidate is judged against.

    `module` is the folder of the located file as it stands, `read` gives any file of the repository (raises
    IacfixError), `recheck` asks the control's own recipe what is still missing in a changed module.
    """

    control: Control | None
    location: Location
    module: Module
    read: Callable[[str], bytes]
    recheck: Recheck
    max_changed_lines: int = MAX_CHANGED_LINES


@dataclass(frozen=True)
class Trial:
    """`patches` come from the parse stage, `edits`, one for each changed file, from the apply stage."""

    case: Case
    candidate: Candidate
    patches: tuple[FilePatch, ...] = ()
    edits: tuple[Edit, ...] = ()
    after: Mapping[str, TerraformDocument] = field(default_factory=dict)

    @property
    def target_before(self) -> Block:
        (found,) = self.case.module.documents[self.case.location.path].by_address[self.case.location.address]
        return found

    @cached_property
    def document_before(self) -> TerraformDocument:
        return self.case.module.documents[self.case.location.path]

    @property
    def document_after(self) -> TerraformDocument:
        return self.after[self.case.location.path]

    @cached_property
    def changes(self) -> tuple[BlockChange, ...]:
        """What differs in the located file, block by block."""
        return changed_blocks(self.document_before, self.document_after)

    @cached_property
    def module_after(self) -> Module:
        return self.case.module.with_document(self.document_after)

    def blocks_after(self, address: str) -> tuple[Block, ...]:
        return self.document_after.by_address.get(address, ())
