"""Pull requests that are open, looked at again: brought to the base as it is now, closed with a reason, or left alone.

No model is asked. A fix is made anew by its recipe; where there is none, the change that the pull request holds is
judged once more on the new base.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from iacfix.domain.change_request import Action, HostedPullRequest, PullRequest
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding, InvalidFinding
from iacfix.domain.location import Framework, Location
from iacfix.domain.marks import facts_in
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.secrets import holds_secret, redact
from iacfix.patches import render_diff
from iacfix.ports.git_host import GitHost
from iacfix.pull_requests import branch_name, finding_key
from iacfix.pull_requests.exception_request import FACT
from iacfix.pull_requests.facts import finding_in
from iacfix.pull_requests.group_body import SHORT, group_branch, group_in, group_key
from iacfix.pull_requests.lifecycle import Close, NoLonger, Verify, decide
from iacfix.workflows.fix import Fixer
from iacfix.workflows.grouping import Grouping
from iacfix.workflows.publish import Place, Publisher
from iacfix.workflows.standing import CLOSED_COMMENT, standing
from iacfix.workflows.validate import GIVEN, judged

NOT_OPEN = "the finding is not open"
_WORDS = {
    NoLonger.FIXED_UPSTREAM: "the code is as the control wants it, without this change",
    NoLonger.RESOURCE_GONE: "the block is not where it was: it was removed, renamed or moved",
    NoLonger.CONTROL_OFF: "the catalogue does not have the control any more",
    NoLonger.FINDING_RESOLVED: "the finding is not reported any more",
    NoLonger.RISK_ACCEPTED: "its risk is accepted for now, and the finding comes back when that is over",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """`age` is None where the host does not say. `is_ours`: nothing is on its branch but what iacfix put there."""

    pull_request: HostedPullRequest
    facts: Mapping[str, str]
    age: timedelta | None
    is_ours: bool
    base_moved: bool


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of one, or would. `needs_a_person`: it stays as it is, and somebody has to look."""

    title: str
    result: PullRequest
    needs_a_person: bool = False


@dataclass(frozen=True)
class Given:
    """What a report says now, by the key of each finding that has a place. `ids` are those of all its findings as
    markers have them, `resolved` of those that it says are not open; `is_everything`: a finding that is not in it is
    resolved too.
    """

    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    ids: Collection[str] = ()
    resolved: Collection[str] = ()
    is_everything: bool = False


def given_by(outcomes: Collection[Outcome], *, is_everything: bool = False) -> Given:
    by_key: dict[str, Outcome] = {}
    ids: set[str] = set()
    resolved: set[str] = set()
    for outcome in outcomes:
        if isinstance(outcome.finding, InvalidFinding):
            (resolved if NOT_OPEN in outcome.finding.reason else ids).add(redact(outcome.finding.id))
            continue
        ids.add(redact(outcome.finding.id))
        if outcome.location is not None:
            by_key.setdefault(finding_key(outcome.finding, outcome.location), outcome)
    return Given(by_key, ids, resolved - ids, is_everything)


def listed(place: Place, now: datetime) -> Iterator[Listed]:
    for found in place.host.open_pull_requests():
        facts = facts_in(found.body)
        branch = place.host.branch(found.branch, place.base.commit)
        is_ours = bool(found.key) and branch is not None and bool(branch.content)
        opened = _when(found.opened_at, now)
        age = now - opened if opened is not None else None
        yield Listed(found, facts, age, is_ours, facts.get("base", "") != place.base.commit)


