"""From an accepted proposal to its pull request: look, decide by the rules, act, and say what was done."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, assert_never

from iacfix.controls import Catalogue
from iacfix.domain.change_request import (
    Action,
    BaseCommit,
    ChangeRequest,
    HostedPullRequest,
    Person,
    PullRequest,
    PullRequestState,
)
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.marks import content_hash, facts_in
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.ports.git_host import GitHost
from iacfix.pull_requests import branch_name, commit_message, compose, finding_hash, finding_key, title
from iacfix.pull_requests.lifecycle import (
    Close,
    Decision,
    HandsOff,
    Keep,
    Limits,
    Marked,
    Nothing,
    NotWanted,
    Open,
    Queue,
    Standing,
    Traffic,
    Update,
    Verify,
    Wanted,
    decide,
)

CLOSED_COMMENT = "closed"
HANDS_OFF_COMMENT = "hands-off"
_UNFINISHED = timedelta(days=2)
"""Where no label tells, a pull request is seen to again for so long: the next run of a daily one is within it."""


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, with its time zone."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Place:
    """Where pull requests of a repository go. `limits` None: as many as there are (nobody is disturbed by files).

    `reviewers` gives the people to ask for a path, `labels` go onto each pull request.
    """

    host: GitHost
    base: BaseCommit
    limits: Limits | None = None
    labels: tuple[str, ...] = ()
    reviewers: Callable[[str], tuple[Person, ...]] = lambda _path: ()


@dataclass(frozen=True)
class Publisher:
    """`dry_run`: everything is looked at and decided, and nothing is done."""

    catalogue: Catalogue
    place_of: Callable[[str], Place]
    dry_run: bool = False
    now: Clock = utc_now
    expired: frozenset[str] = field(default_factory=frozenset)

    def publish(self, outcome: Outcome) -> Outcome:
        """The outcome with its pull request. One that the host refuses needs a person, and keeps the host's reason."""
        finding, location, proposal = outcome.finding, outcome.location, outcome.proposal
        if not isinstance(finding, Finding) or location is None or proposal is None:
            return outcome
        try:
            place = self.place_of(outcome.repository)
            request = self._request(finding, location, proposal, place)
            return replace(outcome, pull_request=self._published(request, finding, place))
        except IacfixError as error:
            reason = f"the fix is proven, but its pull request could not be opened: {error}"
            return replace(outcome, status=Status.GENERATION_FAILED, proposal=None, reason=reason)

    def _request(self, finding: Finding, location: Location, proposal: Proposal, place: Place) -> ChangeRequest:
        control = self.catalogue.get(finding.control)
        key = finding_key(finding, location)
        edits = proposal.verdict.edits
        content = content_hash(edits)
        facts = {
            "finding": finding_hash(finding),
            "control": finding.control,
            "address": location.address,
            "base": place.base.commit,
            "content": content,
        }
        limit = place.host.limits.max_body_length
        return ChangeRequest(
            key=key,
            branch=branch_name(key, finding),
            base=place.base.commit,
            title=title(finding, control, location),
            body=compose(finding, control, location, proposal, key, max_length=limit, facts=facts),
            commit_message=commit_message(finding, control, location, proposal, key, content),
            edits=edits,
            content=content,
            target=place.base.branch,
            labels=place.labels,
            reviewers=tuple(dict.fromkeys(person for edit in edits for person in place.reviewers(edit.path))),
        )

    def _published(self, request: ChangeRequest, finding: Finding, place: Place) -> PullRequest:
        wanted = Wanted(request.key, request.content, finding_hash(finding), request.base)
        decision = decide(
            wanted,
            standing(place.host, request.branch, request.base),
            now=self.now(),
            limits=place.limits,
            traffic=traffic(place),
            expired=self.expired,
        )
        return self._done(decision, request, place)

    def _done(  # noqa: C901 - a case for each decision
        self, decision: Decision, request: ChangeRequest, place: Place
    ) -> PullRequest:
        match decision:
            case Open(replacing):
                return self._written(request, place.host, replacing, Action.OPENED, "")
            case Update(_, replacing, reason):
                return self._written(request, place.host, replacing, Action.UPDATED, reason)
            case Keep(found):
                return self._kept(found, request, place.host)
            case HandsOff(found, reason):
                if found is not None and not self.dry_run and place.host.limits.comments:
                    place.host.ensure_comment(found, HANDS_OFF_COMMENT, _hands_off(reason))
                return _answer(found, Action.HANDS_OFF, reason, request.branch)
            case NotWanted(found, reason):
                return _answer(found, Action.NOT_WANTED, reason)
            case Queue(reason):
                return _answer(None, Action.QUEUED, reason, request.branch)
            case Verify(found):
                return _answer(found, Action.VERIFICATION_DUE, "it is merged: what is deployed has to be looked at")
            case Close(found, why):
                return _answer(found, Action.CLOSED, why.value)
            case Nothing(reason):
                return _answer(None, Action.NOTHING, reason, request.branch)
            case _:
                assert_never(decision)

    def _written(
        self, request: ChangeRequest, host: GitHost, replacing: str, action: Action, reason: str
    ) -> PullRequest:
        """1. branch with its one commit, 2. pull request, 3. reviewers and labels, which never stand in the way."""
        if self.dry_run:
            return PullRequest(
                "", request.branch, "", created=False, action=action, reason=reason or "not done: dry run"
            )
        commit = host.ensure_branch(request, replacing=replacing)
        found = host.ensure_pull_request(request, commit)
        told = finished(host, found, request)
        created = action is Action.OPENED
        return PullRequest(found.url, request.branch, commit, created, action, "; ".join(filter(None, (reason, told))))

    def _kept(self, found: HostedPullRequest, request: ChangeRequest, host: GitHost) -> PullRequest:
        """A run that was cut short may have left labels and reviewers out. What people took away since stays away: any
        label says that all was done, and where there are none, some time.
        """
        told = ""
        if host.limits.labels and request.labels:
            has = {label.casefold() for label in found.labels}
            is_done = any(label.casefold() in has for label in request.labels)
        else:
            opened = _when(found.opened_at)
            is_done = opened is not None and self.now() - opened > _UNFINISHED
        if not is_done and not self.dry_run:
            told = finished(host, found, request)
        return _answer(found, Action.KEPT, "; ".join(filter(None, ("it is there, and as it should be", told))))


