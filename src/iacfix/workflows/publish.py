"""From an accepted proposal to its pull request: look, decide by the rules, act, and say what was done."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import assert_never

from iacfix.controls import Catalogue
from iacfix.domain.change_request import (
    Action,
    BaseCommit,
    ChangeRequest,
    HostedPullRequest,
    Person,
    PullRequest,
)
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework, Location
from iacfix.domain.marks import content_hash, facts_in
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.domain.proposal import Edit
from iacfix.domain.verdict import StageName
from iacfix.ports.git_host import GitHost
from iacfix.pull_requests import Notes, branch_name, commit_message, compose, finding_hash, finding_key, title
from iacfix.pull_requests.drafts import Draft, draft_reason
from iacfix.pull_requests.facts import found_again
from iacfix.pull_requests.lifecycle import (
    Close,
    Decision,
    HandsOff,
    Keep,
    Limits,
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
from iacfix.workflows.clock import Clock, utc_now
from iacfix.workflows.standing import standing, traffic, when

HANDS_OFF_COMMENT = "hands-off"
_UNFINISHED = timedelta(days=2)
"""Where no label tells, a pull request is seen to again for so long: the next run of a daily one is within it."""


@dataclass(frozen=True)
class Place:
    """Where pull requests of a repository go. `limits` None: as many as there are (nobody is disturbed by files).

    `reviewers` gives the people to ask for a path, `labels` go onto each pull request. `prefix` leads from the top of
    the host's repository to the folder that paths are relative to: empty, or with a slash behind.

    `assured` are the stages beside our own that the configuration asks for, which count for `draft`; `commands`:
    somebody runs `iacfix prs answer`.
    """

    host: GitHost
    base: BaseCommit
    limits: Limits | None = None
    labels: tuple[str, ...] = ()
    reviewers: Callable[[str], tuple[Person, ...]] = lambda _path: ()
    draft: Draft = Draft.AUTO
    assured: Mapping[Framework, Collection[StageName]] = field(default_factory=dict)
    commands: bool = False
    prefix: str = ""

    def notes(self, location: Location, proposal: Proposal) -> Notes:
        limits = self.host.limits
        reason = draft_reason(self.draft, proposal, self.assured.get(location.framework, ()))
        return Notes(reason, drafts=limits.drafts, commands=self.commands and limits.comments, fold=limits.folds)

    def placed(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """As the host has their files."""
        return tuple(replace(edit, path=f"{self.prefix}{edit.path}") for edit in edits)

    def asked(self, edits: Iterable[Edit]) -> tuple[Person, ...]:
        """Whom to ask about files, by the host's paths."""
        return tuple(dict.fromkeys(person for edit in edits for person in self.reviewers(edit.path)))