@dataclass(frozen=True)
class Refresher:
    """Of one repository. `fixer` sees its base, writes by recipes alone, and lets no fix build on another."""

    publisher: Publisher
    place: Place
    repository: str
    fixer: Fixer
    given: Given = field(default_factory=Given)

    def refresh(self) -> Iterator[Refreshed]:
        """Each open one, and those that were merged for findings that are fixed now. One that fails costs no other."""
        seen: set[str] = set()
        for found in self.place.host.open_pull_requests():
            seen.add(found.key)
            try:
                yield self._refreshed(found)
            except IacfixError as error:
                yield _left(found, f"it could not be refreshed: {error}")
        for key, outcome in self.given.outcomes.items():
            if key not in seen and outcome.status is Status.ALREADY_FIXED and outcome.repository == self.repository:
                yield from self._merged(key, outcome)

    def _refreshed(self, found: HostedPullRequest) -> Refreshed:
        facts = facts_in(found.body)
        if FACT in facts:
            return Refreshed(found.title, _as_it_is(found, "it asks for an exception: people decide on it"))
        if "group" in facts:
            return self._group(found, facts)
        finding = finding_in(facts)
        if finding is None or not is_of(found, finding, facts):
            return _left(found, "its marker is not as iacfix left it, so that nothing is known of it")
        outcome = self._now(found, finding, facts)
        if isinstance(outcome, NoLonger):
            return self._closed(found, outcome)
        if outcome.proposal is None:
            return _left(found, f"it cannot be brought to the base as it is now: {outcome.reason}")
        published = self.publisher.publish(replace(outcome, repository=self.repository))
        if published.pull_request is None:
            return _left(found, published.reason)
        result = published.pull_request
        return Refreshed(found.title, result, result.action is Action.HANDS_OFF)

    def _group(self, found: HostedPullRequest, facts: Mapping[str, str]) -> Refreshed:
        """No marker holds all that a group mends: what is given now says it, else it is left as it is."""
        known = group_in(facts)
        if known is None or found.key != group_key(*known) or found.branch != group_branch(*known):
            return _left(found, "its marker is not as iacfix left it, so that nothing is known of it")
        members = facts.get("members", "").split(",")
        now = {key[:SHORT]: outcome for key, outcome in self.given.outcomes.items()}
        if set(members) <= now.keys() and all(now[each].status is Status.ALREADY_FIXED for each in members):
            return self._closed(found, NoLonger.FIXED_UPSTREAM)
        by, name = known
        grouping = Grouping(self.publisher, by, lambda _: self.fixer)
        outcomes = tuple(self.given.outcomes.values())
        positions = grouping.groups(outcomes).get((self.repository, name), ())
        if positions:
            published = grouping.publish_one(self.repository, name, [outcomes[position] for position in positions])
            done = next((each.pull_request for each in published if each.pull_request is not None), None)
            if done is not None and done.branch == found.branch:
                return Refreshed(found.title, done, done.action is Action.HANDS_OFF)
            return _left(found, "; ".join(dict.fromkeys(each.reason for each in published if each.reason)))
        if facts.get("base", "") == self.place.base.commit:
            return Refreshed(found.title, _as_it_is(found, "its base is the same"))
        return _left(found, "it holds a group of fixes, and the base has moved: give --findings or --proposals")

    def _now(self, found: HostedPullRequest, finding: Finding, facts: Mapping[str, str]) -> Outcome | NoLonger:
        """The fix as it would be proposed now, or why none is needed."""
        outcome = self.given.outcomes.get(found.key)
        if outcome is not None and outcome.status is Status.ALREADY_FIXED:
            return NoLonger.FIXED_UPSTREAM
        if outcome is not None and outcome.status is Status.ACCEPTED:
            return NoLonger.RISK_ACCEPTED
        if outcome is not None and outcome.proposal is not None:
            return outcome
        if finding.control and self.publisher.catalogue.get(finding.control) is None:
            return NoLonger.CONTROL_OFF
        is_reported = outcome is not None or finding.id in self.given.ids
        is_gone = finding.id in self.given.resolved or (self.given.is_everything and not is_reported)
        if finding.id and is_gone:  # a marker without an id says nothing of what is reported
            return NoLonger.FINDING_RESOLVED
        if not self._is_there(finding):
            return NoLonger.RESOURCE_GONE
        return self._anew(found, finding, facts)

    def _is_there(self, finding: Finding) -> bool:
        """Raises IacfixError where the file is there and cannot be read: then nothing is known."""
        repository = self.fixer.repository
        if not repository.exists(finding.hint.path):
            return False
        return any(entry.address == finding.hint.address for entry in repository.entries(finding.hint.path))

    def _anew(self, found: HostedPullRequest, finding: Finding, facts: Mapping[str, str]) -> Outcome | NoLonger:
        made = self.fixer.fix(finding)
        if made.status is Status.ACCEPTED:
            return NoLonger.RISK_ACCEPTED
        if made.location is not None and finding_key(finding, made.location) != found.key:
            return NoLonger.RESOURCE_GONE
        if made.status is Status.ALREADY_FIXED:
            return NoLonger.FIXED_UPSTREAM
        return made if made.proposal is not None else self._again(found, finding, facts) or made

    def _again(self, found: HostedPullRequest, finding: Finding, facts: Mapping[str, str]) -> Outcome | None:
        """The change that the pull request holds, judged on the base as it is now; None where it is not at hand."""
        path, base, host = facts.get("file", ""), facts.get("base", ""), self.place.host
        if not (path and base and path.startswith(self.place.prefix)):
            return None
        before, after = host.read(path, base), host.read(path, found.head)
        if before is None or after is None:
            return None
        edit = Edit(path.removeprefix(self.place.prefix), before, after)
        by = facts.get("by", "")
        author = by if by.startswith("model:") else GIVEN
        diff = render_diff((edit,), is_sensitive=holds_secret)
        return judged(finding, Candidate(diff, author, explanation=facts.get("why", "")), self.fixer)

    def _closed(self, found: HostedPullRequest, why: NoLonger) -> Refreshed:
        now = standing(self.place.host, found.branch, self.place.base.commit)
        decision = decide(why, now, now=self.publisher.now(), limits=None)
        if not isinstance(decision, Close):
            reason = getattr(decision, "reason", "it is not open any more")
            return Refreshed(found.title, _as_it_is(found, str(reason), Action.HANDS_OFF), needs_a_person=True)
        words = f"{why.value}: {_WORDS[why]}"
        return Refreshed(found.title, close(self.place.host, found, words, dry_run=self.publisher.dry_run))

    def _merged(self, key: str, outcome: Outcome) -> Iterator[Refreshed]:
        if not isinstance(outcome.finding, Finding):
            return
        branch = branch_name(key, outcome.finding)
        try:
            now = standing(self.place.host, branch, self.place.base.commit)
        except IacfixError as error:
            reason = f"whether it is merged could not be asked: {error}"
            result = PullRequest("", branch, "", created=False, action=Action.NOTHING, reason=reason)
            yield Refreshed(outcome.finding.id, result, needs_a_person=True)
            return
        decision = decide(NoLonger.FIXED_UPSTREAM, now, now=self.publisher.now(), limits=None)
        if isinstance(decision, Verify):
            merged = decision.pull_request
            reason = "it is merged: what is deployed has to be looked at"
            yield Refreshed(merged.title, _as_it_is(merged, reason, Action.VERIFICATION_DUE))


