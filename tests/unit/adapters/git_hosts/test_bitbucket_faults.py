"""Each request of opening a pull request and of changing it fails once, in each way. Run again, all is there once."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.conftest import Bitbucket, start
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
from iacfix.testing.bitbucket_server import BitbucketServer, Fault

SAID = '{"type": "error", "error": {"message": "told to fail"}}'
FAULTS: dict[str, tuple[Fault, type[GitHostError]]] = {
    "500": (Fault(500, SAID), HostUnavailableError),
    "429": (Fault(429, SAID, {"Retry-After": "7"}), HostRateLimitedError),
    "409": (Fault(409, SAID), HostConflictError),
    "400": (Fault(400, SAID), HostRefusedError),
    "cut before acting": (Fault(), HostUnavailableError),
    "cut after acting": (Fault(after=True), HostUnavailableError),
}
# A request that reads does the same whatever it fails with.
OPENING_READS, CHANGING_READS = ("500",), ("cut before acting",)
MADE = ("GET branch", "GET commits", "GET diffstat", "GET meta", "GET file")
# As they come when nothing fails.
OPENING = (
    *("GET base", "GET branch", "GET meta of the base", "GET file of the base", "POST src"),
    *(f"{each} as made" for each in MADE),
    *("GET pull requests", "GET default reviewers", "POST pull request", "GET pull requests again"),
)
CHANGING = (
    *("GET base", *MADE[:3], "GET meta of the parent", *MADE[3:], "GET file of the base"),
    *("GET the branch beside", "POST src", *(f"{each} as made" for each in MADE)),
    *("POST git-receive-pack", "GET pull requests", "GET pull request", "PUT pull request"),
)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Bitbucket]:
    with BitbucketServer(BareRepository(tmp_path / "repository")) as server:
        yield Bitbucket(server)


def run(host: Bitbucket, do: Callable[[], HostedPullRequest], at: int, kind: str) -> HostedPullRequest:
    """With the fault, which it has to come to, and then again without."""
    fault, error = FAULTS[kind]
    before = len(host.server.asked)
    host.server.faults = {before + at: fault}
    # Where Bitbucket says that something is in the way, we look what it is, and may find that nothing is.
    with contextlib.suppress(error):
        do()
    assert len(host.server.asked) - before >= at
    host.server.faults = {}
    return do()


def holds_once(host: Bitbucket, base: str, branch: str, content: bytes) -> str:
    (commit,) = host.repository.ahead(branch, base)
    assert not [each for each in host.repository.branches() if each.startswith("iacfix-next/")]
    assert host.repository.blob(host.repository.files(commit)["main.tf"].id) == content
    return commit


@pytest.mark.parametrize("at", range(1, len(OPENING) + 1), ids=OPENING)
def test_opening_again_after_a_fault(host: Bitbucket, at: int) -> None:
    base = start(host, FILES)
    for kind in FAULTS if OPENING[at - 1].startswith("P") else OPENING_READS:
        request = replace(change(base), branch=f"iacfix/{kind.replace(' ', '-')}")

        def do(request: ChangeRequest = request) -> HostedPullRequest:
            return opened(host.connect(), request)

        found = run(host, do, at, kind)
        assert (found.key, found.head) == (KEY, holds_once(host, base, request.branch, AFTER))
        assert [each.number for each in host.connect().pull_requests(request.branch)] == [found.number]


@pytest.mark.parametrize("at", range(1, len(CHANGING) + 1), ids=CHANGING)
def test_changing_again_after_a_fault(host: Bitbucket, at: int) -> None:
    """As the lifecycle does it: what may be replaced is asked anew each time."""
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    for kind in FAULTS if CHANGING[at - 1].startswith("P") else CHANGING_READS:
        content = BETTER + kind.encode()
        # The body changes with the edits, so that there is something to put.
        better = change(base, Edit("main.tf", BEFORE, content))

        def do(better: ChangeRequest = better) -> HostedPullRequest:
            return opened(host.connect(), better, replacing=host.repository.head(BRANCH) or "")

        found = run(host, do, at, kind)
        assert (found.number, found.content) == (first.number, better.content)
        assert found.head == holds_once(host, base, BRANCH, content)
        assert host.count() == 1


def requests_of(host: Bitbucket, request: ChangeRequest, replacing: str = "") -> list[str]:
    before = len(host.server.asked)
    opened(host.connect(), request, replacing)
    return [each.split(" ")[0] for each in host.server.asked[before:]]


def test_the_tables_have_every_request(host: Bitbucket) -> None:
    base = start(host, FILES)
    assert requests_of(host, change(base)) == [each.split(" ")[0] for each in OPENING]
    better = change(base, Edit("main.tf", BEFORE, BETTER))
    assert requests_of(host, better, host.repository.head(BRANCH) or "") == [each.split(" ")[0] for each in CHANGING]
