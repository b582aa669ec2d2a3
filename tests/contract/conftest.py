import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from tests.contract.aws import answering, aws, moto_url, strict

from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.ports import GitHost

__all__ = ["answering", "aws", "moto_url", "strict"]


class HostUnderTest(Protocol):
    """One repository with one host before it, and a person who uses them without iacfix."""

    def connect(self) -> GitHost:
        """The host anew, as another process would have it."""

    def start(self, files: dict[str, bytes], programs: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> str:
        """The first commit of the default branch; `links` lead out of the repository. Answers with the commit."""

    def commit_on(self, branch: str, path: str, content: bytes) -> str:
        """A person's commit on a branch, which is made from the default branch if need be."""

    def branches(self) -> dict[str, str]: ...

    def commits(self, branch: str, since: str) -> list[str]:
        """Newest first."""

    def message(self, commit: str) -> str: ...

    def changed(self, commit: str) -> dict[str, tuple[str, str, bytes]]:
        """Each path that the commit changes: mode before, mode after, content after."""

    def pull_requests(self) -> dict[str, bytes]:
        """URL and text of each."""

    def everything(self) -> object:
        """All that the host keeps, to be compared."""


@dataclass(frozen=True)
class Local:
    folder: Path

    @property
    def repo(self) -> Path:
        return self.folder / "repo"

    @property
    def out(self) -> Path:
        return self.folder / "pull-requests"

    def connect(self) -> GitHost:
        return LocalGitHost(self.repo, self.out, environment=environment())

    def start(self, files: dict[str, bytes], programs: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> str:
        self.repo.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        for path, content in files.items():
            (self.repo / path).parent.mkdir(parents=True, exist_ok=True)
            (self.repo / path).write_bytes(content)
        for path in programs:
            (self.repo / path).chmod(0o755)
        for path in links:
            (self.repo / path).symlink_to(self.folder)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=start")
        return self.git("rev-parse", "HEAD")

    def commit_on(self, branch: str, path: str, content: bytes) -> str:
        elsewhere = self.folder / f"clone-{len(list(self.folder.iterdir()))}"
        new = () if branch in self.branches() else ("-b", branch)
        self.git("worktree", "add", "--quiet", *new, str(elsewhere), "main" if new else branch)
        (elsewhere / path).write_bytes(content)
        self.git("-C", str(elsewhere), "add", path)
        self.git("-C", str(elsewhere), "commit", "--quiet", "--message=by hand")
        self.git("worktree", "remove", str(elsewhere))
        return self.branches()[branch]

    def branches(self) -> dict[str, str]:
        listing = self.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
        return dict(line.split() for line in listing.splitlines())

    def commits(self, branch: str, since: str) -> list[str]:
        return self.git("rev-list", f"{since}..{branch}").split()

    def message(self, commit: str) -> str:
        return self.git("show", "--no-patch", "--format=%B", commit)

    def changed(self, commit: str) -> dict[str, tuple[str, str, bytes]]:
        lines = self.git("diff-tree", "-r", "--no-commit-id", commit).splitlines()
        found = {}
        for facts, path in (line.split("\t") for line in lines):
            before, after, _, blob, _ = facts.removeprefix(":").split()
            found[path] = (before, after, self.raw("cat-file", "blob", blob))
        return found

    def pull_requests(self) -> dict[str, bytes]:
        files = self.out.iterdir() if self.out.exists() else ()
        return {file.as_uri(): file.read_bytes() for file in files}

    def everything(self) -> object:
        files = [file for place in (self.repo, self.out) for file in sorted(place.rglob("*")) if file.is_file()]
        return [(file, file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_mode) for file in files]

    def git(self, *arguments: str) -> str:
        return self.raw(*arguments).decode().strip()

    def raw(self, *arguments: str) -> bytes:
        person = {f"GIT_{role}_{part}": "ann" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
        command = ["git", "-C", str(self.repo), *arguments]
        return subprocess.run(command, env=environment() | person, check=True, capture_output=True).stdout


def environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


# One line for each adapter: all of them have to pass the whole suite.
HOSTS: dict[str, Callable[[Path], HostUnderTest]] = {"local": Local}


@pytest.fixture(params=sorted(HOSTS))
def host(request: pytest.FixtureRequest, tmp_path: Path) -> HostUnderTest:
    return HOSTS[str(request.param)](tmp_path)
