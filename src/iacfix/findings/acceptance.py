"""Which messages are let in: by their shape, where they came from, and which account they speak of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iacfix.domain.finding import Finding
from iacfix.findings.detect import FORMATS
from iacfix.findings.fields import FieldError
from iacfix.findings.origin import Origin, Way
from iacfix.findings.resources import place_of


@dataclass(frozen=True, slots=True)
class EventShape:
    """An event of AWS's own: which service sends it, and what format it holds."""

    name: str
    event_source: str
    format: str


EVENT_SHAPES: Mapping[str, EventShape] = {
    "Security Hub Findings - Imported": EventShape("security_hub_imported", "aws.securityhub", "asff"),
    "Security Hub Findings - Custom Action": EventShape("security_hub_custom_action", "aws.securityhub", "asff"),
    "Findings Imported V2": EventShape("security_hub_v2", "aws.securityhub", "ocsf"),
    "Config Rules Compliance Change": EventShape("config_compliance", "aws.config", "config"),
    "GuardDuty Finding": EventShape("guardduty_finding", "aws.guardduty", "guardduty"),
}
"""By their `detail-type`. The name of the shape of anything else is that of its format."""

SHAPES = frozenset({each.name for each in EVENT_SHAPES.values()} | set(FORMATS))


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What is let in; an empty set lets in everything of its kind. `shapes` are names of EVENT_SHAPES or of formats,
    `accounts` those that findings may be about, `senders` those whose events are heard. `queues` and `topics` are ARNs.

    A topic that delivers raw messages leaves no trace in them, so that `topics` judges only what says its topic.
    """

    shapes: frozenset[str] = field(default_factory=frozenset)
    accounts: frozenset[str] = field(default_factory=frozenset)
    queues: frozenset[str] = field(default_factory=frozenset)
    topics: frozenset[str] = field(default_factory=frozenset)
    senders: frozenset[str] = field(default_factory=frozenset)

    def of_message(self, origin: Origin, form: str) -> FieldError | None:
        """Why the message is refused, by its origin and the format that it is in."""
        known = EVENT_SHAPES.get(origin.detail_type)
        shape = shape_of(origin, form)
        if known is not None and origin.event_source != known.event_source:
            said = f"is {origin.event_source or 'nothing'}: events of this detail-type are sent by {known.event_source}"
            return FieldError("source", said)
        if known is not None and form != known.format:
            return FieldError("detail", f"is {form}, and this detail-type holds {known.format}")
        if self.shapes and shape not in self.shapes:
            return FieldError("shape", f"is {shape}, which is not accepted")
        if self.queues and origin.way is not Way.HTTP and origin.queue not in self.queues:
            return FieldError("queue", f"is {origin.queue or 'unknown'}, which is not accepted")
        if self.topics and origin.topic and origin.topic not in self.topics:
            return FieldError("topic", f"is {origin.topic}, which is not accepted")
        if self.senders and origin.detail_type and origin.sender not in self.senders:
            return FieldError("account", f"is {origin.sender or 'unknown'}: events of this account are not accepted")
        return None

    def of_finding(self, finding: Finding) -> FieldError | None:
        """Why the finding is refused, by the account that it speaks of: the one it names, and that of its ARN."""
        if not self.accounts:
            return None
        said, in_arn = finding.resource.account, place_of(finding.resource.identifier)[1]
        named = {each for each in (said, in_arn) if each}
        if not named:
            return FieldError("account", "is unknown: the finding says of none, and only known ones are accepted")
        if strange := sorted(named - self.accounts):
            return FieldError("account", f"is {strange[0]}, which is not accepted")
        return None


def shape_of(origin: Origin, form: str) -> str:
    known = EVENT_SHAPES.get(origin.detail_type)
    return known.name if known is not None else form
