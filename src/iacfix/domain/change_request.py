"""A pull request, before and after a git host has it."""

from dataclasses import dataclass

from iacfix.domain.proposal import Edit


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """Everything a host needs. `key` identifies the finding in this repository (see pull_requests/identity.py); `body`
    is Markdown and holds the key in a hidden marker. `edits` apply to the commit `base` alone.
    """

    key: str
    branch: str
    base: str
    title: str
    body: str
    commit_message: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What a host answered. `created` is False when it was there already and nothing was changed."""

    url: str
    branch: str
    commit: str
    created: bool
