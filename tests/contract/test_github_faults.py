"""Each request of opening a pull request on GitHub, and what can go wrong with it: run again, and all is there once."""

import hashlib
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.contract.conftest import GitHub, start, unhurried
from tests.contract.test_git_host import BEFORE, FILES, change
from tests.contract.test_git_host import BETTER as BETTER_TEXT

from iacfix.domain.change_request import ChangeRequest, HostedPullRequest, Person, PullRequestState
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)
from iacfix.domain.proposal import Edit
from iacfix.ports.git_host import GitHost
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_server import Fault, GitHubServer
from iacfix.testing.github_state import Pull

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


BETTER = (
    f"GET {REPO}",
    f"GET {REPO}/git/ref/{{ref}}",
    f"GET {REPO}/compare/{{basehead}}",
    f"GET {REPO}/git/blobs/{{file_sha}}",
    f"GET {REPO}/git/commits/{{commit_sha}}",
    f"GET {REPO}/git/trees/{{tree_sha}}",
    f"POST {REPO}/git/blobs",
    f"POST {REPO}/git/trees",
    f"POST {REPO}/git/commits",
    "POST /graphql updateRefs",
    f"GET {REPO}/git/ref/{{ref}}",
    f"GET {REPO}/pulls",
    f"PATCH {PULL}",
)
SWAP = BETTER.index("POST /graphql updateRefs") + 1


def better(request: ChangeRequest) -> ChangeRequest:
    made = change(request.base, Edit("main.tf", BEFORE, BETTER_TEXT), key=request.key)
    return replace(made, branch=request.branch, title="Another title")


def updated(host: GitHost, request: ChangeRequest, replacing: str) -> HostedPullRequest:
    return host.ensure_pull_request(request, host.ensure_branch(request, replacing=replacing))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", [SWAP, len(BETTER)], ids=["move the branch", "rewrite the pull request"])
def test_run_again_after_a_fault_in_an_update(server: GitHubServer, step: int, fault: str) -> None:
    request = request_for(server, f"update {step} {fault}")
    first = updated(unhurried(server), request, "")
    planned, error = FAULTS[fault]
    before = len(server.requests)
    server.fail(step, planned)
    with pytest.raises(error):
        updated(unhurried(server), better(request), first.head)
    assert server.requests[before + step - 1] == BETTER[step - 1]
    second = updated(unhurried(server), better(request), first.head)
    assert (second.number, second.title) == (first.number, "Another title")
    assert server.state.repository.ahead(second.head, request.base) == (second.head,)
    assert len([each for each in server.state.pulls.values() if each.branch == request.branch]) == 1


def test_a_push_between_our_look_and_the_move_stays(server: GitHubServer) -> None:
    """What REST cannot do: its PATCH of a ref would have thrown the push away."""
    request = request_for(server, "push")
    first = updated(unhurried(server), request, "")
    push = partial(server.state.repository.commit_files, request.branch, {"main.tf": b"# by hand\n"}, "by hand\n")
    server.meanwhile(SWAP, push)
    with pytest.raises(HostConflictError):
        updated(unhurried(server), better(request), first.head)
    head = server.state.repository.head(request.branch)
    assert head is not None
    assert server.state.repository.blob(server.state.repository.files(head)["main.tf"].id) == b"# by hand\n"


def test_a_push_between_our_look_and_the_deletion_stays(server: GitHubServer) -> None:
    request = request_for(server, "push before deletion")
    head = unhurried(server).ensure_branch(request)
    push = partial(server.state.repository.commit_files, request.branch, {"main.tf": b"# by hand\n"}, "by hand\n")
    server.meanwhile(3, push)
    with pytest.raises(HostConflictError):
        unhurried(server).delete_branch(request.branch, head)
    assert server.state.repository.head(request.branch) not in {None, head}


def test_a_branch_that_somebody_makes_meanwhile_is_theirs(server: GitHubServer) -> None:
    request = request_for(server, "branch")
    files = {"main.tf": b"# mine\n"}
    server.meanwhile(STEPS.index(f"POST {REPO}/git/refs"), lambda: theirs(server, request, files))
    with pytest.raises(HostConflictError):
        unhurried(server).ensure_branch(request)
    found = unhurried(server).branch(request.branch, request.base)
    assert found is not None
    assert (len(found.ahead), found.content) == (1, "")


def theirs(server: GitHubServer, request: ChangeRequest, files: Mapping[str, bytes | None]) -> None:
    server.state.repository.commit_files(request.branch, files, "mine\n")


def test_a_pull_request_that_another_process_opens_meanwhile_is_found(server: GitHubServer) -> None:
    request = request_for(server, "pull")
    commit = unhurried(server).ensure_branch(request)
    other = Pull(
        len(server.state.pulls) + 1,
        request.title,
        request.body,
        request.branch,
        "main",
        "iacfix-bot",
        commit,
        request.base,
        "2026-01-01T00:00:00Z",
    )
    server.meanwhile(4, lambda: server.state.pulls.update({other.number: other}))
    before = len(server.requests)
    assert unhurried(server).ensure_pull_request(request, commit).number == str(other.number)
    assert server.requests[before + 3] == f"POST {REPO}/pulls"


def test_of_ten_processes_one_opens_and_all_find(server: GitHubServer) -> None:
    request = request_for(server, "ten")
    program = Path(__file__).with_name("ten_processes.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(program)],
        input=pickle.dumps((server.api_url, request)),
        capture_output=True,
        check=False,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    answers = done.stdout.decode().splitlines()
    assert len(answers) == 10
    (answer,) = set(answers)
    found = unhurried(server).pull_requests(request.branch)
    assert [answer] == [f"{each.number} {each.head} owners" for each in found]
    assert server.state.repository.ahead(found[0].head, request.base) == (found[0].head,)
    assert [each.body for each in server.state.comments.values() if str(each.number) == found[0].number] == [
        "<!-- iacfix:comment=owners -->\nHello."
    ]
