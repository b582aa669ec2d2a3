import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from tests.contract.aws import answering, aws, moto_url, strict
from tests.contract.codecommit import codecommit

from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.ports.git_host import GitHost
from iacfix.testing.bare_repository import BareRepository, Entry

__all__ = ["answering", "aws", "moto_url", "strict"]


ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


class HostUnderTest(Protocol):
    """One repository with one host before it, and a person who uses them without iacfix."""

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


# One line for each adapter: all of them have to pass the whole suite.
HOSTS: dict[str, Callable[[Path], AbstractContextManager[HostUnderTest]]] = {"codecommit": codecommit, "local": local}


@pytest.fixture(params=sorted(HOSTS))
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HostUnderTest]:
    with HOSTS[str(request.param)](tmp_path) as made:
        yield made
