"""What a user can say about where code stands: repositories, states, stacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from iacfix.config.hosting import GitHostSettings


@dataclass(frozen=True, slots=True)
class StateSetting:
    """A state file on this machine, and the folder of the repository whose code it is the state of."""

    file: Path
    folder: str = ""


@dataclass(frozen=True, slots=True)
class LocateSettings:
    """`states` are those of the repository that `--repo` names. `stacks` maps a stack's name, or a pattern with `*`, to
    the path of its template in the repository.

    The two switches let iacfix use AWS credentials for reading; without them it asks nobody. `fix_modules_at` is what
    is changed where an input of a module's call feeds the attribute at fault: `call` or `module`.
    """

    states: tuple[StateSetting, ...] = ()
    remote_states: bool = False
    ask_cloudformation: bool = False
    stacks: Mapping[str, str] = field(default_factory=dict)
    fix_modules_at: str = "call"


@dataclass(frozen=True, slots=True)
class RepositorySettings:
    """A repository, and which resources its code makes. Every condition that is given must hold. One with a `url` is
    cloned from there into `path`.

    `accounts` and `stacks` hold one that fits (stacks are names or patterns with `*`), `tags` must all fit.
    `state_buckets` says that whatever a state of the repository in one of these buckets knows is made here. `git_host`
    is where its pull requests go, which is the same for all where nothing else is said.
    """

    path: Path
    folder: str = ""
    accounts: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    stacks: tuple[str, ...] = ()
    state_buckets: tuple[str, ...] = ()
    states: tuple[StateSetting, ...] = ()
    git_host: GitHostSettings = field(default_factory=GitHostSettings)
    url: str = ""
