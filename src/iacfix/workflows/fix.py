"""From a finding to an accepted proposal: recipe first where one applies, else the model, at most three attempts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from posixpath import dirname
from typing import Protocol

from iacfix.controls import Catalogue
from iacfix.controls.attributes import attributes
from iacfix.domain.control import Control, Literal, Risk, at_least
from iacfix.domain.decision import Decision, Reading
from iacfix.domain.errors import IacfixError, ModelError, ModelNotAskedError, PatchError
from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.domain.location import FixAt, Framework, Location, NotLocated
from iacfix.domain.outcome import FIX_GENERATION_FAILED, Outcome, Proposal, Status
from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined, Generated
from iacfix.domain.verdict import Accepted, Rejected, StageName, StageOutcome, StageResult, Verdict
from iacfix.generation import recipes
from iacfix.generation.context import FixContext, HeldBackError, RejectedAttempt, UnusableAnswerError
from iacfix.iac.terraform import files
from iacfix.locators.deciding import set_elsewhere
from iacfix.locators.locate import Sources, locate
from iacfix.locators.module_choice import choose
from iacfix.locators.repository import Repository
from iacfix.validators import MAX_CHANGED_LINES, Case, Code, Tools, judge
from iacfix.workflows.examples import examples
from iacfix.workflows.exceptions import AcceptedRisks
from iacfix.workflows.follow import Followed, follow
from iacfix.workflows.retrying import new_violation
from iacfix.workflows.surroundings import describe

MAX_ATTEMPTS = 3


class Generator(StrEnum):
    """Who may write the fix. `AUTO`: the recipe where one applies, else the model where one is configured."""

    AUTO = "auto"
    RECIPE = "recipe"
    MODEL = "model"


class Author(Protocol):
    """The model path: see generation/model. Raises ModelError when no answer came, PatchError for an unusable one."""

    @property
    def id(self) -> str: ...

    def generate(self, context: FixContext, rejections: Sequence[RejectedAttempt]) -> Candidate: ...


@dataclass(frozen=True)
class Fixer:
    """Everything a fix needs. `compose`: each proposal builds on those accepted before it. `refused` are answers of an
    earlier run that a model is told of.
    """

    catalogue: Catalogue
    repository: Repository
    generator: Generator = Generator.AUTO
    author: Author | None = None
    defaults: Mapping[str, Literal] = field(default_factory=dict)
    max_changed_lines: int = MAX_CHANGED_LINES
    compose: bool = True
    sources: Sources = field(default_factory=Sources)
    modules: FixAt = FixAt.CALL
    tools: Tools = field(default_factory=Tools)
    required: frozenset[StageName] = frozenset()
    accepted: AcceptedRisks = field(default_factory=AcceptedRisks)
    refused: tuple[RejectedAttempt, ...] = ()
    _followed: set[tuple[str, Reading | None]] = field(default_factory=set, repr=False)

    def fix(self, read: FindingRead) -> Outcome:
        """1. know the check, 2. locate, 3. generate and judge, 4. let the next finding build on it. Unless its risk is
        accepted: that is asked before and after 2.
        """
        if isinstance(read, InvalidFinding):
            return invalid(read)
        finding, control = identify(read, self.catalogue)
        if self.accepted.unreadable:
            return Outcome(finding, Status.GENERATION_FAILED, self.accepted.unreadable)
        if reason := self.accepted.reason(finding):
            return Outcome(finding, Status.ACCEPTED, reason)
        beyond = self.catalogue.beyond_code(finding.source, finding.check_id)
        if control is None and (beyond or not self._model_may_write):
            return Outcome(finding, Status.UNSUPPORTED, unsupported(finding, self.catalogue))
        location = locate(finding, self.repository, self.sources)
        if isinstance(location, NotLocated):
            return Outcome(finding, Status.NOT_LOCATED, location.reason)
        if reason := self.accepted.reason(finding, location):
            return Outcome(finding, Status.ACCEPTED, reason, location)
        if reason := by_hand(location):
            return Outcome(finding, Status.UNSUPPORTED, reason, location)
        outcome = self._generate(Outcome(finding, Status.UNSUPPORTED, "nothing tried yet", location), control, location)
        if self.compose and outcome.proposal is not None:
            for edit in outcome.proposal.verdict.edits:
                self.repository.replace(edit.path, edit.after)
        return outcome

    @property
    def _model_may_write(self) -> bool:
        return self.author is not None and self.generator is not Generator.RECIPE

    def _generate(self, outcome: Outcome, control: Control | None, location: Location) -> Outcome:
        declined = ""
        if control is not None and self.generator is not Generator.MODEL:
            outcome = self._by_recipe(outcome, control, location)
            if outcome.status in {Status.PROPOSED, Status.ALREADY_FIXED} or _lacks_a_stage(outcome):
                return outcome
            declined = outcome.reason
        if self.author is None or not self._model_may_write:
            return outcome if declined else replace(outcome, reason="no model is configured: see --model")
        return self._by_model(outcome, self.author, control, location)

    def _by_recipe(self, outcome: Outcome, control: Control, location: Location) -> Outcome:
        generated = self._recheck(control, location, self._code(location))
        match generated:
            case AlreadyFixed(reason):
                return replace(outcome, status=Status.ALREADY_FIXED, reason=reason)
            case Declined(reading=reading, assumed=assumed) if reading is not None or any(assumed):
                return self._by_following(outcome, control, location, generated)
            case Declined(reason):
                told = f"{control.id}: {reason}{self._elsewhere(control, location)}"
                return replace(outcome, status=Status.UNSUPPORTED, reason=told)
            case Candidate():
                verdict = judge(generated, self._case(outcome, control, location))
                return _judged(outcome, generated, verdict, control, attempts=1)

    def _by_following(self, outcome: Outcome, control: Control, location: Location, declined: Declined) -> Outcome:
        """Where the value is set that is a name at the resource."""
        finding = outcome.finding if isinstance(outcome.finding, Finding) else None
        followed = self.followed(control, location, finding)
        found = followed or declined
        if isinstance(found, Followed):
            verdict = judge(found.candidate, found.case)
            if isinstance(verdict, Accepted) and self.compose:
                self._followed.add((location.path, found.reading))
            return _judged(outcome, found.candidate, verdict, control, attempts=1, decision=found.decision)
        if found.assumed and all((location.path, each) in self._followed for each in found.assumed):
            return replace(outcome, status=Status.ALREADY_FIXED, reason=f"an earlier fix makes it so: {found.reason}")
        told = f"{control.id}: {found.reason}"
        if followed is None or found.reading is None:
            told += self._elsewhere(control, location)
        return replace(outcome, status=Status.UNSUPPORTED, reason=told)

    def followed(
        self, control: Control, location: Location, finding: Finding | None = None
    ) -> Followed | Declined | None:
        """Terraform alone. See `follow`."""
        return follow(control, self.case(control, location, finding), self.repository, self.defaults)

    def _elsewhere(self, control: Control, location: Location) -> str:
        """What is declined in a module may well be an argument of its call."""
        choice = choose(location, attributes(control), self.repository, self.modules)
        if choice is None or choice.at is FixAt.MODULE or location.module is None:
            return ""
        calls = location.module.calls[-1:] or location.module.sites
        return f"; {choice.reason} ({', '.join(f'{call.path}:{call.line}' for call in calls)})"

    def _by_model(self, outcome: Outcome, author: Author, control: Control | None, location: Location) -> Outcome:
        finding = outcome.finding
        assert isinstance(finding, Finding)  # noqa: S101 - narrowed by `fix`
        rejections: list[RejectedAttempt] = []
        outcome = replace(outcome, generator=f"model:{author.id}", usage=(), stages=(), attempts=0)
        try:
            context = describe(finding, control, location, self._code(location))
            case = self.case(control, location, finding)
        except IacfixError as error:  # no answer could change it, so that none is asked for
            reason = _failed(rejections, f"no model was asked: {error}")
            return replace(outcome, status=Status.GENERATION_FAILED, reason=reason)
        near = examples(finding, control, location, context.resource_type, self.catalogue)
        context = replace(context, examples=near)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            verdict: Verdict
            candidate = Candidate("", f"model:{author.id}")
            try:
                candidate = author.generate(context, (*self.refused, *rejections))
                verdict = judge(candidate, case)
            except ModelError as error:
                asked = not isinstance(error, ModelNotAskedError)
                reason = _failed(rejections, f"the model {'gave no answer' if asked else 'was not asked'}: {error}")
                paid = (*outcome.usage, error.usage) if isinstance(error, HeldBackError) else outcome.usage
                return replace(outcome, status=Status.GENERATION_FAILED, reason=reason, usage=paid)
            except PatchError as error:
                if isinstance(error, UnusableAnswerError):
                    candidate = replace(candidate, usage=error.usage)
                unusable = StageResult(StageName.PARSE, StageOutcome.REJECTED, str(error))
                verdict = Rejected(StageName.PARSE, str(error), (unusable,))
            outcome = _judged(outcome, candidate, verdict, control, attempts=attempt)
            if isinstance(verdict, Accepted):
                return outcome
            if not verdict.retryable:
                return replace(outcome, reason=_failed(rejections, outcome.reason))
            final = new_violation(verdict, rejections)
            rejections.append(RejectedAttempt(candidate.diff, verdict.stage, verdict.reason))
            if final:
                return replace(outcome, status=Status.GENERATION_FAILED, reason=_failed(rejections, final))
        return replace(
            outcome, status=Status.GENERATION_FAILED, reason=_failed(rejections, "a person takes it from here")
        )

    def case(self, control: Control | None, location: Location, finding: Finding | None = None) -> Case:
        is_template = location.framework is Framework.CLOUDFORMATION

        def elsewhere(variable: str) -> str:
            return set_elsewhere(variable, dirname(location.path), self.repository)

        return Case(
            control,
            location,
            self._code(location),
            self.repository.read,
            self._recheck,
            self.max_changed_lines,
            defaults=self.defaults,
            set_elsewhere=elsewhere,
            finding=finding,
            files=(location.path,) if is_template else self.repository.files_of(dirname(location.path)),
            roots=self._roots(location),
            overlay=self.repository.replaced,
            tools=self.tools,
            required=self.required,
        )

    def _roots(self, location: Location) -> tuple[str, ...]:
        """Only where they are planned: to find them the whole repository is read."""
        if location.framework not in self.tools.planners:
            return ()
        if location.framework is Framework.CLOUDFORMATION:
            return (location.path,)
        return self.repository.instances.roots(dirname(location.path))

    def _case(self, outcome: Outcome, control: Control | None, location: Location) -> Case:
        return self.case(control, location, outcome.finding if isinstance(outcome.finding, Finding) else None)

    def _code(self, location: Location) -> Code:
        """What the located resource is judged in: the folder of its file, or its template."""
        if location.framework is Framework.CLOUDFORMATION:
            return self.repository.template(location.path)
        return self.repository.module_of(location.path)

    def _recheck(self, control: Control, location: Location, code: Code) -> Generated:
        return recipes.propose(control, location, code, self.defaults)


def invalid(read: InvalidFinding) -> Outcome:
    return Outcome(read, Status.INVALID_FINDING, f"{read.field}: {read.reason}")


def by_hand(location: Location) -> str:
    """Why only a person can change what stands there; "" where that is not so."""
    if files.is_json(location.path):
        return f"{location.path} is in JSON syntax, which programs write: change what writes it"
    return ""


def identify(finding: Finding, catalogue: Catalogue) -> tuple[Finding, Control | None]:
    """The finding with its control's id, and the control, where the catalogue knows the check."""
    control = catalogue.find(finding.source, finding.check_id, finding.resource.type, finding.title)
    return (finding, None) if control is None else (replace(finding, control=control.id), control)


