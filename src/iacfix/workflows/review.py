"""A model looks a second time at what may be acted on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iacfix.domain.errors import ModelError
from iacfix.domain.identifiers import IdKind
from iacfix.domain.triage import GateResult
from iacfix.generation.model.review import answered, review_request
from iacfix.generation.redaction import without_placeholders
from iacfix.ports import Model
from iacfix.ports.activity import Activity, ActivityError, ActivityReader
from iacfix.triage.review import Opinion, Silence, Subject, gate, gate_of_silence, read_opinion


@dataclass(frozen=True)
class ModelReview:
    """Implements triage.review.Reviewer. `activity` are asked in turn for what has happened to the resource; `events`
    of them are shown at most.
    """

    model: Model
    activity: tuple[ActivityReader, ...] = ()
    silence: Silence = Silence.ESCALATE
    max_tokens: int = 400
    events: int = 20
    hidden: frozenset[IdKind] = frozenset()

    def __call__(self, subject: Subject) -> GateResult:
        """Raises nothing: what goes wrong is silence."""
        told, unknown = self._activity(subject)
        request = review_request(
            dict(_facts(subject, unknown)),
            subject.finding.resource.tags,
            [{"at": each.at, "who": each.who, "what": each.what} for each in told],
            max_tokens=self.max_tokens,
            hidden=self.hidden,
        )
        try:
            reply = self.model.ask(request)
        except ModelError as error:
            return gate_of_silence(error.what, self.silence)
        opinion = read_opinion(answered(reply))
        if opinion is None:
            return gate_of_silence(f"the answer of {self.model.id} cannot be read", self.silence)
        return gate(Opinion(opinion.verdict, without_placeholders(opinion.reason)))

    def _activity(self, subject: Subject) -> tuple[Sequence[Activity], str]:
        """The newest first; and why some of it is not known."""
        found: list[Activity] = []
        unknown: list[str] = []
        for reader in self.activity:
            try:
                found += reader.recent(subject.finding.resource, self.events)
            except ActivityError as error:
                unknown.append(error.what)
        newest = sorted(found, key=lambda each: each.at, reverse=True)
        return newest[: self.events], "; ".join(unknown)


def _facts(subject: Subject, unknown: str) -> Iterator[tuple[str, str]]:
    finding, resource, control = subject.finding, subject.finding.resource, subject.control
    yield "finding", finding.title
    yield "check", f"{finding.source} {finding.check_id}"
    yield "severity", finding.severity.value
    yield "control", f"{control.id}: {control.title}" if control is not None else "unknown"
    yield "risk_of_the_change", control.risk.value if control is not None else "unknown"
    yield "would_touch", ", ".join(subject.actions)
    yield "way", f"{subject.route.kind}, {subject.mode}"
    yield "resource_type", resource.type
    yield "resource", resource.identifier
    yield "name", resource.name
    yield "account", resource.account
    yield "region", resource.region
    yield "environment", ", ".join(subject.environments)
    yield "owner", subject.owner.team
    yield "observed_at", finding.observed_at
    if unknown:
        yield "activity_not_known", unknown
