"""AWS Config: a resource that has come to break a rule, or to keep it, as EventBridge or Config's topic sends it."""

from collections.abc import Iterator

from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding
from iacfix.findings.certain_arns import completed
from iacfix.findings.envelopes import Entry, unwrap
from iacfix.findings.fields import FieldError, Fields, fields
from iacfix.findings.reader import Reader
from iacfix.findings.resources import closed, name_of, place_of

SOURCE = "config"
"""As the catalogue calls it. The name of a rule is its check; the catalogue knows it without what Security Hub adds."""

_MARKS = frozenset({"configRuleName", "newEvaluationResult", "resourceType", "resourceId", "messageType"})
_MARKS_NEEDED = 3
_CLOSED = (("newEvaluationResult", "complianceType", frozenset({"compliant", "not_applicable", "insufficient_data"})),)
_BROKEN = "NON_COMPLIANT"


def recognises(value: object) -> bool:
    return value == [] or any(_is_change(entry) for _, entry in unwrap(value))


def read(value: object) -> Iterator[FindingRead]:
    """A finding where the rule is broken. Where it is kept, or nobody can tell, the finding is closed, and says so."""
    for position, entry in enumerate(unwrap(value)):
        yield _entry(entry, position)


READER = Reader(SOURCE, "AWS Config: a change of compliance, from EventBridge or its topic", recognises, read)


def _is_change(value: object) -> bool:
    return isinstance(value, dict) and len(_MARKS & value.keys()) >= _MARKS_NEEDED


def _entry(entry: Entry, position: int) -> FindingRead:
    identity = ""
    try:
        change = fields(*entry)
        rule, kind, identifier = _qualifier(change)
        account, region = change.text("awsAccountId", ""), change.text("awsRegion", "")
        identity = f"{SOURCE}:{account}:{region}:{rule}:{kind}:{identifier}"
        if reason := closed(change, _CLOSED):
            return InvalidFinding(SOURCE, position, reason.field, reason.reason, identity)
        result = _broken(change.mapping("newEvaluationResult"))
        in_arn = place_of(identifier)
        resource = CloudResource(kind, identifier, name_of(identifier), account or in_arn[1], region or in_arn[0])
        return Finding(
            source=SOURCE,
            id=identity,
            check_id=rule,
            title=result.title("annotation", rule),
            resource=completed(resource),
            observed_at=result.text("resultRecordedTime", change.text("notificationCreationTime", "")),
        )
    except FieldError as error:
        return InvalidFinding(SOURCE, position, error.field, error.reason, identity)


def _broken(result: Fields) -> Fields:
    if (said := result.text("complianceType")).upper() != _BROKEN:
        raise FieldError(result.at("complianceType"), f"is {said[:40]}, which AWS Config does not know")
    return result


def _qualifier(change: Fields) -> tuple[str, str, str]:
    """Rule, type and id, which stand in the message itself and in the result. Raises FieldError."""
    inner = change.mapping("newEvaluationResult").mapping("evaluationResultIdentifier")
    beside = inner.mapping("evaluationResultQualifier")
    rule, kind, identifier = (
        change.text(name, beside.text(name, "")) for name in ("configRuleName", "resourceType", "resourceId")
    )
    for name, value in (("configRuleName", rule), ("resourceType", kind), ("resourceId", identifier)):
        if not value:
            raise FieldError(change.at(name), "is missing")
    return rule, kind, identifier
