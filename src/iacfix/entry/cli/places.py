"""From options and configuration to the repositories that findings belong to, with what is known beside their code."""

import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from posixpath import normpath

import click

from iacfix.adapters.aws.stacks import CloudFormationStacks
from iacfix.adapters.aws.state_bucket import S3StateReader
from iacfix.adapters.commit_tree import CommitTree
from iacfix.adapters.index_cache import index_cache
from iacfix.adapters.source_tree import FileSystemTree
from iacfix.config import LocateSettings, RepositorySettings, Settings, StateSetting
from iacfix.domain.errors import InputError
from iacfix.domain.location import FixAt
from iacfix.locators.cloudformation import Stacks, StackTemplate
from iacfix.locators.entries import version
from iacfix.locators.locate import Sources, States
from iacfix.locators.repository import Repository
from iacfix.locators.scopes import Scope
from iacfix.ports import StateReader
from iacfix.workflows.repositories import Workplace, Workplaces, only
from iacfix.workflows.states import GivenState, states_of

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5.0, 60.0, 4


def workplaces(
    settings: Settings, repo: str | None, states: tuple[str, ...], base_of: Callable[[str], str] | None = None
) -> Workplaces:
    """`--repo` goes before the repositories of the configuration. `base_of` gives the commit whose files count, by the
    name of a repository; else those of the work tree do. Raises InputError, UsageError.
    """
    if repo is not None:
        given = (*(_state_option(each, repo) for each in states), *settings.locate.states)
        return only(_workplace(repo, Path(repo), given, settings.locate, base_of))
    if not settings.repositories:
        raise click.UsageError("Missing option '--repo', and the configuration names no repositories")
    if states:
        raise click.UsageError("--state goes with --repo: give the states of `repositories` in the configuration")
    return _configured(settings, base_of)


def repository_at(folder: Path, commit: str = "") -> Repository:
    """Its index is kept beside its git folder, where there is one."""
    tree: FileSystemTree | CommitTree
    if commit:
        tree = CommitTree(folder, commit, environment=os.environ)
    else:
        tree = FileSystemTree(folder, environment=os.environ)
    return Repository(tree, index_cache(tree.work_tree, version()))


def folder_of(repository: RepositorySettings) -> Path:
    return repository.path / repository.folder


def _configured(settings: Settings, base_of: Callable[[str], str] | None) -> Workplaces:
    given: dict[str, tuple[StateSetting, ...]] = {}
    for each in settings.repositories:  # one that stands there twice, for two accounts, has the states of both
        given[str(folder_of(each))] = given.get(str(folder_of(each)), ()) + each.states
    scopes = [
        Scope(str(folder_of(each)), each.accounts, each.tags, each.stacks, each.state_buckets)
        for each in settings.repositories
    ]

    @cache
    def opened(name: str) -> Workplace:
        return _workplace(name, Path(name), given[name], settings.locate, base_of)

    @cache
    def in_buckets(name: str, buckets: tuple[str, ...]) -> States:
        return states_of(opened(name).repository, reader=_state_reader(settings.locate), buckets=buckets)

    return Workplaces(scopes, opened, lambda scope: in_buckets(scope.name, scope.state_buckets))


def _workplace(
    name: str,
    folder: Path,
    given: Iterable[StateSetting],
    settings: LocateSettings,
    base_of: Callable[[str], str] | None,
) -> Workplace:
    repository = repository_at(folder, base_of(name) if base_of is not None else "")
    files = [GivenState(str(each.file), each.folder, _content(each.file)) for each in given]

    @cache
    def states() -> States:
        return states_of(repository, files, _state_reader(settings))

    templates = tuple(StackTemplate(stack, normpath(path)) for stack, path in settings.stacks.items())
    stacks = Stacks(templates, _cloudformation() if settings.ask_cloudformation else None)
    return Workplace(name, repository, Sources(states, stacks), FixAt(settings.fix_modules_at))


def _s3() -> S3StateReader:
    return S3StateReader(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, max_attempts=ATTEMPTS)


def _cloudformation() -> CloudFormationStacks:
    return CloudFormationStacks(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, max_attempts=ATTEMPTS)


def _state_reader(settings: LocateSettings) -> StateReader | None:
    return _s3() if settings.remote_states else None


def _state_option(text: str, repo: str) -> StateSetting:
    """Without a folder, the file stands in its own, or belongs to the top."""
    folder, separator, file = text.partition("=")
    if separator:
        folder = normpath(folder.strip("/") or ".")
        return StateSetting(Path(file), "" if folder == "." else folder)
    parent, top = Path(text).resolve().parent, Path(repo).resolve()
    return StateSetting(Path(text), "" if not parent.is_relative_to(top) else _relative(parent, top))


def _relative(folder: Path, top: Path) -> str:
    text = folder.relative_to(top).as_posix()
    return "" if text == "." else text


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        remedy = "give the path of a state file"
        raise InputError(f"the state {file} cannot be read: {error.strerror}", remedy=remedy) from None
