"""The Terraform states of a repository: given by hand, beside the code, and where its backends keep them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from iacfix.domain.errors import IacfixError
from iacfix.iac.terraform import files
from iacfix.iac.terraform.backend import DEFAULT, LocalBackend, S3Backend, UnknownBackend, find_backend
from iacfix.iac.terraform.json_document import AnyDocument
from iacfix.iac.terraform.state import State
from iacfix.locators.locate import States
from iacfix.locators.repository import Repository
from iacfix.locators.terraform_state import StateFile
from iacfix.ports import StateReader

# As much as the reader of states takes.
MAX_STATE_BYTES = 128 * 1024 * 1024

LOCAL = LocalBackend()
Read = StateFile | str


@dataclass(frozen=True, slots=True)
class GivenState:
    """One that the user named, as it was read."""

    name: str
    folder: str
    data: bytes


def states_of(
    repository: Repository,
    given: Iterable[GivenState] = (),
    reader: StateReader | None = None,
    buckets: Sequence[str] = (),
) -> States:
    """Those that cannot be read are named, and cost the others nothing.

    `reader` opens what S3 backends name; with `buckets`, only in these, and nothing else counts.
    """
    found: list[Read] = []
    if not buckets:
        found += [_parsed(each.name, each.folder, each.data) for each in given]
        found += _beside_the_code(repository)
    found += _by_backends(repository, reader, buckets)
    known = {(each.name, each.folder): each for each in found if isinstance(each, StateFile)}
    return States(tuple(known.values()), tuple(dict.fromkeys(each for each in found if isinstance(each, str))))


def _parsed(name: str, folder: str, data: bytes) -> Read:
    try:
        return StateFile(name, folder, State.read(data))
    except IacfixError as error:
        return f"the state {name} cannot be read: {error.what}"


def _beside_the_code(repository: Repository) -> Iterator[Read]:
    for folder, paths in repository.index.folders.items():
        if any(map(files.is_terraform, paths)):
            yield from _local(repository, folder, LOCAL)


def _local(repository: Repository, folder: str, backend: LocalBackend) -> Iterator[Read]:
    workspaces = [DEFAULT]
    try:
        top = normpath(join(folder, backend.workspace_dir))
        workspaces += [name.rstrip("/") for name in repository.names_in(top) if name.endswith("/")]
    except IacfixError as error:
        yield _refused(folder, error)
    for workspace in workspaces:
        try:
            path = normpath(join(folder, backend.path_of(workspace)))
            if repository.exists(path):
                yield _parsed(path, folder, repository.read_large(path, MAX_STATE_BYTES))
        except IacfixError as error:
            yield _refused(folder, error)


def _refused(folder: str, error: IacfixError) -> str:
    return f"the state of {folder or 'the root'} cannot be read: {error.what}: hand it over with --state"


def _by_backends(repository: Repository, reader: StateReader | None, buckets: Sequence[str]) -> Iterator[Read]:
    for folder in sorted({dirname(path) for path, _ in repository.index.blocks("terraform")}):
        try:
            backend = find_backend(_documents(repository, folder))
        except IacfixError as error:
            yield _refused(folder, error)
            continue
        match backend:
            case S3Backend() if not buckets or backend.bucket in buckets:
                yield _remote(folder, backend, reader)
            case LocalBackend() if not buckets and backend != LOCAL:
                yield from _local(repository, folder, backend)
            case UnknownBackend(reason):
                yield f"{folder or 'the root'}: {reason}"


def _documents(repository: Repository, folder: str) -> Iterator[AnyDocument]:
    """Those that hold a `terraform` block. Raises DocumentError for what the index took and does not parse."""
    paths = {path for path, _ in repository.index.entries(folder)}
    for path in sorted(paths):
        if any(entry.keyword == "terraform" for entry in repository.index.file(path)):
            yield repository.json_document(path) if files.is_json(path) else repository.document(path)


def _remote(folder: str, backend: S3Backend, reader: StateReader | None) -> Read:
    name = f"s3://{backend.bucket}/{backend.key}"
    if reader is None:
        return f"the state of {folder or 'the root'} is {name}, which is only read with locate.remote_states"
    try:
        return _parsed(name, folder, reader.read(backend, DEFAULT))
    except IacfixError as error:
        return f"the state {name} cannot be read: {error}"
