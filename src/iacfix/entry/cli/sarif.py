"""Results as SARIF 2.1.0, with each proposal as a `fix` that editors and code hosts can show and take.

The standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from iacfix import __version__
from iacfix.controls import Catalogue
from iacfix.domain.finding import Finding, Severity
from iacfix.domain.location import Location
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.domain.proposal import Edit
from iacfix.domain.secrets import holds_secret, redact
from iacfix.patches.line_diff import Change, changes_between
from iacfix.pull_requests.identity import finding_key
from iacfix.pull_requests.markdown import plain

Node = Mapping[str, object]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_TEXT_LENGTH = 1_000
_NAME_LENGTH = 255
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFORMATIONAL: "note",
    Severity.UNKNOWN: "warning",
}
# GitHub: over 9 is critical, from 7 on high, from 4 on medium. What nobody rated has no figure.
_SCORES = {Severity.CRITICAL: 9.5, Severity.HIGH: 8.0, Severity.MEDIUM: 5.5, Severity.LOW: 2.0}


def sarif_log(outcomes: Sequence[Outcome], catalogue: Catalogue, prefix: str = "") -> str:
    """One run. `prefix` leads from the top of the repository to the folder that paths are relative to ("" or `a/b/`).

    A weakness that stands in the code is a result. What has no place there is told as a notification: no viewer shows
    a result without one. Each proposal has to stand alone: a fix speaks of the file as it is.
    """
    placed = [
        (outcome, finding, location)
        for outcome in outcomes
        if isinstance(finding := outcome.finding, Finding)
        and (location := outcome.location) is not None
        and outcome.status is not Status.ALREADY_FIXED
    ]
    rules = _rules([finding for _, finding, _ in placed], catalogue)
    order = {str(rule["id"]): index for index, rule in enumerate(rules)}
    results = [_result(*each, order, prefix) for each in placed]
    unplaced = [each for each in outcomes if each.location is None and each.status is not Status.ALREADY_FIXED]
    run = {
        "tool": {"driver": {"name": "iacfix", "version": __version__, "rules": rules}},
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": [_notification(each) for each in unplaced]}
        ],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rules(findings: Sequence[Finding], catalogue: Catalogue) -> list[Node]:
    worst: dict[str, Finding] = {}
    for finding in findings:
        known = worst.setdefault(_rule_id(finding), finding)
        if _SCORES.get(finding.severity, 0.0) > _SCORES.get(known.severity, 0.0):
            worst[_rule_id(finding)] = finding
    return [_rule(name, finding, catalogue) for name, finding in worst.items()]


def _rule(name: str, finding: Finding, catalogue: Catalogue) -> Node:
    control = catalogue.get(finding.control) if finding.control else None
    score = _SCORES.get(finding.severity)
    return {
        "id": name,
        "shortDescription": {"text": _text(control.title if control else finding.title) or name},
        **({"fullDescription": {"text": _text(control.why)}} if control else {}),
        "properties": {
            "tags": ["security", *([control.service] if control else [])],
            **({"security-severity": f"{score}"} if score is not None else {}),
        },
    }


def _rule_id(finding: Finding) -> str:
    """The control, so that tools that report the same weakness report one; else the tool's own check."""
    return finding.control or plain(redact(f"{finding.source}/{finding.check_id}"), _NAME_LENGTH)


def _result(outcome: Outcome, finding: Finding, location: Location, rules: Mapping[str, int], prefix: str) -> Node:
    name = _rule_id(finding)
    changed = _fix(outcome.proposal, prefix) if outcome.proposal is not None else None
    return {
        "ruleId": name,
        "ruleIndex": rules[name],
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(outcome, finding, has_fix=changed is not None)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(prefix, location.path)},
                    "region": {"startLine": location.start_line, "endLine": location.end_line},
                },
                "logicalLocations": [{"fullyQualifiedName": plain(redact(location.address), _TEXT_LENGTH)}],
            }
        ],
        "partialFingerprints": {"iacfixKey/v1": finding_key(finding, location)},
        **({"fixes": [changed]} if changed is not None else {}),
        "properties": {"status": outcome.status.value, "findingId": plain(redact(finding.id), _TEXT_LENGTH)},
    }


def _message(outcome: Outcome, finding: Finding, *, has_fix: bool) -> str:
    said = _text(finding.title) or _text(finding.check_id) or "a weakness was reported"
    of = f" ({_text(finding.resource.identifier)})" if finding.resource.identifier else ""
    if outcome.proposal is None:
        return f"{said}{of}. No fix is proposed: {_text(outcome.reason)}"
    if has_fix:
        return f"{said}{of}. A fix that every check accepted is attached."
    return f"{said}{of}. A fix was accepted, and is not shown here because its lines hold what looks like a secret."


def _notification(outcome: Outcome) -> Node:
    finding = outcome.finding
    name = finding.resource.identifier if isinstance(finding, Finding) else f"entry {finding.position + 1}"
    words = f"{_text(name)}: {outcome.status.value.replace('_', ' ')}: {_text(outcome.reason)}"
    return {"level": "warning", "message": {"text": words}}


def _fix(proposal: Proposal, prefix: str) -> Node | None:
    """None where a line that it would show holds a secret, or is no text."""
    changes = []
    for edit in proposal.verdict.edits:
        try:
            replaced = list(replacements(edit))
        except UnicodeDecodeError:
            return None
        if any(holds_secret(str(each)) for each in replaced):
            return None
        changes.append({"artifactLocation": {"uri": _uri(prefix, edit.path)}, "replacements": replaced})
    return {"description": {"text": _text(proposal.candidate.explanation) or "A fix."}, "artifactChanges": changes}


def replacements(edit: Edit) -> Iterator[Node]:
    """Whole lines, from the file as it was; none touches another. Raises UnicodeDecodeError."""
    old, new = _lines(edit.before), _lines(edit.after)
    for change in _within(old, changes_between(old, new)):
        yield {
            "deletedRegion": _region(old, change),
            "insertedContent": {"text": "".join(new[change.new_start : change.new_end])},
        }


def _within(old: Sequence[str], changes: list[Change]) -> list[Change]:
    """Behind the last line there is no place: what comes there is written together with the last line."""
    if not changes or not old or changes[-1].old_start < len(old):
        return changes
    *others, last = changes
    start, new_start = len(old) - 1, last.new_start - 1
    if others and others[-1].old_end == start:
        before = others.pop()
        start, new_start = before.old_start, before.new_start
    return [*others, Change(start, last.old_end, new_start, last.new_end)]


def _region(old: Sequence[str], change: Change) -> Node:
    """Ends before its end column. The last line of a file ends where its text does, a line feed included."""
    start = {"startLine": change.old_start + 1, "startColumn": 1}
    if change.old_end < len(old) or not old:
        return {**start, "endLine": change.old_end + 1, "endColumn": 1}
    return {**start, "endLine": len(old), "endColumn": len(old[-1]) + 1}


def _lines(data: bytes) -> list[str]:
    lines = data.decode().split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _uri(prefix: str, path: str) -> str:
    return quote(f"{prefix}{path}".encode("utf-8", "surrogateescape"), safe="/")


def _text(text: str) -> str:
    """Plain text of SARIF: brackets would be links, braces places to fill in (3.11.5 and 3.11.6)."""
    shown = plain(redact(text), _TEXT_LENGTH)
    for character in "\\[]":
        shown = shown.replace(character, f"\\{character}")
    return shown.replace("{", "{{").replace("}", "}}")
