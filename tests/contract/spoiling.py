"""Requests of every host's adapter, by their names, and each of them spoiled in every way: what a table of steps and
faults is made of. A host joins by a line in SPOILERS.
"""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from tests.contract.codecommit import CodeCommit
from tests.contract.conftest import ENVIRONMENT, Bitbucket, GitHub, GitLab, HostUnderTest, Local

from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.ports.git_host import GitHost
from iacfix.testing.bitbucket_server import Fault as BitbucketFault
from iacfix.testing.codecommit_server import Fault as CodeCommitFault
from iacfix.testing.github_server import Fault as GitHubFault
from iacfix.testing.gitlab_server import Fault as GitLabFault
from iacfix.testing.gitlab_state import PROJECT_PATH

BEFORE, AFTER = "cut before", "cut after"
KINDS = ("5xx", "rate limit", "conflict", "refused", BEFORE, AFTER, "5xx after")
READING = ("5xx", "rate limit", "refused", BEFORE)
"""A request that only reads leaves nothing behind, so that after it is as before it."""
LIMITED = 7
"""Seconds that a host asks to be left alone."""


class Spoiler(Protocol):
    @property
    def host(self) -> HostUnderTest:
        """The one that is spoiled."""

    def asked(self) -> Sequence[str]:
        """Names of the requests so far, in their order. One that writes does not begin with GET or `Get`."""

    def spoil(self, at: int, kind: str) -> None:
        """The `at`-th request from now on, the next being 1."""

    @property
    def kinds(self) -> Sequence[str]:
        """Of KINDS, those that can come to this host."""


@dataclass(frozen=True)
class SpoiledGitHub:
    host: GitHub
    kinds: Sequence[str] = KINDS

    def asked(self) -> Sequence[str]:
        root = "/repos/{owner}/{repo}"
        return [each.replace(f"{root}/", "/") for each in self.host.server.requests]

    def spoil(self, at: int, kind: str) -> None:
        limit = {"Retry-After": str(LIMITED)}
        faults: dict[str, GitHubFault] = {
            "5xx": GitHubFault(502, "Server Error"),
            "rate limit": GitHubFault(403, "You have exceeded a secondary rate limit", limit),
            "conflict": GitHubFault(409, "Conflict"),
            "refused": GitHubFault(422, "Validation Failed"),
            BEFORE: GitHubFault(),
            AFTER: GitHubFault(acted=True),
            "5xx after": GitHubFault(502, "Server Error", acted=True),
        }
        self.host.server.fail(at, faults[kind])


@dataclass(frozen=True)
class SpoiledGitLab:
    host: GitLab
    kinds: Sequence[str] = KINDS

    def asked(self) -> Sequence[str]:
        return [_without_ids(each) for each in self.host.server.asked]

    def spoil(self, at: int, kind: str) -> None:
        limit = {"Retry-After": str(LIMITED)}
        faults: dict[str, GitLabFault] = {
            "5xx": GitLabFault(502),
            "rate limit": GitLabFault(429, "Retry later\n", limit),
            "conflict": GitLabFault(409, '{"message": "409 Conflict"}'),
            "refused": GitLabFault(400, '{"message": "refused"}'),
            BEFORE: GitLabFault(),
            AFTER: GitLabFault(after=True),
            "5xx after": GitLabFault(502, after=True),
        }
        self.host.server.faults = {len(self.host.server.asked) + at: faults[kind]}


@dataclass(frozen=True)
class SpoiledBitbucket:
    host: Bitbucket
    kinds: Sequence[str] = KINDS

    def asked(self) -> Sequence[str]:
        return [_of_bitbucket(each) for each in self.host.server.asked]

    def spoil(self, at: int, kind: str) -> None:
        said = '{"type": "error", "error": {"message": "told to fail"}}'
        faults: dict[str, BitbucketFault] = {
            "5xx": BitbucketFault(502, said),
            "rate limit": BitbucketFault(429, said, {"Retry-After": str(LIMITED)}),
            "conflict": BitbucketFault(409, said),
            "refused": BitbucketFault(400, said),
            BEFORE: BitbucketFault(),
            AFTER: BitbucketFault(after=True),
            "5xx after": BitbucketFault(502, said, after=True),
        }
        self.host.server.faults = {len(self.host.server.asked) + at: faults[kind]}


