"""A candidate on its way through the stages. Each stage returns the trial with what it found out, or rejects it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from iacfix.domain.control import Control, Literal
from iacfix.domain.decision import Decision, Reading
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework, Location
from iacfix.domain.proposal import Candidate, Edit, Generated
from iacfix.domain.verdict import StageName
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.terraform.module import Module
from iacfix.patches import FilePatch
from iacfix.ports import Formatter, Planner, Scanner
from iacfix.validators.assertions.truth import Answer
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
class Origin:
    """The resource that a finding is about, where what is located is the one value that its setting reads.

    `before` is the code around the resource, with what its variables are given; `after` the same with that text in the
    located file.
    """

    location: Location
    reading: Reading
    decision: Decision
    before: Module
    after: Callable[[bytes], Module]


def _nowhere(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Tools:
    """What stands beside iacfix and can be asked about a change; a stage whose tool is not there is skipped."""

    scanner: Scanner | None = None
    planners: Mapping[Framework, Planner] = field(default_factory=dict)
    formatter: Formatter | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What a candidate is judged against.

    `code` is what is around the located resource as it stands, `read` gives any file of the repository (raises
    IacfixError), `recheck` asks the control's own recipe what is still missing in changed code. `defaults` is what the
    configuration says of values that only the user can know: they are known, wherever they lead. With an `origin` that
    one value may change and nothing else, and the control is judged there. `set_elsewhere` says which call or variable
    file sets a variable whatever its default says, "" where none does.

    `finding` is what the candidate is to mend, where that is known. `files` are the paths of the code, as a scanner
    needs them, `roots` what a planner is asked about: the root modules whose calls lead to it, or the template.
    `overlay` holds the files that earlier proposals changed. A stage of `required` is not skipped.
    """

    control: Control | None
    location: Location
    code: Code
    read: Callable[[str], bytes]
    recheck: Recheck
    max_changed_lines: int = MAX_CHANGED_LINES
    defaults: Mapping[str, Literal] = field(default_factory=dict)
    origin: Origin | None = None
    set_elsewhere: Callable[[str], str] = _nowhere
    finding: Finding | None = None
    files: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    tools: Tools = field(default_factory=Tools)
    required: frozenset[StageName] = frozenset()

    @property
    def given(self) -> str:
        """The values that the user has configured."""
        return "\n".join(map(str, self.defaults.values()))


@dataclass(frozen=True)
class Trial(ABC):
    """`patches` come from the parse stage, `edits`, one for each changed file, from the apply stage. `said` is what the
    last stage has to tell although it passed.
    """

    case: Case
    candidate: Candidate
    patches: tuple[FilePatch, ...] = ()
    edits: tuple[Edit, ...] = ()
    said: str = ""

    @abstractmethod
    def reading(self, edit: Edit) -> Self:
        """With the located file as it is after the diff. Raises RejectedError where that is no code."""

    @property
    @abstractmethod
    def code_after(self) -> Code: ...

    @abstractmethod
    def asserted(self, control: Control, code: Code) -> Answer:
        """Whether the located resource is in this code as the control's assertion says."""

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
    def planned_addresses(self) -> frozenset[str]:
        """Where a plan may show the change: the target, what the diff changes beside it, and what takes a target that
        is only data.
        """

    @property
    @abstractmethod
    def settings(self) -> frozenset[str]:
        """What the control's recipes name, of the target and beside it."""

    @property
    def overruled(self) -> str:
        """Why a value that is changed decides nothing, "" where that is not so."""
        return ""

    @property
    @abstractmethod
    def touches_settings(self) -> bool:
        """Whether anything of that has changed; True where nothing is named."""
