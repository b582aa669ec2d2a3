"""CodeCommit for the contract suite."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from iacfix.adapters.git_hosts.codecommit import CodeCommitGitHost
from iacfix.ports.git_host import GitHost
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.codecommit_server import ACCESS_KEY, REGION, SECRET_KEY, CodeCommitServer


@dataclass(frozen=True)
class CodeCommit:
    server: CodeCommitServer

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.server.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }

    @property
    def repository(self) -> BareRepository:
        return self.server.git.repository

    def connect(self) -> GitHost:
        return CodeCommitGitHost(self.server.name, writers=("ann",), max_attempts=1)

    def count(self) -> int:
        return len(self.server.pulls.pulls)

    def close_by_hand(self, number: str) -> None:
        self.server.pulls.pulls[number].is_open = False

    def merge_by_hand(self, number: str) -> None:
        head = self.repository.head(self.server.pulls.pulls[number].source)
        assert head is not None
        self.repository.move("main", head)

    def comment_by_hand(self, number: str, body: str) -> None:
        self.server.comment(number, body)

    def edit_by_hand(self, number: str, title: str, body: str) -> None:
        pull = self.server.pulls.pulls[number]
        pull.title, pull.description = title, body

    def asked_to_review(self, number: str) -> tuple[str, ...]:  # noqa: ARG002 - nobody can be asked
        return ()

    def forget(self) -> None:
        pulls = self.server.pulls
        for each in (pulls.pulls, pulls.said, pulls.tokens):
            each.clear()
        for branch in self.repository.branches():
            if branch != self.repository.default_branch:
                self.repository.delete(branch)


@contextmanager
def codecommit(folder: Path) -> Iterator[CodeCommit]:
    with CodeCommitServer(BareRepository(folder / "codecommit.git")) as server, pytest.MonkeyPatch.context() as patch:
        made = CodeCommit(server)
        for name, value in made.environment.items():
            patch.setenv(name, value)
        yield made
