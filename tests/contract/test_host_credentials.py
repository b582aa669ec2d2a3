"""No error of any adapter, and nothing that is logged, holds the credential: not even where the host says it back."""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from tests.contract.conftest import HOSTS, HostUnderTest, start
from tests.contract.test_git_host import BRANCH, FILES, change, opened

from iacfix.adapters.git_hosts.bitbucket import BitbucketHost
from iacfix.adapters.git_hosts.bitbucket_client import BitbucketToken
from iacfix.adapters.git_hosts.codecommit import CodeCommitGitHost
from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.adapters.git_hosts.github_credentials import Pace, Token
from iacfix.adapters.git_hosts.gitlab import GitLabHost
from iacfix.adapters.git_hosts.gitlab_client import GitLabToken
from iacfix.domain.change_request import ChangeRequest, HostedPullRequest, Person
from iacfix.domain.errors import GitHostError
from iacfix.ports.git_host import GitHost
from iacfix.testing import bitbucket_server, codecommit_server, github_server, gitlab_server
from iacfix.testing.bitbucket_state import ACCESS_TOKEN, FULL_NAME
from iacfix.testing.gitlab_state import PROJECT_PATH

if TYPE_CHECKING:
    from tests.contract.codecommit import CodeCommit
    from tests.contract.conftest import Bitbucket, GitHub, GitLab

MARKED = "MarkedSecretOfTests"
SECRETS = (MARKED, ACCESS_TOKEN)
STATUSES = (400, 401, 403, 404, 409, 422, 429, 500, 503)


def github(host: HostUnderTest) -> GitHost:
    server = cast("GitHub", host).server
    server.state.tokens[MARKED] = "iacfix-bot"
    return GitHubHost("acme/infra", Token(MARKED), api_url=server.api_url, pace=Pace(0, 0, 0))


def gitlab(host: HostUnderTest) -> GitHost:
    server = cast("GitLab", host).server
    server.state.tokens["private", MARKED] = server.state.user("iacfix-bot")
    return GitLabHost(PROJECT_PATH, GitLabToken(MARKED), url=server.url, patience=0)


def bitbucket(host: HostUnderTest) -> GitHost:
    server = cast("Bitbucket", host).server
    return BitbucketHost(FULL_NAME, BitbucketToken(ACCESS_TOKEN), url=server.url, git_url=server.git_url, patience=0)


def codecommit(host: HostUnderTest) -> GitHost:
    return CodeCommitGitHost(cast("CodeCommit", host).server.name, max_attempts=1)


def spoiled_github(host: HostUnderTest) -> Iterator[Callable[[], object]]:
    server = cast("GitHub", host).server
    for status in STATUSES:
        fault = github_server.Fault(status, f"you sent Authorization: token {MARKED}, https://me:{MARKED}@host")
        yield lambda fault=fault: server.fail(1, fault)  # type: ignore[misc] # the fault of this turn
    yield lambda: server.fail(1, github_server.Fault())
    yield lambda: server.garble(1, MARKED.encode())


def spoiled_gitlab(host: HostUnderTest) -> Iterator[Callable[[], object]]:
    server = cast("GitLab", host).server

    def plan(fault: gitlab_server.Fault) -> None:
        server.faults = {len(server.asked) + 1: fault}

    for status in STATUSES:
        for body in (f'{{"message": {{"PRIVATE-TOKEN": ["{MARKED}"]}}}}', f"PRIVATE-TOKEN: {MARKED}"):
            yield lambda status=status, body=body: plan(gitlab_server.Fault(status, body))  # type: ignore[misc] # as above
    yield lambda: plan(gitlab_server.Fault())
    yield lambda: plan(gitlab_server.Fault(302, "", {"Location": f"http://me:{MARKED}@127.0.0.1:9/"}))


def spoiled_bitbucket(host: HostUnderTest) -> Iterator[Callable[[], object]]:
    server = cast("Bitbucket", host).server

    def plan(fault: bitbucket_server.Fault) -> None:
        server.faults = {len(server.asked) + 1: fault}

    for status in STATUSES:
        said = f'{{"type": "error", "error": {{"message": "Bearer {ACCESS_TOKEN}", "detail": "{ACCESS_TOKEN}"}}}}'
        yield lambda status=status, said=said: plan(bitbucket_server.Fault(status, said))  # type: ignore[misc] # as above
    yield lambda: plan(bitbucket_server.Fault())
    yield lambda: plan(bitbucket_server.Fault(302, "", {"Location": f"http://me:{ACCESS_TOKEN}@127.0.0.1:9/"}))


