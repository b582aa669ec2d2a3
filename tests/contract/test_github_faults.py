"""Each request of opening a pull request on GitHub × what can go wrong with it: run again, and all is there once."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.contract.conftest import GitHub, start, unhurried
from tests.contract.test_git_host import FILES, change

from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.domain.change_request import ChangeRequest, HostedPullRequest, Person, PullRequestState
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)
from iacfix.ports.git_host import GitHost
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_server import Fault, GitHubServer

REPO = "/repos/{owner}/{repo}"
PULL = f"{REPO}/pulls/{{pull_number}}"
STEPS = (
    f"GET {REPO}",
    f"GET {REPO}/git/ref/{{ref}}",
    f"GET {REPO}/git/ref/{{ref}}",
    f"GET {REPO}/git/commits/{{commit_sha}}",
    f"GET {REPO}/git/trees/{{tree_sha}}",
    f"POST {REPO}/git/blobs",
    f"POST {REPO}/git/trees",
    f"POST {REPO}/git/commits",
    f"POST {REPO}/git/refs",
    f"GET {REPO}/git/ref/{{ref}}",
    f"GET {REPO}/pulls",
    f"POST {REPO}/pulls",
    f"GET {PULL}",
    f"POST {REPO}/issues/{{issue_number}}/labels",
    f"GET {PULL}",
    f"GET {PULL}/reviews",
    f"POST {PULL}/requested_reviewers",
    "POST /graphql viewer",
    f"GET {REPO}/issues/{{issue_number}}/comments",
    f"POST {REPO}/issues/{{issue_number}}/comments",
    f"GET {REPO}/issues/{{issue_number}}/comments",
)
FAULTS: dict[str, tuple[Fault, type[GitHostError]]] = {
    "500": (Fault(500, "Server Error"), HostUnavailableError),
    "403": (Fault(403, "You have exceeded a secondary rate limit", {"Retry-After": "7"}), HostRateLimitedError),
    "409": (Fault(409, "Conflict"), HostConflictError),
    "422": (Fault(422, "Validation Failed"), HostRefusedError),
    "cut before": (Fault(), HostUnavailableError),
    "cut after": (Fault(acted=True), HostUnavailableError),
    "500 after": (Fault(500, "Server Error", acted=True), HostUnavailableError),
}
# Labels and reviewers that GitHub refuses together are asked for one by one: the run goes on.
GOES_ON = {(f"POST {REPO}/issues/{{issue_number}}/labels", "422"), (f"POST {PULL}/requested_reviewers", "422")}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubServer]:
    with GitHubServer(BareRepository(tmp_path_factory.mktemp("github") / "repository")) as made:
        start(GitHub(made), FILES)
        yield made
        assert made.faults == ()


def request_for(server: GitHubServer, name: str) -> ChangeRequest:
    key = hashlib.sha256(name.encode()).hexdigest()
    base = server.state.repository.head("main") or ""
    return replace(change(base, key=key), branch=f"iacfix/fault/{key[:12]}")


def everything(host: GitHost, request: ChangeRequest) -> HostedPullRequest:
    """All that opening a pull request is."""
    assert host.base().commit == request.base
    found = host.ensure_pull_request(request, host.ensure_branch(request))
    assert host.ensure_labels(found, ["security", "iac"]) == ()
    assert host.ensure_reviewers(found, [Person("ann"), Person("acme/cloud", is_team=True)]) == ()
    host.ensure_comment(found, "owners", "Hello.")
    return found


def require_all_once(server: GitHubServer, request: ChangeRequest, found: HostedPullRequest) -> None:
    repository = server.state.repository
    head = repository.head(request.branch)
    assert head is not None
    assert repository.ahead(head, request.base) == (head,)
    (pull,) = [each for each in server.state.pulls.values() if each.branch == request.branch]
    assert (str(pull.number), pull.state, pull.title, pull.body) == (found.number, "open", request.title, request.body)
    assert (sorted(pull.labels), pull.reviewers, pull.teams) == (["iac", "security"], ["ann"], ["cloud"])
    assert [each.body for each in server.state.comments.values() if each.number == pull.number] == [
        "<!-- iacfix:comment=owners -->\nHello."
    ]


def test_the_steps_are_these(server: GitHubServer) -> None:
    before = len(server.requests)
    request = request_for(server, "clean")
    require_all_once(server, request, everything(unhurried(server), request))
    assert server.requests[before:] == STEPS


# A read leaves nothing behind, so that it makes no difference to be cut before or after it.
TABLE = [
    pytest.param(at, fault, id=f"{at} {step} - {fault}")
    for at, step in enumerate(STEPS, start=1)
    for fault in (("500", "403", "cut before") if step.startswith("GET") or "viewer" in step else FAULTS)
]


@pytest.mark.parametrize(("step", "fault"), TABLE)
def test_run_again_after_a_fault(server: GitHubServer, step: int, fault: str) -> None:
    planned, error = FAULTS[fault]
    request = request_for(server, f"{step} {fault}")
    server.fail(step, planned)
    if (STEPS[step - 1], fault) in GOES_ON:
        everything(unhurried(server), request)
    else:
        with pytest.raises(error) as caught:
            everything(unhurried(server), request)
        assert type(caught.value) is error
        assert getattr(caught.value, "seconds", 7) == 7
    found = everything(unhurried(server), request)
    assert found.state is PullRequestState.OPEN
    require_all_once(server, request, found)


MOVING = (
    f"GET {REPO}/git/ref/{{ref}}",
    f"GET {REPO}/compare/{{basehead}}",
    f"GET {REPO}/git/blobs/{{file_sha}}",
    f"GET {REPO}",
)