@dataclass(frozen=True)
class SpoiledCodeCommit:
    host: CodeCommit
    kinds: Sequence[str] = KINDS[:-1]

    def asked(self) -> Sequence[str]:
        return self.host.server.operations

    def spoil(self, at: int, kind: str) -> None:
        faults: dict[str, CodeCommitFault] = {
            "5xx": CodeCommitFault("ServiceUnavailable", 503),
            "rate limit": CodeCommitFault("ThrottlingException", 429),
            "conflict": CodeCommitFault("ConcurrentReferenceUpdateException"),
            "refused": CodeCommitFault("ValidationException"),
            BEFORE: CodeCommitFault(cut=True),
            AFTER: CodeCommitFault(cut=True, acted=True),
        }
        self.host.server.fail(faults[kind], at=at - 1)


_GIT = """#!/bin/sh
for word; do case "$word" in {writes}) name=$word; break;; esac; done
[ "$word" = hash-object ] && case " $* " in *" -w "*) ;; *) name=;; esac
[ -n "$name" ] || exec {git} "$@"
echo "$name" >> {folder}/asked
read at how < {folder}/plan
[ "$at" -gt 0 ] && echo "$((at - 1)) $how" > {folder}/plan
[ "$at" = 1 ] || exec {git} "$@"
[ "$how" = after ] && {git} "$@" > /dev/null
kill -9 $$
"""
_WRITES = "hash-object|read-tree|update-index|write-tree|commit-tree|update-ref"


@dataclass(frozen=True)
class Killed:
    """Git as the local host uses it: the `at`-th program of git that writes is killed, before or after it has."""

    local: Local

    @property
    def repository(self) -> object:
        return self.local.repository

    def __getattr__(self, name: str) -> object:
        return getattr(self.local, name)

    @property
    def tools(self) -> Path:
        folder = self.local.folder / "tools"
        if not folder.exists():
            folder.mkdir(parents=True)
            program = folder / "git"
            git = shutil.which("git", path=ENVIRONMENT["PATH"])
            program.write_text(_GIT.format(writes=_WRITES, git=git, folder=folder))
            program.chmod(0o755)
            (folder / "asked").touch()
            (folder / "plan").write_text("0 none\n")
        return folder

    def connect(self) -> GitHost:
        environment = {**ENVIRONMENT, "PATH": os.pathsep.join((str(self.tools), ENVIRONMENT["PATH"]))}
        return LocalGitHost(self.local.folder / "repo", self.local.out, environment=environment)


@dataclass(frozen=True)
class SpoiledLocal:
    host: HostUnderTest
    killed: Killed
    kinds: Sequence[str] = (BEFORE, AFTER)

    def asked(self) -> Sequence[str]:
        return [f"git {each}" for each in (self.killed.tools / "asked").read_text().splitlines()]

    def spoil(self, at: int, kind: str) -> None:
        (self.killed.tools / "plan").write_text(f"{at} {'after' if kind == AFTER else 'before'}\n")


def _local(host: HostUnderTest) -> Spoiler:
    killed = Killed(cast("Local", host))
    return SpoiledLocal(cast("HostUnderTest", killed), killed)


SPOILERS: dict[str, Callable[[HostUnderTest], Spoiler]] = {
    "bitbucket": lambda host: SpoiledBitbucket(cast("Bitbucket", host)),
    "codecommit": lambda host: SpoiledCodeCommit(cast("CodeCommit", host)),
    "github": lambda host: SpoiledGitHub(cast("GitHub", host)),
    "gitlab": lambda host: SpoiledGitLab(cast("GitLab", host)),
    "local": _local,
}


def writes(name: str) -> bool:
    return not re.match(r"GET |Get|List|POST /graphql viewer", name)


def _without_ids(request: str) -> str:
    verb, _, address = request.partition(" ")
    path = re.sub(r".*/api/v4", "", address.partition("?")[0]).replace(PROJECT_PATH.replace("/", "%2F"), "{id}")
    path = path.removeprefix("/projects/{id}").replace(f"/git/{PROJECT_PATH}.git", "git")
    path = re.sub(r"/[0-9a-f]{40}\b", "/{sha}", path)
    path = re.sub(r"(branches)/[^/]+", r"\1/{branch}", path)
    return f"{verb} {re.sub(r'/[0-9]+', '/{iid}', path) or '/projects/{id}'}"


def _of_bitbucket(request: str) -> str:
    verb, _, address = request.partition(" ")
    path = address.partition("?")[0].removeprefix("/2.0").removeprefix("/repositories/acme/infra")
    path = re.sub(r"/[0-9a-f]{12,40}\b", "/{sha}", path).replace("/acme/infra.git", "git")
    path = re.sub(r"(branches)/.+", r"\1/{branch}", path)
    return f"{verb} {re.sub(r'/[0-9]+', '/{id}', path) or '/'}"
