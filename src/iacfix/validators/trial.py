"""A candidate on its way through the stages. Each stage returns the trial with what it found out, or rejects it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from iacfix.domain.control import Control
from iacfix.domain.errors import IacfixError
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit, Generated
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.terraform.module import Module
from iacfix.patches import FilePatch
from iacfix.validators.differences import Compared

MAX_CHANGED_LINES = 50

# What a resource is judged in: the folder of its file, or its template.
Code = Module | CloudFormationDocument
Recheck = Callable[[Control, Location, Code], Generated]


class RejectedError(IacfixError):
    """A stage says no. The message is written for the candidate's author to act on."""


class SkippedError(IacfixError):
    """A stage cannot judge this candidate, because …."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a candidate is judged against.

    `code` is what is around the located resource as it stands, `read` gives any file of the repository (raises
    IacfixError), `recheck` asks the control's own recipe what is still missing in changed code. `given` holds the
    values that the user has configured: they are known, wherever they lead.
    """

    control: Control | None
    location: Location
    code: Code
    read: Callable[[str], bytes]
    recheck: Recheck
    max_changed_lines: int = MAX_CHANGED_LINES
    given: str = ""


@dataclass(frozen=True)
class Trial(ABC):
    """`patches` come from the parse stage, `edits`, one for each changed file, from the apply stage."""

    case: Case
    candidate: Candidate
    patches: tuple[FilePatch, ...] = ()
    edits: tuple[Edit, ...] = ()

    @abstractmethod
    def reading(self, edit: Edit) -> Self:
        """With the located file as it is after the diff. Raises RejectedError where that is no code."""

    @property
    @abstractmethod
    def code_after(self) -> Code: ...

    @property
    @abstractmethod
    def is_guided(self) -> bool:
        """Whether recipes say which settings a fix of this control may touch, in this language."""

    @cached_property
    @abstractmethod
    def compared(self) -> tuple[Compared, ...]:
        """What was changed or added and exists in the cloud, as values."""

    @property
    @abstractmethod
    def known_text(self) -> str:
        """All that was written before the change, and what the user has configured."""

    @abstractmethod
    def is_secret(self, parts: tuple[str, ...]) -> bool:
        """Whether a reference leads to what the code marks as secret."""

    @property
    @abstractmethod
    def undeclared(self) -> str:
        """A new reference to what nothing declares, or ""."""

    @property
    @abstractmethod
    def touches_values(self) -> bool:
        """Whether what changed is, or is also, a variable or local that the target reads."""

    @property
    @abstractmethod
    def settings(self) -> frozenset[str]:
        """What the control's recipes name, of the target and beside it."""

    @property
    @abstractmethod
    def touches_settings(self) -> bool:
        """Whether anything of that has changed; True where nothing is named."""
