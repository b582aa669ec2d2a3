"""Who is asked to look at a pull request: the owners that the repository names, or people of the configuration."""

from collections.abc import Callable
from functools import cache

from iacfix.config import CODEOWNERS, PullRequestSettings
from iacfix.domain.change_request import BaseCommit, Person
from iacfix.domain.errors import UnsafePathError
from iacfix.ports.git_host import GitHost
from iacfix.pull_requests.codeowners import PLACES, CodeOwners, Syntax, read

# Files on this machine are for people who look at what GitHub would show them.
_SYNTAX = {"github": Syntax.GITHUB, "local": Syntax.GITHUB, "gitlab": Syntax.GITLAB, "bitbucket": Syntax.BITBUCKET}


def reviewers_of(settings: PullRequestSettings, host: GitHost, base: BaseCommit) -> Callable[[str], tuple[Person, ...]]:
    """By the path of a changed file, as the host has it. The owners are read from the base, once, when first asked."""
    if settings.reviewers != (CODEOWNERS,):
        people = tuple(Person(name.removeprefix("@"), is_team="/" in name) for name in settings.reviewers)
        return lambda _path: people

    @cache
    def owners() -> CodeOwners:
        return _owners(host, base)

    return lambda path: owners().of(path)


def _owners(host: GitHost, base: BaseCommit) -> CodeOwners:
    """Of the first place that is there; a link there is followed by no host."""
    syntax = _SYNTAX.get(host.name)
    if syntax is None or not host.limits.reviewers:
        return CodeOwners(())
    for path in PLACES[syntax]:
        try:
            data = host.read(path, base.commit)
        except UnsafePathError:
            continue
        if data is not None:
            return read(data, syntax)
    return CodeOwners(())
