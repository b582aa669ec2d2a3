"""What a pull request's marker says of its finding, so that it can be looked at again when the report is gone.

People can write a marker: whatever is read from one is outside text, and is judged like a finding from a file.
"""

from collections.abc import Iterable, Mapping

from iacfix.domain.finding import CloudResource, Finding, Severity
from iacfix.domain.location import Location
from iacfix.domain.proposal import Edit
from iacfix.domain.secrets import redact

_MOST = 240  # of each text, so that all of them fit the marker whatever the finding holds
_TEXTS = ("id", "source", "check", "title", "kind", "resource", "account", "region")


def found_again(finding: Finding, location: Location, generator: str, edits: Iterable[Edit]) -> Mapping[str, str]:
    """`file` is the one changed file as the host has it, "" where there are several."""
    resource = finding.resource
    texts = (
        *(finding.id, finding.source, finding.check_id, finding.title),
        *(resource.type, resource.identifier, resource.account, resource.region),
    )
    paths = [edit.path for edit in edits]
    return {
        **{name: _short(text) for name, text in zip(_TEXTS, texts, strict=True) if text},
        "severity": finding.severity.value,
        "path": _short(location.path),
        "by": _short(generator),
        "file": paths[0] if len(paths) == 1 and len(paths[0]) <= _MOST else "",
    }


def finding_in(facts: Mapping[str, str]) -> Finding | None:
    """As much of the finding as the marker has; None where that is not enough to name it."""
    known = {name: facts.get(name, "") for name in _TEXTS}
    if not (known["id"] and known["source"] and (known["check"] or facts.get("control"))):
        return None
    severity = facts.get("severity", "")
    return Finding(
        source=known["source"],
        id=known["id"],
        check_id=known["check"],
        title=known["title"],
        resource=CloudResource(known["kind"], known["resource"], account=known["account"], region=known["region"]),
        control=facts.get("control", ""),
        severity=Severity(severity) if severity in set(Severity) else Severity.UNKNOWN,
    )


def _short(text: str) -> str:
    shown = redact(text)
    return shown if len(shown) <= _MOST else f"{shown[: _MOST - 1]}…"
