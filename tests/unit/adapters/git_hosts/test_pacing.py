from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.contract.conftest import GitHub, GitLab, start
from tests.contract.test_git_host import FILES, change, opened
from tests.unit.adapters.git_hosts.test_github import key_pair

from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.adapters.git_hosts.github_credentials import AppInstallation, Pace, Token
from iacfix.adapters.git_hosts.gitlab import GitLabHost
from iacfix.adapters.git_hosts.gitlab_client import GitLabToken
from iacfix.adapters.git_hosts.pacing import Limit, Turns
from iacfix.domain.errors import HostForbiddenError, HostRateLimitedError
from iacfix.testing import gitlab_server
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_apps import install
from iacfix.testing.github_server import Fault, GitHubServer
from iacfix.testing.github_state import DEFAULT_TOKEN, App
from iacfix.testing.gitlab_server import GitLabServer
from iacfix.testing.gitlab_state import DEFAULT_TOKEN as GITLAB_TOKEN
from iacfix.testing.gitlab_state import PROJECT_PATH

SECONDARY = "You have exceeded a secondary rate limit"


@dataclass
class Hands:
    """A clock that goes on when somebody sleeps, and not else."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def test_no_more_than_80_in_any_minute() -> None:
    clock = Hands()
    turns = Turns((Limit(80, 60.0),), patience=60.0, clock=clock)
    taken = []
    for _ in range(500):
        turns.take()
        taken.append(clock.at)
        clock.at += 0.125
    assert all(late - early >= 60 for early, late in zip(taken, taken[80:], strict=False))
    assert clock.slept[0] == 50.0


def test_who_would_have_to_wait_too_long_is_told_when_to_come_back() -> None:
    clock = Hands()
    turns = Turns((Limit(2, 3600.0),), patience=60.0, clock=clock)
    for _ in range(2):
        turns.take()
    clock.at += 600
    with pytest.raises(HostRateLimitedError) as caught:
        turns.take()
    assert (caught.value.seconds, clock.slept) == (3000.0, [])
    clock.at += 2950
    turns.take()
    assert clock.slept == [50.0]


def github(server: GitHubServer, clock: Hands, pace: Pace) -> GitHubHost:
    return GitHubHost("acme/infra", Token(DEFAULT_TOKEN), api_url=server.api_url, pace=pace, clock=clock)


def test_github_is_asked_at_its_pace_and_let_alone_as_long_as_it_says(tmp_path: Path) -> None:
    clock = Hands()
    with GitHubServer(BareRepository(tmp_path / "repository")) as server:
        base = start(GitHub(server), FILES)
        host = github(server, clock, Pace(0, 0, retries=2, writes_a_minute=4, writes_an_hour=9))
        found = opened(host, change(base))  # five writes: blob, tree, commit, ref, pull request
        assert clock.slept == [60.0]
        for at in (1, 2):
            server.fail(at, Fault(403, SECONDARY, {"Retry-After": "20"}))
        assert host.pull_requests(found.branch) == (found,)
        assert clock.slept == [60.0, 20.0, 20.0]
        server.fail(1, Fault(403, SECONDARY, {"Retry-After": "61"}))
        with pytest.raises(HostRateLimitedError) as caught:
            host.pull_requests(found.branch)
        assert caught.value.seconds == 61
        for _ in range(3):
            host.ensure_comment(found, "owners", f"Text {len(server.requests)}.")
        assert len(clock.slept) == 3  # four within this minute, the pull request among them
        host.ensure_comment(found, "owners", "The ninth of this hour.")
        assert clock.slept[3:] == [20.0]
        with pytest.raises(HostRateLimitedError) as caught:
            host.ensure_comment(found, "owners", "One too many.")
        assert 60 < caught.value.seconds <= 3600


def test_gitlab_is_let_alone_as_long_as_it_says(tmp_path: Path) -> None:
    clock = Hands()
    with GitLabServer(BareRepository(tmp_path / "repository")) as server:
        base = start(GitLab(server), FILES)
        host = GitLabHost(PROJECT_PATH, GitLabToken(GITLAB_TOKEN), url=server.url, clock=clock)
        limited = {"Retry-After": "20"}
        server.faults = {2: gitlab_server.Fault(429, "Retry later\n", limited)}
        assert host.base().commit == base
        assert clock.slept == [20.0]
        after = len(server.asked)
        server.faults = {after + at: gitlab_server.Fault(429, "Retry later\n", limited) for at in range(1, 9)}
        with pytest.raises(HostRateLimitedError) as caught:
            host.base()
        assert caught.value.seconds == 20
        assert clock.slept == [20.0] * 4  # no longer than a minute altogether


def test_tokens_of_an_app_are_renewed_while_it_works(tmp_path: Path) -> None:
    secret, public = key_pair()
    with GitHubServer(BareRepository(tmp_path / "repository")) as server:
        install(server.state, App("4711", "iac-fixer", public, 77))
        base = start(GitHub(server), FILES)
        app = AppInstallation("4711", secret, 77)
        host = GitHubHost("acme/infra", app, api_url=server.api_url, pace=Pace(0, 0, 0), clock=Hands())
        found = opened(host, change(base))
        assert asked_for_tokens(server) == 1
        server.state.tokens.clear()  # as after a change of what the App may do
        assert host.ensure_labels(found, ["bug"]) == ()
        assert asked_for_tokens(server) == 2
        server.state.tokens.clear()
        server.state.apps.clear()
        with pytest.raises(HostForbiddenError):
            host.ensure_labels(found, ["other"])


def test_a_token_that_is_about_to_expire_is_renewed_before_it_does(tmp_path: Path) -> None:
    secret, public = key_pair()
    with GitHubServer(BareRepository(tmp_path / "repository")) as server:
        install(server.state, App("4711", "iac-fixer", public, 77))
        server.state.token_life /= 360  # ten seconds
        start(GitHub(server), FILES)
        app = AppInstallation("4711", secret, 77)
        host = GitHubHost("acme/infra", app, api_url=server.api_url, pace=Pace(0, 0, 0), clock=Hands())
        host.base()
        assert asked_for_tokens(server) == 2  # of two requests


def asked_for_tokens(server: GitHubServer) -> int:
    return sum("access_tokens" in each for each in server.requests)