def spoiled_codecommit(host: HostUnderTest) -> Iterator[Callable[[], object]]:
    """A service of AWS is never told the secret: what it says of the signature is not quoted all the same."""
    server = cast("CodeCommit", host).server
    for code, status in {
        "SignatureDoesNotMatch": 403,
        "UnrecognizedClientException": 400,
        "AccessDeniedException": 400,
        "ThrottlingException": 429,
        "ServiceUnavailable": 503,
        "ValidationException": 400,
    }.items():
        fault = codecommit_server.Fault(code, status)
        yield lambda fault=fault: server.fail(fault, at=0)  # type: ignore[misc] # as above
    yield lambda: server.fail(codecommit_server.Fault(cut=True), at=0)


CONNECTED: Mapping[str, Callable[[HostUnderTest], GitHost]] = {
    "bitbucket": bitbucket,
    "codecommit": codecommit,
    "github": github,
    "gitlab": gitlab,
}
SPOILED: Mapping[str, Callable[[HostUnderTest], Iterator[Callable[[], object]]]] = {
    "bitbucket": spoiled_bitbucket,
    "codecommit": spoiled_codecommit,
    "github": spoiled_github,
    "gitlab": spoiled_gitlab,
}


def verbs(host: GitHost, request: ChangeRequest, found: HostedPullRequest) -> dict[str, Callable[[], object]]:
    """All of the port's that ask the host something."""
    made: dict[str, Callable[[], object]] = {
        "base": host.base,
        "read": lambda: host.read("main.tf", found.head),
        "branch": lambda: host.branch(BRANCH, request.base),
        "ensure_branch": lambda: host.ensure_branch(request),
        "delete_branch": lambda: host.delete_branch(BRANCH, request.base),
        "pull_requests": lambda: host.pull_requests(BRANCH),
        "open_pull_requests": host.open_pull_requests,
        "ensure_pull_request": lambda: host.ensure_pull_request(request, found.head),
        "close": lambda: host.close(found),
        "comments": lambda: host.comments(found),
        "ensure_comment": lambda: host.ensure_comment(found, "owners", "Hello."),
    }
    if host.limits.labels:
        made["ensure_labels"] = lambda: host.ensure_labels(found, ["other"])
    if host.limits.reviewers:
        made["ensure_reviewers"] = lambda: host.ensure_reviewers(found, [Person("ann")])
    return made


def shown(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
        yield "".join(traceback.format_exception(error))
        error = error.__cause__


@pytest.mark.parametrize("which", sorted(HOSTS.keys() - {"local"}))
def test_no_error_holds_the_credential(
    which: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    with HOSTS[which](tmp_path) as host:
        base = start(host, FILES)
        found = opened(host.connect(), change(base))
        if which == "codecommit":
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", MARKED)
        errors = list(provoked(which, host, change(base), found))
        connection = CONNECTED[which](host)
        assert not any(secret in repr(connection) for secret in SECRETS)
    with pytest.raises(GitHostError) as caught:  # nobody is there any more
        connection.base()
    for error in (*errors, caught.value):
        assert not any(secret in text for secret in SECRETS for text in shown(error)), type(error)
    assert not any(secret in caplog.text for secret in SECRETS)
    # What was said back was told, without it.
    assert which == "codecommit" or any("***" in str(error) for error in errors)


def provoked(
    which: str, host: HostUnderTest, request: ChangeRequest, found: HostedPullRequest
) -> Iterator[GitHostError]:
    told: dict[str, int] = {}
    names: set[str] = set()
    for spoil in SPOILED[which](host):
        asked = verbs(CONNECTED[which](host), request, found)
        names |= asked.keys()
        for name, ask in asked.items():
            spoil()
            try:
                ask()
            except GitHostError as error:
                told[name] = told.get(name, 0) + 1
                yield error
    assert told.keys() == names
