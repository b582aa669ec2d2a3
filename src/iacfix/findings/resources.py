"""What findings in the cloud have in common, whatever the format: one entry for several resources, ARNs, states."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding
from iacfix.findings.envelopes import Entry
from iacfix.findings.fields import MAX_TEXT, FieldError, Fields, fields, one_line

GUARDDUTY = "guardduty"
_ARN_PARTS = 6
# `Recon:EC2/PortProbe` is how GuardDuty writes it, `TTPs/Discovery/Recon:EC2-PortProbe` how Security Hub does.
_THREAT = re.compile("(?:[^:]*/)?(?P<purpose>[A-Za-z]+):(?P<kind>[A-Za-z0-9]+)[/-](?P<name>.+)")

States = Sequence[tuple[str, str, frozenset[str]]]
"""Where a state stands (an object, "" for the finding itself, and its field), and which of them, in small letters, mean
that nothing is left to do.
"""


def closed(finding: Fields, states: States) -> FieldError | None:
    """Why the finding is not open. Raises FieldError where that cannot be told."""
    for parent, name, done in states:
        state = (finding.mapping(parent) if parent else finding).text(name, "")
        if state.lower() in done:
            field = f"{parent}.{name}" if parent else name
            return FieldError(field, f"the finding is not open: {field} is {state}")
    return None


def listed(finding: Fields, name: str) -> list[Entry]:
    """Raises FieldError where there is none: a finding without a resource is about nothing."""
    if resources := finding.listing(name):
        return resources
    raise FieldError(finding.at(name), "is empty")


def by_resource(
    common: Finding, resources: Sequence[Entry], read: Callable[[Fields], CloudResource], position: int
) -> list[FindingRead]:
    """One finding for each, numbered from the second on. One that is malformed costs the others nothing."""
    found: list[FindingRead] = []
    for number, entry in enumerate(resources, 1):
        identity = common.id if number == 1 else f"{common.id}#{number}"
        try:
            found.append(replace(common, id=identity, resource=read(fields(*entry))))
        except FieldError as error:
            found.append(InvalidFinding(common.source, position, error.field, error.reason, identity))
    return found


def threat_of(types: object) -> str:
    """GuardDuty's own name of a threat out of a finding's types, "" where none is one."""
    listed: list[object] = types if isinstance(types, list) else []
    for each in listed:
        if isinstance(each, str) and len(each) <= MAX_TEXT and (match := _THREAT.fullmatch(one_line(each))) is not None:
            return f"{match['purpose']}:{match['kind']}/{match['name']}"
    return ""


def place_of(identifier: str) -> tuple[str, str]:
    """Region and account as an ARN has them, two empty texts of anything else."""
    parts = identifier.split(":", _ARN_PARTS - 1)
    return (parts[3], parts[4]) if len(parts) == _ARN_PARTS and parts[0] == "arn" else ("", "")


def name_of(identifier: str) -> str:
    """`my-bucket` of `arn:aws:s3:::my-bucket`; a log group's ARN ends in `:*`, which is no name."""
    return re.split("[/:]", identifier.rstrip("/:*"))[-1] or identifier
