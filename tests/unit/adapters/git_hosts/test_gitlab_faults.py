"""Each request of opening a merge request fails once, in each way. Run again, all is there once."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.contract.conftest import GitLab, start
from tests.contract.test_git_host import AFTER, BEFORE, BETTER, BRANCH, FILES, KEY, change, opened

from iacfix.domain.change_request import ChangeRequest, HostedPullRequest
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)
from iacfix.domain.proposal import Edit
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.gitlab_server import Fault, GitLabServer

LIMITED = Fault(429, "Retry later\n", {"Retry-After": "7"})
FAULTS: dict[str, tuple[Fault, type[GitHostError]]] = {
    "500": (Fault(500), HostUnavailableError),
    "429": (LIMITED, HostRateLimitedError),
    "409": (Fault(409, '{"message": "409 Conflict"}'), HostConflictError),
    "400": (Fault(400, '{"message": "refused"}'), HostRefusedError),
    "cut before acting": (Fault(), HostUnavailableError),
    "cut after acting": (Fault(after=True), HostUnavailableError),
}
# As they come when nothing fails; the last one looks whether somebody was let in at the same time.
OPENING = (
    "GET project",
    "GET base",
    "GET branch",
    "GET files",
    "POST commit",
    "GET merge requests",
    "POST merge request",
    "GET merge requests again",
)
CHANGING = (
    "GET project",
    "GET base",
    "GET branch",
    "GET commits",
    "GET diff",
    "GET files of the parent",
    "GET files",
    "GET blob",
    "GET the branch beside",
    "POST commit",
    "POST git-receive-pack",
    "GET merge requests",
    "PUT merge request",
)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitLab]:
    with GitLabServer(BareRepository(tmp_path / "repository")) as server:
        yield GitLab(server)


def run(host: GitLab, do: Callable[[], HostedPullRequest], at: int, fault: Fault, error: type[GitHostError]) -> int:
    """Answers how many requests the run took that the fault was in, and does it again without."""
    before = len(host.server.asked)
    host.server.faults = {before + at: fault}
    # Where GitLab says that something is in the way, we look what it is, and may find that nothing is.
    with contextlib.suppress(error):
        do()
    taken = len(host.server.asked) - before
    host.server.faults = {}
    found = do()
    assert (found.key, found.head) == (KEY, host.repository.head(BRANCH))
    assert host.count() == 1
    return taken


def holds_once(host: GitLab, base: str, content: bytes) -> None:
    (commit,) = host.repository.ahead(BRANCH, base)
    assert dict(host.repository.branches()) == {"main": base, BRANCH: commit}
    assert host.repository.blob(host.repository.files(commit)["main.tf"].id) == content


@pytest.mark.parametrize("kind", sorted(FAULTS))
@pytest.mark.parametrize("at", range(1, len(OPENING) + 1), ids=OPENING)
def test_opening_again_after_a_fault(host: GitLab, at: int, kind: str) -> None:
    base = start(host, FILES)
    fault, error = FAULTS[kind]
    assert run(host, lambda: opened(host.connect(), change(base)), at, fault, error) >= at
    holds_once(host, base, AFTER)


@pytest.mark.parametrize("at", range(1, len(CHANGING) + 1), ids=CHANGING)
def test_changing_again_after_a_fault(host: GitLab, at: int) -> None:
    """As the lifecycle does it: what may be replaced is asked anew each time."""
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    # A request that reads does the same whatever it fails with: see the table of opening.
    kinds = FAULTS if CHANGING[at - 1].startswith("P") else ("500", "cut before acting")
    for kind in kinds:
        fault, error = FAULTS[kind]
        content = BETTER + kind.encode()
        better = change(base, Edit("main.tf", BEFORE, content))

        def do(better: ChangeRequest = better) -> HostedPullRequest:
            head = host.repository.head(BRANCH)
            assert head is not None
            return opened(host.connect(), better, replacing=head)

        assert run(host, do, at, fault, error) >= at
        assert [each.number for each in host.connect().pull_requests(BRANCH)] == [first.number]
        holds_once(host, base, content)


def requests_of(host: GitLab, request: ChangeRequest, replacing: str = "") -> int:
    before = len(host.server.asked)
    opened(host.connect(), request, replacing)
    return len(host.server.asked) - before


def test_the_tables_have_every_request(host: GitLab) -> None:
    base = start(host, FILES)
    assert requests_of(host, change(base)) == len(OPENING)
    head = host.repository.head(BRANCH) or ""
    assert requests_of(host, change(base, Edit("main.tf", BEFORE, BETTER)), head) == len(CHANGING)
