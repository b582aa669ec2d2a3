"""A pull request, before and after a git host has it."""

from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.proposal import Edit


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a host knows: a login, a team (`is_team`: `org/team`), or an address of mail."""

    name: str
    is_team: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """Everything a host needs. `key` identifies the finding in this repository (see pull_requests/identity.py); `body`
    is Markdown and holds the key in a hidden marker, `commit_message` ends in trailers with the key and the content.

    `edits` apply to the commit `base` alone. `target` is the branch to merge into, "" the default branch. `content` is
    the hash of the edits (pull_requests/identity.py): the same edits on another base are the same content.
    """

    key: str
    branch: str
    base: str
    title: str
    body: str
    commit_message: str
    edits: tuple[Edit, ...]
    content: str = ""
    target: str = ""
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[Person, ...] = ()


class Action(StrEnum):
    """What was done, or would be. See pull_requests/lifecycle.py."""

    OPENED = "opened"
    UPDATED = "updated"
    KEPT = "kept"
    QUEUED = "queued"
    NOT_WANTED = "not_wanted"
    HANDS_OFF = "hands_off"
    CLOSED = "closed"
    VERIFICATION_DUE = "verification_due"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What became of a proposal on its host. `url` and `commit` are "" where there is no pull request.

    `created` is False where it was there already. `reason` is for everything but Action.OPENED.
    """

    url: str
    branch: str
    commit: str
    created: bool
    action: Action = Action.OPENED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BaseCommit:
    branch: str
    commit: str


@dataclass(frozen=True, slots=True)
class BranchState:
    """A branch on the host. `ahead` are the commits beyond the merge base, newest first.

    `key` and `content` are those of the trailers of the one commit that is ahead, where it is one, carries them, and
    its files really are what `content` says; else "". So a branch with `content` holds nothing that a person has made.
    """

    name: str
    head: str
    ahead: tuple[str, ...]
    key: str = ""
    content: str = ""


class PullRequestState(StrEnum):
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class HostedPullRequest:
    """A pull request as its host has it. `number` is the host's, as text; `head` the commit of its branch; `key` and
    `content` come from the markers in its body, "" where somebody took them out. `opened_at` is ISO 8601, "" where the
    host does not say.
    """

    number: str
    url: str
    branch: str
    target: str
    state: PullRequestState
    title: str
    body: str
    head: str
    key: str = ""
    content: str = ""
    draft: bool = False
    labels: tuple[str, ...] = ()
    opened_at: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """`key` is that of our hidden marker, "" in everybody else's. `at` is ISO 8601."""

    id: str
    author: str
    body: str
    at: str
    url: str = ""
    key: str = ""


class Access(StrEnum):
    NONE = "none"
    READ = "read"
    WRITE = "write"