def finished(host: GitHost, found: HostedPullRequest, request: ChangeRequest) -> str:
    """Reviewers and, last of all, labels; what the host does not take, in words."""
    people = request.reviewers
    refused = [each.name for each in (host.ensure_reviewers(found, people) if host.limits.reviewers else people)]
    if request.labels:
        refused += host.ensure_labels(found, request.labels) if host.limits.labels else request.labels
    return f"the host does not take {', '.join(refused)}" if refused else ""


def standing(host: GitHost, branch: str, base: str) -> Standing:
    """What is on the host now."""
    return Standing(tuple(_marked(host, each) for each in host.pull_requests(branch)), host.branch(branch, base))


def _marked(host: GitHost, found: HostedPullRequest) -> Marked:
    facts = facts_in(found.body)
    ours = found.state is not PullRequestState.CLOSED or any(
        comment.key == CLOSED_COMMENT for comment in (host.comments(found) if host.limits.comments else ())
    )
    return Marked(found, facts.get("finding", ""), facts.get("base", ""), ours)


def traffic(place: Place) -> Traffic:
    if place.limits is None:
        return Traffic()
    found = place.host.open_pull_requests()
    return Traffic(len(found), tuple(when for each in found if (when := _when(each.opened_at)) is not None))


def _when(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def _answer(found: HostedPullRequest | None, action: Action, reason: str, branch: str = "") -> PullRequest:
    if found is None:
        return PullRequest("", branch, "", created=False, action=action, reason=reason)
    return PullRequest(found.url, found.branch, found.head, created=False, action=action, reason=reason)


def _hands_off(reason: str) -> str:
    return (
        f"iacfix would propose another change here now, and leaves this pull request alone: {reason}.\n\n"
        "Close it, or delete its branch, to have a new one."
    )
