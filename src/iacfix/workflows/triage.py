"""From a finding to what is decided of it: whose it is, whether it may be acted on, which way it goes, and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from iacfix.controls import Catalogue
from iacfix.controls.names import SECURITY_HUB
from iacfix.domain.change_request import Action as PullRequestAction
from iacfix.domain.change_request import PullRequest
from iacfix.domain.control import Control
from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.triage import (
    Action,
    Decision,
    Effect,
    GateResult,
    Mode,
    OwnedBy,
    Owner,
    PolicyDecision,
    Reason,
    Route,
    RouteKind,
)
from iacfix.ports.policy import Policy
from iacfix.triage.actions import ActionLimits, actions_of
from iacfix.triage.automation_rules import RULE, Applied, AutomationRules, passed_security_hub
from iacfix.triage.blast_radius import BlastRadius, Touch
from iacfix.triage.exceptions import RiskException
from iacfix.triage.exclusions import Exclusions
from iacfix.triage.facts import Environments, facts_of, type_approved
from iacfix.triage.modes import Modes
from iacfix.triage.ownership import Ownership, Resolved
from iacfix.triage.review import Reviewer, Subject
from iacfix.triage.route import Router, to_a_person
from iacfix.triage.tags import folded
from iacfix.triage.windows import Calendar
from iacfix.workflows.exceptions import AcceptedRisks
from iacfix.workflows.fix import identify


@dataclass(frozen=True, slots=True)
class Assumed:
    """What holds for findings that do not say: a scan of code knows neither account nor tags."""

    account: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def added(self, resource: CloudResource) -> CloudResource:
        said = {folded(key) for key, _ in resource.tags}
        more = tuple((key, value) for key, value in self.tags.items() if folded(key) not in said)
        return replace(resource, account=resource.account or self.account, tags=(*resource.tags, *more))


@dataclass(frozen=True, slots=True)
class Gates:
    exclusions: Exclusions = field(default_factory=Exclusions)
    actions: ActionLimits = field(default_factory=ActionLimits)
    modes: Modes = field(default_factory=Modes)
    calendar: Calendar = field(default_factory=Calendar)
    blast_radius: BlastRadius = field(default_factory=BlastRadius)


@dataclass(frozen=True)
class Triage:
    """`accepted` gives the risks that were accepted where the finding belongs. `touched` is what was let through, in
    this run and before; what this run lets through is added to it. `known_as` gives the name under which a finding is
    among what was let through before this run, "" where it is not. `review` is asked of what nothing stands in the way
    of, and can only hold it back.
    """

    catalogue: Catalogue
    ownership: Ownership
    policy: Policy
    router: Router
    now: Callable[[], datetime]
    gates: Gates = field(default_factory=Gates)
    environments: Environments = field(default_factory=Environments)
    assumed: Assumed = field(default_factory=Assumed)
    resource_types: tuple[str, ...] = ()
    accepted: Callable[[Finding], AcceptedRisks] = lambda _finding: AcceptedRisks()
    run: str = "this run"
    known_as: Callable[[Finding], str] = lambda _finding: ""
    touched: list[Touch] = field(default_factory=list)
    rules: AutomationRules = field(default_factory=AutomationRules)
    review: Reviewer | None = None

    def decide(self, read: FindingRead) -> Decision:
        """1. know it, and what the automation rules make of it, 2. whose it is, 3. what the policy says, 4. the gates,
        5. its way, 6. a second opinion, 7. the blast radius, last: only what may be acted on counts.
        """
        if isinstance(read, InvalidFinding):
            return self._invalid(read)
        found, control = identify(read, self.catalogue)
        ruled = self._ruled(replace(found, resource=self.assumed.added(found.resource)), control)
        finding = ruled.finding
        now = self.now()
        owned = self.ownership.resolve(finding.resource)
        actions = actions_of(finding, control)
        exception, unreadable = self._exception(finding)
        said = self._policy(finding, control, owned.owner, exception, actions, now)
        results = tuple(self._gates(finding, control, actions, now))
        route = self.router.route(finding, control)
        against = [
            *([Reason(RULE, ruled.suppressed)] if ruled.suppressed else []),
            *([Reason("exception", unreadable)] if unreadable else []),
            *(each for each in said.denied if not said.allow),
            *(each.reason for each in results if each.effect is Effect.DENIED),
        ]
        mode = _capped(results)
        is_acted_on = route.kind is not RouteKind.HUMAN and mode.reaches(Mode.ASSIST)
        if not against and is_acted_on and self.review is not None:
            environments = self.environments.of(finding.resource)
            opinion = self.review(Subject(finding, control, owned.owner, route, mode, actions, environments))
            results = (*results, opinion)
            against += [opinion.reason] if opinion.effect is not Effect.PASSED else []
        if not against and is_acted_on:
            blast = self._blast(finding, self.known_as(found), now)
            results = (*results, blast)
            against += [blast.reason] if blast.effect is Effect.DENIED else []
        return Decision(
            # without what was assumed: it is known by what was reported
            finding=replace(found, severity=finding.severity),
            owner=owned.owner,
            eligible=not against,
            route=to_a_person(route) if against else route,
            mode=mode,
            reasons=(*ruled.reasons, *_reasons(owned, said, results)),
            against=tuple(against),
            actions=actions,
            policy_version=said.version,
            accepted_until="" if exception is None else exception.until.isoformat(),
            suppressed=ruled.suppressed,
        )

    def _ruled(self, finding: Finding, control: Control | None) -> Applied:
        """What passed through Security Hub, was changed there."""
        if passed_security_hub(finding):
            return Applied(finding)
        return self.rules.apply(finding, control.names.get(SECURITY_HUB, ()) if control is not None else ())

    def _invalid(self, read: InvalidFinding) -> Decision:
        said = Reason("finding", f"it could not be read: {read.field}: {read.reason}")
        default = self.ownership.default
        owner = Owner(default.team, OwnedBy.DEFAULT, "default", default.contact)
        return Decision(
            read, owner, eligible=False, route=Route(RouteKind.HUMAN, (said,)), mode=Mode.OBSERVE, against=(said,)
        )

    def _exception(self, finding: Finding) -> tuple[RiskException | None, str]:
        """Or why nobody knows which risks are accepted."""
        risks = self.accepted(finding)
        return risks.exceptions.covering(finding, risks.today()), risks.unreadable

    def _policy(  # noqa: PLR0913, PLR0917 - all that a policy is asked about
        self,
        finding: Finding,
        control: Control | None,
        owner: Owner,
        exception: RiskException | None,
        actions: tuple[Action, ...],
        now: datetime,
    ) -> PolicyDecision:
        facts = facts_of(
            finding,
            control,
            owner,
            environments=self.environments.of(finding.resource),
            exception=exception,
            actions=actions,
            allowed_actions=self.gates.actions.allowed,
            approved=type_approved(finding.resource, control, self.resource_types),
            now=now,
        )
        return self.policy.decide(facts)

    def _gates(
        self, finding: Finding, control: Control | None, actions: tuple[Action, ...], now: datetime
    ) -> Iterator[GateResult]:
        yield self.gates.exclusions.ask(finding.resource.tags)
        yield self.gates.actions.ask(actions, control.risk if control is not None else None)
        yield self.gates.modes.ask(finding)
        yield from self.gates.calendar.ask(now)

    def _blast(self, finding: Finding, known: str, now: datetime) -> GateResult:
        resource = finding.resource
        name = known or f"{resource.account}\n{resource.region}\n{resource.identifier}\n{finding.hint.path}"
        wanted = Touch(now, name, finding.control or finding.check_id, self.run)
        result = self.gates.blast_radius.ask(wanted, self.touched)
        if result.effect is Effect.PASSED:
            self.touched.append(wanted)
        return result


def _capped(results: tuple[GateResult, ...]) -> Mode:
    mode = Mode.AUTONOMOUS
    for each in results:
        mode = mode.at_most(each.cap)
    return mode


def _reasons(owned: Resolved, said: PolicyDecision, results: tuple[GateResult, ...]) -> tuple[Reason, ...]:
    return (
        Reason("owner", owned.why),
        *owned.notes,
        *said.allowed,
        *said.denied,
        *(each.reason for each in results),
    )


def held(decision: Decision) -> Outcome:
    """Of a finding that triage does not let be fixed here. A risk that is accepted needs nobody."""
    if decision.accepted_until:
        said = next((each.text for each in decision.against if each.rule == "exception"), decision.why_not)
        return Outcome(decision.finding, Status.ACCEPTED, said)
    return Outcome(decision.finding, Status.NOT_ELIGIBLE, f"triage: {decision.why_not}; {_whose(decision.owner)}")


def shown_only(outcome: Outcome, decision: Decision) -> Outcome:
    """Of a fix that is proposed and, by its mode, not published."""
    nothing = PullRequest("", "", "", created=False, action=PullRequestAction.NOTHING, reason=_only_shown(decision))
    return replace(outcome, pull_request=nothing)


def unpublished(decision: Decision) -> Outcome:
    """Of a proposal that was made elsewhere, and that triage does not let be published."""
    if not decision.may_propose:
        return held(decision)
    return Outcome(decision.finding, Status.NOT_ELIGIBLE, _only_shown(decision))


def _only_shown(decision: Decision) -> str:
    return f"triage: mode: it is in {decision.mode}: a fix is shown, and no pull request is opened"


def _whose(owner: Owner) -> str:
    return f"it is {owner.team}'s" if owner.known else f"nobody's, so that {owner.team} looks after it"