def unsupported(finding: Finding, catalogue: Catalogue) -> str:
    if reason := catalogue.beyond_code(finding.source, finding.check_id):
        return f"{finding.check_id} of {finding.source} is about nothing that code could change: {reason}"
    near = catalogue.nearest(finding.title, finding.check_id)
    known = f"; the nearest that it has: {', '.join(near)}" if near else ""
    return f"the catalogue does not know {finding.check_id or 'a check without an id'} of {finding.source}{known}"


def _lacks_a_stage(outcome: Outcome) -> bool:
    """Whether a stage that is required could not run: no other author changes that."""
    return bool(outcome.stages) and outcome.stages[-1].outcome is StageOutcome.SKIPPED and outcome.proposal is None


def risk_of(control: Control | None, candidate: Candidate) -> Risk:
    """What the catalogue says, raised by what a model says of its own fix. What nobody knows wants a second look."""
    return at_least(control.risk if control is not None else Risk.MODERATE, candidate.risk)


def _judged(  # noqa: PLR0913 - all that an outcome is made of
    outcome: Outcome,
    candidate: Candidate,
    verdict: Verdict,
    control: Control | None,
    *,
    attempts: int,
    decision: Decision | None = None,
) -> Outcome:
    usage = (*outcome.usage, candidate.usage) if candidate.usage is not None else outcome.usage
    outcome = replace(outcome, generator=candidate.generator, attempts=attempts, stages=verdict.stages, usage=usage)
    if isinstance(verdict, Accepted):
        proposal = Proposal(candidate, verdict, risk_of(control, candidate), decision)
        return replace(outcome, status=Status.PROPOSED, reason="", proposal=proposal)
    return replace(outcome, status=Status.GENERATION_FAILED, reason=f"{verdict.stage}: {verdict.reason}")


def _failed(rejections: list[RejectedAttempt], ending: str) -> str:
    """All reasons are kept: the person who takes over starts from them."""
    tried = "; ".join(f"attempt {number}: {each.stage}: {each.reason}" for number, each in enumerate(rejections, 1))
    return f"{FIX_GENERATION_FAILED}: {tried + '; ' if tried else ''}{ending}"
