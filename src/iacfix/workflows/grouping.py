"""Several fixes in one pull request: of a file, a control or an owner. Each is judged on the text that the one before
it left, so that what is opened was judged as it stands together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from iacfix.domain.change_request import Action, ChangeRequest, HostedPullRequest, PullRequest
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.marks import content_hash, facts_in
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.proposal import Edit
from iacfix.pull_requests import finding_key
from iacfix.pull_requests.body import Notes
from iacfix.pull_requests.group_body import (
    MAX_MEMBERS,
    SHORT,
    GroupBy,
    Member,
    compose_group,
    group_branch,
    group_commit_message,
    group_facts,
    group_hash,
    group_key,
    group_title,
)
from iacfix.pull_requests.lifecycle import Wanted, decide
from iacfix.workflows.fix import Fixer, Generator
from iacfix.workflows.publish import Place, Publisher
from iacfix.workflows.standing import standing
from iacfix.workflows.validate import judged

Groups = Mapping[tuple[str, str], tuple[int, ...]]


@dataclass(frozen=True)
class Grouping:
    """`fixer_of` gives the fixer of a repository by its name: what it sees is what fixes are judged on. An outcome that
    says already what became of its pull request stays as it is.
    """

    publisher: Publisher
    by: GroupBy
    fixer_of: Callable[[str], Fixer]
    _covered: dict[str, Mapping[str, HostedPullRequest]] = field(default_factory=dict, repr=False)

    def publish(self, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
        """In their order. What is no proposal stays as it is; one that fails leaves the others their pull request."""
        done = list(outcomes)
        for (repository, name), positions in self.groups(outcomes).items():
            published = self.publish_one(repository, name, [outcomes[position] for position in positions])
            for position, outcome in zip(positions, published, strict=True):
                done[position] = outcome
        return tuple(done)

    def publish_alone(self, outcome: Outcome) -> Outcome:
        """In a pull request of its own, unless its fix already is in another one."""
        if outcome.proposal is None or outcome.pull_request is not None:
            return outcome
        try:
            there = self.covered(outcome, self.publisher.place_of(outcome.repository))
        except IacfixError as error:
            return _failed(outcome, error)
        return there if there.pull_request is not None else self.publisher.publish(outcome)

    def groups(self, outcomes: Sequence[Outcome]) -> Groups:
        """Positions by repository and what they have in common, in an order that is the same in every run."""
        found: dict[tuple[str, str], tuple[int, ...]] = {}
        for position, outcome in sorted(enumerate(outcomes), key=_order):
            if outcome.proposal is not None and outcome.location is not None and outcome.pull_request is None:
                group = (outcome.repository, self._name(outcome, position))
                found[group] = (*found.get(group, ()), position)
        return found

    def publish_one(self, repository: str, name: str, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
        """The outcomes of one group, each with the pull request of all of them."""
        try:
            place = self.publisher.place_of(repository)
            free = [self.covered(each, place, group_key(self.by, name)) for each in outcomes]
            return self._together(repository, name, free, place)
        except IacfixError as error:
            return tuple(_failed(each, error) for each in outcomes)

    def covered(self, outcome: Outcome, place: Place, own: str = "") -> Outcome:
        """With the pull request where its fix already is open, when that is not its own: as when grouping was changed.

        Raises GitHostError.
        """
        if outcome.proposal is None or outcome.location is None or not isinstance(outcome.finding, Finding):
            return outcome
        if outcome.repository not in self._covered:
            self._covered[outcome.repository] = _covering(place.host.open_pull_requests())
        key = finding_key(outcome.finding, outcome.location)
        found = self._covered[outcome.repository].get(key[:SHORT])
        if found is None or found.key == (own or key):
            return outcome
        reason = "its fix is in this pull request already"
        there = PullRequest(found.url, found.branch, found.head, created=False, action=Action.KEPT, reason=reason)
        return replace(outcome, pull_request=there)

    def _name(self, outcome: Outcome, position: int) -> str:
        assert outcome.location is not None  # noqa: S101 - narrowed by `groups`
        match self.by:
            case GroupBy.FILE:
                return _file(outcome)
            case GroupBy.CONTROL:
                finding = outcome.finding
                return (finding.control or finding.check_id) if isinstance(finding, Finding) else ""
            case GroupBy.OWNER:
                return self._owner(outcome)
            case GroupBy.NONE:
                return str(position)

    def _owner(self, outcome: Outcome) -> str:
        """Those who are asked about its files, all of them. Where that cannot be read, publishing says so."""
        assert outcome.proposal is not None  # noqa: S101 - narrowed by `groups`
        try:
            place = self.publisher.place_of(outcome.repository)
            people = place.asked(place.placed(outcome.proposal.verdict.edits))
        except IacfixError:
            return ""
        return " ".join(sorted(person.name for person in people))

    def _together(self, repository: str, name: str, outcomes: Sequence[Outcome], place: Place) -> tuple[Outcome, ...]:
        fixer = self.fixer_of(repository)
        free = [position for position, each in enumerate(outcomes) if each.pull_request is None]
        joined, members, edits = _joined([outcomes[position] for position in free[:MAX_MEMBERS]], fixer)
        done = list(outcomes)
        for position in free[MAX_MEMBERS:]:
            reason = f"{MAX_MEMBERS} findings are in its group's pull request: it comes after they are merged"
            done[position] = replace(done[position], pull_request=_queued(reason))
        found = self._published(name, members, edits, place) if edits else None
        for position, outcome in zip(free, joined, strict=False):
            done[position] = outcome if outcome.proposal is None else replace(outcome, pull_request=found)
        return tuple(done)

    def _published(self, name: str, members: Sequence[Member], edits: Sequence[Edit], place: Place) -> PullRequest:
        request = self._request(name, members, place.placed(edits), place)
        wanted = Wanted(request.key, request.content, group_hash(members), request.base)
        decision = decide(
            wanted,
            standing(place.host, request.branch, request.base),
            now=self.publisher.now(),
            limits=place.limits,
            traffic=self.publisher.traffic(place),
            expired=self.publisher.expired,
        )
        return self.publisher.carry_out(decision, request, place)

    def _request(self, name: str, members: Sequence[Member], edits: tuple[Edit, ...], place: Place) -> ChangeRequest:
        content = content_hash(edits)
        notes = _notes(members, place)
        facts = {
            **group_facts(self.by, name, members),
            "base": place.base.commit,
            "content": content,
        }
        return ChangeRequest(
            key=group_key(self.by, name),
            branch=group_branch(self.by, name),
            base=place.base.commit,
            title=group_title(self.by, name, members),
            body=compose_group(
                self.by, name, members, max_length=place.host.limits.max_body_length, facts=facts, notes=notes
            ),
            commit_message=group_commit_message(self.by, name, members, content),
            edits=edits,
            content=content,
            target=place.base.branch,
            draft=bool(notes.draft) and notes.drafts,
            labels=place.labels,
            reviewers=place.asked(edits),
        )


def _notes(members: Sequence[Member], place: Place) -> Notes:
    """It is a draft where one of its fixes would be."""
    each = [place.notes(member.location, member.proposal) for member in members if member.proposal is not None]
    reasons = dict.fromkeys(notes.draft for notes in each if notes.draft)
    return replace(each[0], draft="; ".join(reasons)) if each else Notes()


def _joined(outcomes: Sequence[Outcome], fixer: Fixer) -> tuple[list[Outcome], list[Member], tuple[Edit, ...]]:
    """Each on top of those before it. What the fixer sees is put back."""
    joined: list[Outcome] = []
    members: list[Member] = []
    edits: dict[str, Edit] = {}
    try:
        for outcome in outcomes:
            now = _on_top(outcome, fixer)
            joined.append(outcome if now.status is Status.ALREADY_FIXED else now)
            finding, location = now.finding, now.location
            if isinstance(finding, Finding) and location is not None and now.status in _IN:
                members.append(
                    Member(finding, fixer.catalogue.get(finding.control), location, now.proposal, now.reason)
                )
            for edit in now.proposal.verdict.edits if now.proposal is not None else ():
                fixer.repository.replace(edit.path, edit.after)
                edits[edit.path] = Edit(edit.path, edits.get(edit.path, edit).before, edit.after)
    finally:
        for edit in edits.values():
            fixer.repository.replace(edit.path, edit.before)
    return joined, members, tuple(edits[path] for path in sorted(edits) if edits[path].before != edits[path].after)


_IN = frozenset({Status.PROPOSED, Status.ALREADY_FIXED})


def _on_top(outcome: Outcome, fixer: Fixer) -> Outcome:
    """The same change on the text as it is by now, or what the recipe makes of that."""
    finding, proposal = outcome.finding, outcome.proposal
    if not isinstance(finding, Finding) or proposal is None:
        return outcome
    try:
        if proposal.candidate.generator.startswith("recipe:"):
            alone = replace(fixer, generator=Generator.RECIPE, author=None, compose=False)
            made = replace(alone.fix(finding), repository=outcome.repository)
            if made.status in _IN:
                return made
        again = replace(judged(finding, proposal.candidate, fixer), repository=outcome.repository)
    except IacfixError as error:
        return _failed(outcome, error)
    if again.proposal is not None:
        return again
    reason = f"it does not go together with the fixes before it in its pull request: {again.reason}"
    return replace(again, reason=reason)


def _order(numbered: tuple[int, Outcome]) -> tuple[str, ...]:
    outcome = numbered[1]
    finding, location = outcome.finding, outcome.location
    if not isinstance(finding, Finding) or location is None:
        return ()
    return location.path, location.address, finding.control, finding.check_id, finding.source, finding.id


def _covering(found: Iterable[HostedPullRequest]) -> Mapping[str, HostedPullRequest]:
    """Open pull requests, by the short keys of what they mend."""
    covering: dict[str, HostedPullRequest] = {}
    for each in found:
        members = facts_in(each.body).get("members", "")
        for short in members.split(",") if members else [each.key[:SHORT]]:
            if short:
                covering.setdefault(short, each)
    return covering


def _file(outcome: Outcome) -> str:
    assert outcome.proposal is not None  # noqa: S101 - narrowed by `groups`
    return " ".join(edit.path for edit in outcome.proposal.verdict.edits)


def _queued(reason: str) -> PullRequest:
    return PullRequest("", "", "", created=False, action=Action.QUEUED, reason=reason)


def _failed(outcome: Outcome, error: IacfixError) -> Outcome:
    if outcome.proposal is None:
        return outcome
    reason = f"the fix is proven, but its pull request could not be opened: {error}"
    return replace(outcome, status=Status.GENERATION_FAILED, proposal=None, reason=reason)
