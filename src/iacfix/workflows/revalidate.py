"""A proposal from a file, judged again as if nobody had judged it before. No model is asked, ever."""

from dataclasses import dataclass, field, replace

from iacfix.domain.control import Control
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding, InvalidFinding
from iacfix.domain.location import Location
from iacfix.domain.marks import content_hash
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.proposal import AlreadyFixed
from iacfix.domain.verdict import StageName
from iacfix.pull_requests import finding_key
from iacfix.workflows.fix import Fixer, Generator, identify, invalid
from iacfix.workflows.proposed import Proposed, ProposedRead
from iacfix.workflows.repositories import Fixers
from iacfix.workflows.validate import GIVEN, judged

_RECIPE = "recipe:"
_MODEL = "model:"


@dataclass(frozen=True)
class Revalidation:
    """Of one file. `is_routed`: the configuration says which repository a finding belongs to, and a record may claim no
    other; else all belong to the one that is given.
    """

    fixers: Fixers
    is_routed: bool = False
    _seen: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def of(self, read: ProposedRead) -> Outcome:
        """Against the code that the fixers see. Status `proposed` means that every stage accepted it there, and that
        the record's own claims hold: the finding's control, and where its resource is written. Raises nothing for one
        proposal that would cost another its turn.
        """
        if isinstance(read, InvalidFinding):
            return invalid(read)
        finding, _ = identify(replace(read.finding, control=""), self.fixers.catalogue)
        try:
            found = self.fixers.of(finding)
            if isinstance(found, str):
                return Outcome(finding, Status.NOT_LOCATED, found)
            fixer, name = found
            if self.is_routed and read.repository != name:
                reason = f"the proposal is for {read.repository or 'no repository'}, and the finding belongs to {name}"
                return Outcome(finding, Status.UNSUPPORTED, reason, repository=name)
            return self._once(replace(_judged(read, fixer), repository=name))
        except IacfixError as error:
            return Outcome(finding, Status.GENERATION_FAILED, f"it could not be judged: {error}")

    def _once(self, outcome: Outcome) -> Outcome:
        """Two different changes for one weakness would take turns on one branch."""
        if outcome.proposal is None or outcome.location is None or not isinstance(outcome.finding, Finding):
            return outcome
        name = (outcome.repository, finding_key(outcome.finding, outcome.location))
        content = content_hash(outcome.proposal.verdict.edits)
        if self._seen.setdefault(name, content) == content:
            return outcome
        return _refused(
            outcome, "an earlier proposal of the file changes the same block otherwise for the same weakness"
        )


def _judged(read: Proposed, fixer: Fixer) -> Outcome:
    finding, control = identify(replace(read.finding, control=""), fixer.catalogue)
    claimed, known = read.finding.control, finding.control
    if claimed != known:
        reason = (
            f"the proposal says that it is about {claimed or 'no control'}, and the catalogue says {known or 'none'}"
        )
        return Outcome(finding, Status.UNSUPPORTED, reason)
    outcome = judged(finding, replace(read.candidate, generator=_author(read)), fixer)
    if fixer.accepted.unreadable:
        return _refused(outcome, fixer.accepted.unreadable)
    if reason := fixer.accepted.reason(finding, outcome.location):
        return replace(outcome, status=Status.ACCEPTED, proposal=None, reason=reason)
    if outcome.location is None:
        return outcome
    here = (outcome.location.path, outcome.location.address)
    if here != (read.path, read.address):
        reason = f"the resource is not {read.address} in {read.path} any more, but {here[1]} in {here[0]}"
        return _refused(outcome, reason)
    if outcome.proposal is None:
        return _by_recipe(read, outcome, fixer) or _no_more(outcome, control, outcome.location, fixer)
    return _by_recipe(read, outcome, fixer) or outcome


def _author(read: Proposed) -> str:
    """A file can claim what it likes: that a recipe wrote the diff is seen by letting it write again."""
    return read.candidate.generator if read.candidate.generator.startswith(_MODEL) else GIVEN


def _by_recipe(read: Proposed, outcome: Outcome, fixer: Fixer) -> Outcome | None:
    """The recipe's own proposal, with its own words, where it makes this very change; else None.

    A proposal that was made on top of another does not apply alone, as its context is not there: then the recipe's
    counts if it adds and removes the same lines.
    """
    if not read.candidate.generator.startswith(_RECIPE):
        return None
    again = replace(fixer, generator=Generator.RECIPE, author=None, compose=False).fix(read.finding)
    if again.proposal is None:
        return None
    if outcome.proposal is not None:
        return again if again.proposal.verdict.edits == outcome.proposal.verdict.edits else None
    was_on_top = bool(outcome.stages) and outcome.stages[-1].name is StageName.APPLY
    return again if was_on_top and _changes(again.proposal.verdict.diff) == _changes(read.candidate.diff) else None


def _changes(diff: str) -> list[str]:
    """The added and removed lines, and the files that they are of."""
    return [line for line in diff.split("\n") if line[:1] in {"+", "-"}]


def _no_more(outcome: Outcome, control: Control | None, location: Location, fixer: Fixer) -> Outcome:
    """A change that has been made meanwhile is refused like a wrong one, and needs nobody."""
    if control is None:
        return outcome
    case = fixer.case(control, location)
    now = case.recheck(control, location, case.code)
    return (
        replace(outcome, status=Status.ALREADY_FIXED, reason=now.reason) if isinstance(now, AlreadyFixed) else outcome
    )


def _refused(outcome: Outcome, reason: str) -> Outcome:
    return replace(outcome, status=Status.GENERATION_FAILED, proposal=None, reason=reason)
