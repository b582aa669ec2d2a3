import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest
from tests.contract.aws import answering, aws, moto_url, strict
from tests.contract.codecommit import codecommit

from iacfix.adapters.git_hosts.bitbucket import BitbucketHost
from iacfix.adapters.git_hosts.bitbucket_client import BitbucketToken
from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.adapters.git_hosts.github_credentials import Pace, Token
from iacfix.adapters.git_hosts.gitlab import GitLabHost
from iacfix.adapters.git_hosts.gitlab_client import GitLabToken
from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.ports.git_host import GitHost
from iacfix.testing.bare_repository import BareRepository, Entry
from iacfix.testing.bitbucket_server import BitbucketServer
from iacfix.testing.bitbucket_state import ACCESS_TOKEN, FULL_NAME, Remark
from iacfix.testing.github_server import GitHubServer
from iacfix.testing.github_state import DEFAULT_TOKEN
from iacfix.testing.gitlab_server import GitLabServer
from iacfix.testing.gitlab_state import DEFAULT_TOKEN as GITLAB_TOKEN
from iacfix.testing.gitlab_state import PROJECT_PATH, Note

__all__ = ["answering", "aws", "moto_url", "strict"]


ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


class HostUnderTest(Protocol):
    """One repository with one host before it, and a person who uses them without iacfix."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the adapter's process has to find in its environment; `HOSTS` sees to it for this one."""

    @property
    def repository(self) -> BareRepository:
        """What the host keeps, for the test to look into and for a person to push to."""

    def connect(self) -> GitHost:
        """The host anew, as another process would have it."""

    def count(self) -> int:
        """How many pull requests there are, in any state."""

    def close_by_hand(self, number: str) -> None:
        """A person closes it without merging."""

    def merge_by_hand(self, number: str) -> None:
        """A person merges it with a merge commit or a fast-forward."""

    def comment_by_hand(self, number: str, body: str) -> None:
        """Somebody else writes a comment."""

    def edit_by_hand(self, number: str, title: str, body: str) -> None:
        """A person writes another title and another text."""

    def asked_to_review(self, number: str) -> tuple[str, ...]:
        """The logins of those whom iacfix has asked."""

    def forget(self) -> None:
        """As if there never had been a pull request: faster than another host."""


def start(
    host: HostUnderTest, files: Mapping[str, bytes], programs: tuple[str, ...] = (), links: tuple[str, ...] = ()
) -> str:
    """The first commit of the default branch; `links` lead out of the repository. Answers with the commit."""
    repository = host.repository
    tree = {
        path: Entry("100755" if path in programs else "100644", repository.write_blob(data))
        for path, data in files.items()
    }
    tree |= {path: Entry("120000", repository.write_blob(b"/etc")) for path in links}
    made = repository.write_commit(repository.write_tree(tree), [], "start\n")
    repository.move(repository.default_branch, made)
    return made


@dataclass(frozen=True)
class Local:
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def repository(self) -> BareRepository:
        """A work tree's own folder of git does as well as a bare repository."""
        if not (self.folder / "repo").exists():
            command = ["git", "init", "--quiet", "--initial-branch=main", str(self.folder / "repo")]
            subprocess.run(command, check=True, env=ENVIRONMENT)
        return BareRepository(self.folder / "repo" / ".git")

    @property
    def out(self) -> Path:
        return self.folder / "pull-requests"

    def connect(self) -> GitHost:
        return LocalGitHost(self.folder / "repo", self.out, environment=ENVIRONMENT)

    def count(self) -> int:
        return len(list(self.out.glob("*.md"))) if self.out.exists() else 0

    def close_by_hand(self, number: str) -> None:
        self._rewrite(number, 'state: "open"', 'state: "closed"')

    def merge_by_hand(self, number: str) -> None:
        (path,) = self._files(number)
        branch = next(line for line in path.read_text().splitlines() if line.startswith("branch: "))
        head = self.repository.head(branch.removeprefix("branch: ").strip('"'))
        assert head is not None
        self.repository.move("main", head)

    def comment_by_hand(self, number: str, body: str) -> None:
        said = '[{"id": "1", "author": "ann", "at": "2026-01-01T00:00:00+00:00", "body": %s}]'
        self._rewrite(number, "comments: []", f"comments: {said % json.dumps(body)}")

    def edit_by_hand(self, number: str, title: str, body: str) -> None:
        (path,) = self._files(number)
        front = path.read_text().partition("\n---\n")[0]
        front = "\n".join(
            f"title: {json.dumps(title)}" if line.startswith("title: ") else line for line in front.split("\n")
        )
        path.write_text(f"{front}\n---\n\n{body}")

    def asked_to_review(self, number: str) -> tuple[str, ...]:
        (path,) = self._files(number)
        line = next(line for line in path.read_text().splitlines() if line.startswith("reviewers: "))
        return tuple(json.loads(line.removeprefix("reviewers: ")))

    def forget(self) -> None:
        for path in self.out.glob("*.md"):
            path.unlink()
        forget_branches(self.repository)

    def _files(self, number: str) -> list[Path]:
        return [each for each in self.out.glob("*.md") if f'number: "{number}"' in each.read_text()]

    def _rewrite(self, number: str, old: str, new: str) -> None:
        (path,) = self._files(number)
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


