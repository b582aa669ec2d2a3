"""Drafts, from the configuration to the host and back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.adapters.git_hosts.github_credentials import Pace, Token
from iacfix.controls import load_catalogue
from iacfix.domain.change_request import Action
from iacfix.domain.control import Risk
from iacfix.domain.outcome import Outcome
from iacfix.ports.git_host import HostLimits
from iacfix.pull_requests.drafts import Draft
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_server import GitHubServer
from iacfix.testing.github_state import DEFAULT_TOKEN
from iacfix.workflows.fix import Fixer
from iacfix.workflows.publish import Place, Publisher

KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'


class WithoutDrafts(GitHubHost):
    @property
    def limits(self) -> HostLimits:
        return replace(super().limits, drafts=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    bare = BareRepository(tmp_path / "acme.git")
    bare.commit_files("main", {"main.tf": KEY.encode()}, "as found")
    with GitHubServer(bare) as server:
        yield server


def publisher(server: GitHubServer, draft: Draft = Draft.AUTO, kind: type[GitHubHost] = GitHubHost) -> Publisher:
    pace = Pace(between_requests=0, between_writes=0, retries=0)
    host = kind("acme/infra", Token(DEFAULT_TOKEN), api_url=server.api_url, pace=pace)
    return Publisher(load_catalogue(), lambda _: Place(host, host.base(), draft=draft))


@pytest.fixture
def fixed(tmp_path: Path) -> Outcome:
    return Fixer(load_catalogue(), repository(tmp_path / "work", {"main.tf": KEY})).fix(
        finding("CKV_AWS_7", "aws_kms_key.data")
    )


def with_risk(outcome: Outcome, risk: Risk) -> Outcome:
    assert outcome.proposal is not None
    return replace(outcome, proposal=replace(outcome.proposal, risk=risk))


@pytest.mark.parametrize(
    ("draft", "risk", "expected"),
    [
        (Draft.AUTO, Risk.LOW, False),
        (Draft.AUTO, Risk.MODERATE, True),
        (Draft.NEVER, Risk.HIGH, False),
        (Draft.ALWAYS, Risk.LOW, True),
    ],
)
def test_a_draft_is_one_on_the_host_and_says_why(
    server: GitHubServer, fixed: Outcome, draft: Draft, risk: Risk, *, expected: bool
) -> None:
    publisher(server, draft).publish(with_risk(fixed, risk))
    (pull,) = server.state.pulls.values()
    assert pull.draft is expected
    assert ("**This is a draft:** " in pull.body) is expected


def test_what_a_person_calls_ready_stays_so_when_the_base_moves(server: GitHubServer, fixed: Outcome) -> None:
    outcome = with_risk(fixed, Risk.MODERATE)
    publisher(server).publish(outcome)
    server.state.pulls[1].draft = False
    server.state.repository.commit_files("main", {"README.md": b"x\n"}, "by a person")
    again = publisher(server).publish(outcome).pull_request
    assert again is not None
    assert again.action is Action.UPDATED
    assert server.state.pulls[1].draft is False


def test_a_host_without_drafts_has_it_in_the_body(server: GitHubServer, fixed: Outcome) -> None:
    publisher(server, kind=WithoutDrafts).publish(with_risk(fixed, Risk.MODERATE))
    pull = server.state.pulls[1]
    assert pull.draft is False
    assert "**Not to be merged without a second look:** the risk of the change is moderate." in pull.body
