"""CodeCommit for the contract suite."""

from collections.abc import Iterator
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


@contextmanager
def codecommit(folder: Path) -> Iterator[CodeCommit]:
    with CodeCommitServer(BareRepository(folder / "codecommit.git")) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": server.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }.items():
            patch.setenv(name, value)
        yield CodeCommit(server)
