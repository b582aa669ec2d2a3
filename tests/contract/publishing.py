"""A proven fix, published to a host as a run does it, and what has to be there afterwards."""

from dataclasses import dataclass
from datetime import UTC, datetime

from tests.contract.conftest import HostUnderTest

from iacfix.controls import load_catalogue
from iacfix.domain.change_request import Action, HostedPullRequest, Person, PullRequest, PullRequestState
from iacfix.domain.finding import CloudResource, Finding, Severity
from iacfix.domain.location import Framework, Location
from iacfix.domain.marks import content_hash, facts_in
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import ALWAYS_ON, Accepted, StageOutcome, StageResult
from iacfix.pull_requests import branch_name, finding_key
from iacfix.pull_requests.lifecycle import Limits
from iacfix.workflows.publish import Place, Publisher

BEFORE = b'resource "aws_kms_key" "data" {\r\n}\n'
AFTER = b'resource "aws_kms_key" "data" {\r\n  enable_key_rotation = true\n}\n'
BETTER = b'resource "aws_kms_key" "data" {\r\n  enable_key_rotation = "true"\n}\n'
FILES = {"main.tf": BEFORE}
LABELS = ("security", "iac")
REVIEWERS = (Person("ann"),)
NOW = datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
CATALOGUE = load_catalogue()


@dataclass(frozen=True)
class Fix:
    """Of the finding `name`; `severity` is what a tool may say anew of the same finding."""

    name: str
    after: bytes = AFTER
    severity: Severity = Severity.HIGH

    @property
    def finding(self) -> Finding:
        resource = CloudResource("aws_kms_key", f"aws_kms_key.{self.name}")
        return Finding("checkov", self.name, "CKV_AWS_7", "rotate", resource, "kms-key-rotation", self.severity)

    @property
    def location(self) -> Location:
        return Location(
            "main.tf", f"aws_kms_key.{self.name}", Framework.TERRAFORM, 0, len(BEFORE), 1, 2, evidence=(), confidence=1
        )

    @property
    def edits(self) -> tuple[Edit, ...]:
        return (Edit("main.tf", BEFORE, self.after),)

    @property
    def branch(self) -> str:
        return branch_name(finding_key(self.finding, self.location), self.finding)

    @property
    def outcome(self) -> Outcome:
        stages = tuple(StageResult(name, StageOutcome.PASSED) for name in ALWAYS_ON)
        accepted = Accepted(self.edits, "+  enable_key_rotation = true\n", 1, stages)
        proposal = Proposal(Candidate("", "recipe:kms-key-rotation", "It is rotated."), accepted)
        return Outcome(self.finding, Status.PROPOSED, location=self.location, proposal=proposal, repository="infra")


def publish(
    host: HostUnderTest,
    fix: Fix,
    *,
    base: str = "",
    labels: tuple[str, ...] = LABELS,
    reviewers: tuple[Person, ...] = REVIEWERS,
    limits: Limits | None = None,
) -> Outcome:
    """By a process of its own: nothing is known from before. `base` is the branch that the configuration names."""

    def place(_: str) -> Place:
        connection = host.connect()
        return Place(connection, connection.base(base), limits, labels, lambda _: reviewers)

    return Publisher(CATALOGUE, place, now=lambda: NOW).publish(fix.outcome)


def published(host: HostUnderTest, fix: Fix, *actions: Action) -> PullRequest:
    """What is to go well, and how it has to have gone."""
    outcome = publish(host, fix)
    assert outcome.pull_request is not None, outcome.reason
    assert not actions or outcome.pull_request.action in actions, outcome.pull_request
    return outcome.pull_request


def require_all_once(host: HostUnderTest, fix: Fix, base: str, *, are_asked: bool = True) -> HostedPullRequest:
    """One branch with one commit, one pull request, its texts and labels."""
    connection = host.connect()
    default = connection.base().branch
    assert sorted(host.repository.branches()) == sorted({default, fix.branch})
    head = host.repository.head(fix.branch)
    assert head is not None
    commit = host.repository.commit(head)
    assert commit is not None
    assert commit.parents == (base,)
    assert host.repository.blob(host.repository.files(head)["main.tf"].id) == fix.after
    assert host.count() == 1
    (found,) = connection.pull_requests(fix.branch)
    key = finding_key(fix.finding, fix.location)
    content = content_hash(fix.edits)
    assert (found.state, found.key, found.content, found.head) == (PullRequestState.OPEN, key, content, head)
    assert facts_in(found.body)["base"] == base
    assert fix.location.address in found.title.replace("\u200b", "")
    if connection.limits.labels:
        assert set(found.labels) == set(LABELS)
    if connection.limits.reviewers and are_asked:
        assert host.asked_to_review(found.number) == ("ann",)
    return found