def close(
    host: GitHost, found: HostedPullRequest, words: str, *, dry_run: bool = False, for_good: bool = False
) -> PullRequest:
    """The comment goes first: it says that we closed it, and a cut after it is mended by doing it again. `for_good`: as
    if a person had closed it, so that it stays closed until the finding changes.
    """
    if dry_run:
        return _as_it_is(found, f"dry run; would close it and say: {words}", Action.CLOSED)
    if host.limits.comments:
        key = "not-wanted" if for_good else CLOSED_COMMENT
        host.ensure_comment(found, key, f"iacfix closes this pull request: {words}.")
    closed = host.close(found)
    return _as_it_is(closed, words, Action.CLOSED)


def failed(repository: str, error: IacfixError) -> Refreshed:
    """Of a repository whose host says nothing."""
    result = PullRequest("", "", "", created=False, action=Action.NOTHING, reason=str(error))
    return Refreshed(repository, result, needs_a_person=True)


def is_of(found: HostedPullRequest, finding: Finding, facts: Mapping[str, str]) -> bool:
    """Whether key and branch are those of the marker's own finding: nobody can point us at another one's branch."""
    hint = finding.hint
    key = finding_key(finding, _at(hint.path, hint.address))
    return found.key == key and found.branch == branch_name(key, finding) and bool(facts.get("content"))


def _at(path: str, address: str) -> Location:
    return Location(path, address, Framework.TERRAFORM, 0, 0, 1, 1, (), 0.0)


def _left(found: HostedPullRequest, reason: str) -> Refreshed:
    return Refreshed(found.title, _as_it_is(found, reason, Action.NOTHING), needs_a_person=True)


def _as_it_is(found: HostedPullRequest, reason: str, action: Action = Action.KEPT) -> PullRequest:
    return PullRequest(found.url, found.branch, found.head, created=False, action=action, reason=reason)


def _when(text: str, now: datetime) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=now.tzinfo)