@dataclass(frozen=True)
class Publisher:
    """`dry_run`: everything is looked at and decided, and nothing is done. `ended` is the last day of an exception
    for a finding that is over: such a one comes back, once. `asked` names the comment that asks for another fix: while
    the base stays, such a one is kept. `passing` are errors that the caller has a better answer to than a person has:
    whoever is delivered its findings from a queue lets what passes by itself come again.
    """

    catalogue: Catalogue
    place_of: Callable[[str], Place]
    dry_run: bool = False
    now: Clock = utc_now
    expired: frozenset[str] = field(default_factory=frozenset)
    ended: Callable[[Outcome], date | None] = lambda _outcome: None
    asked: str = ""
    passing: tuple[type[IacfixError], ...] = ()
    _would_open: list[tuple[GitHost, datetime]] = field(default_factory=list, repr=False)

    def publish(self, outcome: Outcome) -> Outcome:
        """The outcome with its pull request. One that the host refuses needs a person, and keeps the host's reason."""
        finding, location, proposal = outcome.finding, outcome.location, outcome.proposal
        if not isinstance(finding, Finding) or location is None or proposal is None:
            return outcome
        try:
            place = self.place_of(outcome.repository)
            over = self.ended(outcome)
            request = self._request(finding, location, proposal, place, over)
            return replace(outcome, pull_request=self._published(request, finding, place, over))
        except self.passing:
            raise
        except IacfixError as error:
            reason = f"the fix is proven, but its pull request could not be opened: {error}"
            return replace(outcome, status=Status.GENERATION_FAILED, proposal=None, reason=reason)

    def _request(
        self, finding: Finding, location: Location, proposal: Proposal, place: Place, over: date | None
    ) -> ChangeRequest:
        control = self.catalogue.get(finding.control)
        key = finding_key(finding, location)
        edits = place.placed(proposal.verdict.edits)
        content = content_hash(edits)
        facts = {
            "finding": finding_hash(finding),
            "control": finding.control,
            "address": location.address,
            "base": place.base.commit,
            "content": content,
            **found_again(finding, location, proposal, edits),
        }
        if over is not None:
            facts["exception_ended"] = over.isoformat()
        if self.asked:
            facts["asked"] = self.asked
        notes = place.notes(location, proposal)
        limit = place.host.limits.max_body_length
        return ChangeRequest(
            key=key,
            branch=branch_name(key, finding),
            base=place.base.commit,
            title=title(finding, control, location),
            body=compose(finding, control, location, proposal, key, max_length=limit, facts=facts, notes=notes),
            commit_message=commit_message(finding, control, location, proposal, key, content),
            edits=edits,
            content=content,
            target=place.base.branch,
            draft=bool(notes.draft) and notes.drafts,
            labels=place.labels,
            reviewers=place.asked(edits),
        )

    def _published(self, request: ChangeRequest, finding: Finding, place: Place, over: date | None) -> PullRequest:
        wanted = Wanted(request.key, request.content, finding_hash(finding), request.base)
        found = standing(place.host, request.branch, request.base)
        decision = decide(
            wanted,
            found,
            now=self.now(),
            limits=place.limits,
            traffic=self.traffic(place),
            expired=self.expired | ({request.key} if _comes_back(found, over) else set()),
        )
        if isinstance(decision, Update) and not self.asked and _was_asked_for(decision.pull_request, request):
            decision = Keep(decision.pull_request)
        return self.carry_out(decision, request, place)

    def carry_out(  # noqa: C901 - a case for each decision
        self, decision: Decision, request: ChangeRequest, place: Place
    ) -> PullRequest:
        """Does what was decided, unless it is a dry run."""
        match decision:
            case Open(replacing):
                return self._written(request, place.host, replacing, Action.OPENED, "")
            case Update(found, replacing, reason):
                # Somebody has looked at it who says that it is ready: another base is no reason to ask again.
                request = replace(request, draft=request.draft and found.draft)
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

    def traffic(self, place: Place) -> Traffic:
        """With what a dry run would have opened by now."""
        found = traffic(place.host, place.limits)
        would = tuple(when for host, when in self._would_open if host is place.host)
        return Traffic(found.open + len(would), found.opened + would)

    def _written(
        self, request: ChangeRequest, host: GitHost, replacing: str, action: Action, reason: str
    ) -> PullRequest:
        """1. branch with its one commit, 2. pull request, 3. reviewers and labels, which never stand in the way."""
        if self.dry_run:
            if action is Action.OPENED:
                self._would_open.append((host, self.now()))
            would = "; ".join(filter(None, (reason, "dry run", *steps(request, host, replacing))))
            return PullRequest("", request.branch, "", created=False, action=action, reason=would)
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
            opened = when(found.opened_at)
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


def steps(request: ChangeRequest, host: GitHost, replacing: str) -> tuple[str, ...]:
    """What would be done on the host, in words."""
    files = ", ".join(edit.path for edit in request.edits)
    branch = f"move {request.branch} from {replacing[:12]} to" if replacing else f"create {request.branch} with"
    people = ", ".join(person.name for person in request.reviewers)
    draft = "a draft of a pull request" if request.draft and host.limits.drafts else "a pull request"
    return (
        f"would {branch} one commit on {request.base[:12]} that changes {files}",
        f"would have {draft} into {request.target}, “{request.title}”",
        *((f"would add {', '.join(request.labels)}",) if request.labels and host.limits.labels else ()),
        *((f"would ask {people}",) if people and host.limits.reviewers else ()),
    )


def _was_asked_for(found: HostedPullRequest, request: ChangeRequest) -> bool:
    """Whether a person asked for the fix that is there, on this base and of this finding as it is now."""
    facts, now = facts_in(found.body), facts_in(request.body)
    return bool(facts.get("asked")) and all(facts.get(name) == now.get(name) for name in ("base", "finding"))


def _comes_back(found: Standing, over: date | None) -> bool:
    """Whether an exception has ended that the newest pull request does not know of: its marker would say so."""
    newest = next((each.pull_request for each in found.pull_requests), None)
    known = facts_in(newest.body).get("exception_ended", "") if newest is not None else ""
    return over is not None and known < over.isoformat()


def _answer(found: HostedPullRequest | None, action: Action, reason: str, branch: str = "") -> PullRequest:
    if found is None:
        return PullRequest("", branch, "", created=False, action=action, reason=reason)
    return PullRequest(found.url, found.branch, found.head, created=False, action=action, reason=reason)


def _hands_off(reason: str) -> str:
    return (
        f"iacfix would propose another change here now, and leaves this pull request alone: {reason}.\n\n"
        "Close it, or delete its branch, to have a new one."
    )