@contextmanager
def local(folder: Path) -> Iterator[HostUnderTest]:
    yield Local(folder)


def forget_branches(repository: BareRepository) -> None:
    for branch in repository.branches():
        if branch != repository.default_branch:
            repository.delete(branch)


def unhurried(server: GitHubServer, token: str = DEFAULT_TOKEN) -> GitHubHost:
    """No pauses, and nothing is tried again by itself."""
    pace = Pace(between_requests=0, between_writes=0, retries=0)
    return GitHubHost("acme/infra", Token(token), api_url=server.api_url, pace=pace)


@dataclass(frozen=True)
class GitHub:
    server: GitHubServer
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def repository(self) -> BareRepository:
        return self.server.state.repository

    def connect(self) -> GitHost:
        return unhurried(self.server)

    def count(self) -> int:
        return len(self.server.state.pulls)

    def close_by_hand(self, number: str) -> None:
        self.server.close(number)

    def merge_by_hand(self, number: str) -> None:
        self.server.merge(number)

    def comment_by_hand(self, number: str, body: str) -> None:
        self.server.comment(number, "ann", body)

    def edit_by_hand(self, number: str, title: str, body: str) -> None:
        pull = self.server.state.pull(number)
        pull.title, pull.body = title, body

    def asked_to_review(self, number: str) -> tuple[str, ...]:
        return tuple(self.server.state.pull(number).reviewers)

    def forget(self) -> None:
        self.server.state.pulls.clear()
        self.server.state.comments.clear()
        forget_branches(self.repository)


@contextmanager
def github(folder: Path) -> Iterator[HostUnderTest]:
    """Every request and every answer of the suite has to be as GitHub's own description has it."""
    with GitHubServer(BareRepository(folder / "repository")) as server:
        yield GitHub(server)
        assert server.faults == ()


@dataclass(frozen=True)
class GitLab:
    server: GitLabServer
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def repository(self) -> BareRepository:
        return self.server.state.repository

    def connect(self) -> GitHost:
        return GitLabHost(PROJECT_PATH, GitLabToken(GITLAB_TOKEN), url=self.server.url, patience=0)

    def count(self) -> int:
        return len(self.server.state.merges)

    def close_by_hand(self, number: str) -> None:
        self.server.state.merge(number).state = "closed"

    def merge_by_hand(self, number: str) -> None:
        merge = self.server.state.merge(number)
        head = self.repository.head(merge.source_branch)
        assert head is not None
        self.repository.move(merge.target_branch, head)
        merge.state = "merged"

    def comment_by_hand(self, number: str, body: str) -> None:
        state = self.server.state
        state.merge(number).notes.append(Note(state.next_id(), state.user("ann"), body, state.now()))

    def edit_by_hand(self, number: str, title: str, body: str) -> None:
        merge = self.server.state.merge(number)
        merge.title, merge.description = title, body

    def asked_to_review(self, number: str) -> tuple[str, ...]:
        return tuple(each.username for each in self.server.state.merge(number).reviewers)

    def forget(self) -> None:
        self.server.state.merges.clear()
        forget_branches(self.repository)


@contextmanager
def gitlab(folder: Path) -> Iterator[HostUnderTest]:
    with GitLabServer(BareRepository(folder / "repository")) as server:
        yield GitLab(server)


@dataclass(frozen=True)
class Bitbucket:
    server: BitbucketServer
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def repository(self) -> BareRepository:
        return self.server.state.repository

    def connect(self) -> GitHost:
        token = BitbucketToken(ACCESS_TOKEN)
        return BitbucketHost(FULL_NAME, token, url=self.server.url, git_url=self.server.git_url, patience=0)

    def count(self) -> int:
        return len(self.server.state.pulls)

    def close_by_hand(self, number: str) -> None:
        self.server.state.pull(number).state = "DECLINED"

    def merge_by_hand(self, number: str) -> None:
        pull = self.server.state.pull(number)
        head = self.repository.head(pull.source)
        assert head is not None
        self.repository.move(pull.destination, head)
        pull.state = "MERGED"

    def comment_by_hand(self, number: str, body: str) -> None:
        state = self.server.state
        state.pull(number).remarks.append(Remark(state.next_id(), state.user("ann"), body, state.now()))

    def edit_by_hand(self, number: str, title: str, body: str) -> None:
        pull = self.server.state.pull(number)
        pull.title, pull.description = title, body

    def asked_to_review(self, number: str) -> tuple[str, ...]:
        return tuple(each.nickname for each in self.server.state.pull(number).reviewers)

    def forget(self) -> None:
        self.server.state.pulls.clear()
        forget_branches(self.repository)


@contextmanager
def bitbucket(folder: Path) -> Iterator[HostUnderTest]:
    with BitbucketServer(BareRepository(folder / "repository")) as server:
        yield Bitbucket(server)


# One line for each adapter: all of them have to pass the whole suite.
HOSTS: dict[str, Callable[[Path], AbstractContextManager[HostUnderTest]]] = {
    "bitbucket": bitbucket,
    "codecommit": codecommit,
    "github": github,
    "gitlab": gitlab,
    "local": local,
}


@pytest.fixture(params=sorted(HOSTS))
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HostUnderTest]:
    with HOSTS[str(request.param)](tmp_path) as made:
        yield made
