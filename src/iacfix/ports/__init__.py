"""Everything outside, as small Protocols. Adapters implement them; the rest of iacfix knows only these."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from iacfix.domain.errors import IacfixError
from iacfix.domain.location import Framework
from iacfix.domain.proposal import Usage

# Code that people write is smaller.
MAX_FILE_BYTES = 5 * 1024 * 1024


class SourceTree(Protocol):
    """The files of one repository as they stand. Paths are relative, with forward slashes."""

    def files(self, suffixes: tuple[str, ...]) -> Sequence[str]:
        """Every file with one of the suffixes, sorted, without what git ignores or vendors (`.terraform`)."""

    def read(self, path: str, most: int = MAX_FILE_BYTES) -> bytes:
        """Raises UnsafePathError when the path or a link leads outside, InputError when there is no such file or it is
        larger than `most` bytes.
        """

    def exists(self, path: str) -> bool:
        """Whether `read` would find a file there. Raises UnsafePathError like `read`."""

    def names(self, folder: str) -> Sequence[str]:
        """What stands directly in a folder, ignored by git or not, sorted; folders end with `/`. Links are left out.

        Nothing for a folder that is not there. Raises UnsafePathError like `read`.
        """

    def listing(self, suffixes: tuple[str, ...]) -> Sequence["ListedFile"]:
        """As `files`, with what is known of each without reading it."""


class ListedFile(NamedTuple):
    """`blob` is git's id of the content as it stands on disk, "" where that is not known without reading; `size` in
    bytes on disk, -1 where it is not known.
    """

    path: str
    blob: str = ""
    size: int = -1


class CachedFile(NamedTuple):
    """What an index holds of one file: `blob` and `size` say of which content, `entries` is JSON."""

    blob: str
    size: int
    entries: str


class IndexCache(Protocol):
    """Keeps an index between runs. It may forget: neither verb raises for a cache that cannot be used."""

    def load(self) -> Mapping[str, CachedFile]:
        """By path."""

    def store(self, changed: Mapping[str, CachedFile], gone: Collection[str]) -> None:
        """Keeps what `load` answers from now on."""


class StopReason(StrEnum):
    """Why a model stopped writing. `END` and `FORM` end whole answers; `OTHER` is anything not known to.

    `FORM`: it filled in the form that it was given. `GUARDRAIL`: a guardrail of the account stepped in. `REFUSED`: the
    service's own filter held the answer back.
    """

    END = "end"
    FORM = "form"
    MAX_TOKENS = "max_tokens"
    GUARDRAIL = "guardrail"
    REFUSED = "refused"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What a model fills in instead of writing prose, where it can. `schema` is JSON Schema of an object."""

    name: str
    description: str
    schema: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FilledForm:
    """As it came from the model: nothing says that `content` keeps to the schema, or is an object at all."""

    name: str
    content: object


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question: a stable system part, and the turns so far, user first, alternating.

    A model that cannot be made to fill in `form` is asked without it, and answers in its own words.
    """

    system: str
    turns: tuple[str, ...]
    max_tokens: int
    form: AnswerForm | None = None


@dataclass(frozen=True, slots=True)
class ModelReply:
    """`model` is set where another model answered than the one that was asked."""

    text: str
    stop: StopReason
    usage: Usage
    forms: tuple[FilledForm, ...] = ()
    model: str = ""


class Model(Protocol):
    """An author that cannot be trusted. `id` is what is written in the record."""

    @property
    def id(self) -> str: ...

    def ask(self, request: ModelRequest) -> ModelReply:
        """Raises ModelUnavailableError or ModelRejectedError; neither counts as an attempt."""


class CloudReadError(IacfixError):
    """A cloud account did not let something be read. `again` says whether waiting may help."""

    def __init__(self, what: str, *, remedy: str, again: bool = False) -> None:
        super().__init__(what, remedy=remedy)
        self.again = again


class StateBucket(Protocol):
    """Where states of Terraform are kept in a bucket; a text is "" where the environment decides."""

    @property
    def bucket(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def role_arn(self) -> str:
        """The role to read as."""

    @property
    def external_id(self) -> str: ...
    @property
    def session_name(self) -> str: ...

    def key_of(self, workspace: str) -> str:
        """Raises InputError for a name that no workspace has."""


class StateReader(Protocol):
    @property
    def max_bytes(self) -> int: ...

    def read(self, backend: StateBucket, workspace: str) -> bytes:
        """The state of a workspace as it was written. Raises CloudReadError, also when it has more than `max_bytes`,
        and InputError like `key_of`.
        """


@dataclass(frozen=True, slots=True)
class StackResource:
    """A thing that a CloudFormation stack made. `type` is CloudFormation's (`AWS::S3::Bucket`)."""

    stack_name: str
    stack_id: str
    logical_id: str
    physical_id: str
    type: str


class StackReader(Protocol):
    def by_physical_id(self, physical_id: str, region: str) -> StackResource | None:
        """Physical ids are CloudFormation's: a bucket's name, a topic's ARN, a queue's URL. None where no stack of the
        account and region made such a thing. `region` "" leaves it to the environment. Raises CloudReadError.
        """

    def template(self, stack: str, region: str) -> bytes:
        """The template as it was handed over, by the stack's name or id. Raises CloudReadError."""


class ToolError(IacfixError):
    """A program or a service beside iacfix is not there, ran out of time, or did not answer as it should."""


class CheckedResource(NamedTuple):
    """`resource` is the scanner's name of it, with the index of an instance; `address` is the block's, as locations
    have it, but for `data.`, which scanners leave out. `path` is the file that it stands in: one address may stand in
    several files of a folder that is no module.
    """

    check_id: str
    resource: str
    address: str
    path: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanner says of files. `unread` are those that it could not read; `titles` are of its checks."""

    scanner: str
    failed: frozenset[CheckedResource]
    passed: frozenset[CheckedResource]
    unread: frozenset[str] = frozenset()
    titles: Mapping[str, str] = field(default_factory=dict)


class Scanner(Protocol):
    @property
    def source(self) -> str:
        """What findings of it are said to come from."""

    def scan(self, framework: Framework, files: Mapping[str, bytes]) -> Scan:
        """The files of one module, or a template, by path, apart from everything else. Raises ToolError."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What would become of one resource. `folder` and `block` say which code makes it (`aws_s3_bucket.this`,
    `Resources.Logs`); `folder` is None where that is not of this repository.

    `replaces` also where that is only possible. `attributes` are the names at the top that would change, and
    `fingerprint` differs where anything of the change does: no value leaves the tool.
    """

    address: str
    folder: str | None
    block: str
    deletes: bool = False
    replaces: bool = False
    attributes: frozenset[str] = frozenset()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would change, by whatever cause."""

    tool: str
    changes: tuple[PlannedChange, ...]


class PlanRefusedError(ToolError):
    """The tool ran, and does not take the code."""


class Planner(Protocol):
    def plan(self, root: str, overlay: Mapping[str, bytes]) -> Plan:
        """Of a root module's folder, or a template's path, with the files of `overlay` as they are there and all others
        as they stand. Raises PlanRefusedError where the code is at fault, ToolError where nothing can be told.
        """


class Formatter(Protocol):
    def formatted(self, text: bytes) -> bytes:
        """A file of Terraform as its own formatter lays it out. Raises ToolError."""
