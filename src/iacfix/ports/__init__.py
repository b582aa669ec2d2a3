"""Everything outside, as small Protocols. Adapters implement them; the rest of iacfix knows only these."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from iacfix.domain.errors import IacfixError
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
    """Why a model stopped writing; `OTHER` is anything that is not known to be a whole answer."""

    END = "end"
    MAX_TOKENS = "max_tokens"
    REFUSED = "refused"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question: a stable system part, and the turns so far, user first, alternating."""

    system: str
    turns: tuple[str, ...]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class ModelReply:
    text: str
    stop: StopReason
    usage: Usage


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
