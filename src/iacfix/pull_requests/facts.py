"""What a pull request's marker says of its finding, so that it can be looked at again when the report is gone.

People can write a marker: whatever is read from one is outside text, and is judged like a finding from a file.
"""

import json
from collections.abc import Iterable, Mapping

from iacfix.domain.finding import CloudResource, Finding, Hint, Severity
from iacfix.domain.location import Location
from iacfix.domain.outcome import Proposal
from iacfix.domain.proposal import Edit
from iacfix.domain.secrets import redact

# Characters, as the marker spells them. Beside them a marker holds hashes and addresses, and 4,000 is what is read.
ROOM = 2_400
_LONGEST = 600


def found_again(finding: Finding, location: Location, proposal: Proposal, edits: Iterable[Edit]) -> Mapping[str, str]:
    """What matters most comes first; what has no room is left out. `file` is the one changed file as the host has it,
    `why` the explanation.
    """
    resource, paths = finding.resource, [edit.path for edit in edits]
    texts = {
        "path": location.path,
        "file": paths[0] if len(paths) == 1 else "",
        "by": proposal.candidate.generator,
        "severity": finding.severity.value,
        "source": finding.source,
        "check": finding.check_id,
        "id": finding.id,
        "resource": resource.identifier,
        "kind": resource.type,
        "account": resource.account,
        "region": resource.region,
        "title": finding.title,
        "why": proposal.candidate.explanation,
    }
    kept: dict[str, str] = {}
    room = ROOM
    for name, text in texts.items():
        said = redact(text)
        length = _spelled(name) + _spelled(said)
        if said and len(said) <= _LONGEST and length <= room:
            kept[name] = said
            room -= length
    return kept


def finding_in(facts: Mapping[str, str]) -> Finding | None:
    """As much of the finding as the marker has; None where that is not enough to find its place again."""
    control, path, address = (facts.get(name, "") for name in ("control", "path", "address"))
    source, check = facts.get("source", ""), facts.get("check", "")
    if not (path and address and source and (control or check)):
        return None
    severity = facts.get("severity", "")
    return Finding(
        source=source,
        id=facts.get("id", ""),
        check_id=check,
        title=facts.get("title", ""),
        resource=CloudResource(
            facts.get("kind", ""),
            facts.get("resource", ""),
            account=facts.get("account", ""),
            region=facts.get("region", ""),
        ),
        control=control,
        severity=Severity(severity) if severity in set(Severity) else Severity.UNKNOWN,
        hint=Hint(path, address),
    )


def _spelled(text: str) -> int:
    """In JSON, with the four signs that the marker spells out."""
    return len(json.dumps(text)) + 5 * sum(text.count(sign) for sign in "<>-&") + 2
