"""The JSON that others rely on: one object for each finding. Published as docs/outcome.schema.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields

from iacfix.domain.decision import Decision
from iacfix.domain.finding import Finding, InvalidFinding
from iacfix.domain.location import CallSite, Location, ModuleChoice, NotLocated
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.proposal import Usage
from iacfix.domain.secrets import redact
from iacfix.workflows.locate import Located
from iacfix.workflows.proposed import finding_record

LOCATED = "located"


def outcome_record(outcome: Outcome, base: str = "") -> Mapping[str, object]:
    """`diff` is the patch itself and stays as it is, so that it applies; every other text is redacted. `base` is the
    commit that the repository is at.
    """
    pull_request = outcome.pull_request
    proposal = outcome.proposal
    verdict = proposal.verdict if proposal is not None else None
    return {
        **_finding(outcome.finding),
        "also": also(outcome.finding),
        "status": outcome.status.value,
        "repository": outcome.repository or None,
        **_location(outcome.location),
        "changed_at": _decision(outcome.proposal.decision) if outcome.proposal is not None else None,
        "diff": verdict.diff if verdict is not None else None,
        "changed_lines": verdict.changed_lines if verdict is not None else None,
        "generator": outcome.generator or None,
        "attempts": outcome.attempts,
        "stages": [
            {"name": stage.name.value, "result": stage.outcome.value, "reason": redact(stage.reason) or None}
            for stage in outcome.stages
        ],
        "reason": redact(outcome.reason) or None,
        "risk": proposal.risk.value if proposal is not None and proposal.risk is not None else None,
        "assumptions": [redact(each) for each in proposal.candidate.assumptions] if proposal is not None else [],
        "usage": usage_record(outcome.usage),
        "finding": finding_record(outcome.finding)
        if isinstance(outcome.finding, Finding) and proposal is not None
        else None,
        "base": base or None,
        "explanation": redact(proposal.candidate.explanation) or None if proposal is not None else None,
        "digest": None,
        "signature": None,
        "pull_request": None
        if pull_request is None
        else {
            "url": pull_request.url,
            "branch": pull_request.branch,
            "commit": pull_request.commit,
            "created": pull_request.created,
            "action": pull_request.action.value,
            "reason": pull_request.reason or None,
        },
    }


def usage_record(usage: Sequence[Usage]) -> Mapping[str, int] | None:
    """What all calls of a finding took together; None where no model answered."""
    if not usage:
        return None
    sums = {each.name: sum(getattr(call, each.name) for call in usage) for each in fields(Usage)}
    return {"calls": len(usage), **sums}


def located_record(located: Located) -> Mapping[str, object]:
    """The same keys as far as they go, with `evidence`, `confidence` and `candidates`."""
    result = located.result
    found = result if isinstance(result, Location) else None
    candidates = result.candidates if isinstance(result, NotLocated) else ()
    return {
        **_finding(located.finding),
        "status": LOCATED if found else Status.INVALID_FINDING.value if result is None else Status.NOT_LOCATED.value,
        "repository": located.repository or None,
        **_location(found),
        "reason": redact(reason_of(located)) or None,
        "confidence": found.confidence if found else None,
        "evidence": [{"strategy": each.strategy, "detail": redact(each.detail)} for each in found.evidence]
        if found
        else [],
        "candidates": [_location(each) for each in candidates],
        "module": _module(found, located.choice),
    }


def _module(found: Location | None, choice: ModuleChoice | None) -> Mapping[str, object] | None:
    """How the block came to be by calls of modules, and where it is best fixed."""
    if found is None or found.module is None:
        return None
    use = found.module
    return {
        "source": use.source or None,
        "inner": use.inner or None,
        "calls": [_call(each) for each in use.calls],
        "call_sites": [_call(each) for each in use.sites],
        "fix_at": choice.at.value if choice else None,
        "reason": redact(choice.reason) if choice else None,
        "inputs": [asdict(each) for each in choice.inputs] if choice else [],
    }


def _decision(decision: Decision | None) -> Mapping[str, object] | None:
    """The one value that is changed, where it stands elsewhere than at the resource."""
    if decision is None:
        return None
    return {
        "by": decision.by.value,
        "path": decision.path,
        "address": decision.address,
        "attribute": decision.attribute or None,
        "start_line": decision.start_line,
        "end_line": decision.end_line,
        "why": [redact(each) for each in decision.why],
    }


def _call(site: CallSite) -> Mapping[str, object]:
    return {"path": site.path, "address": site.address, "line": site.line}


def reason_of(located: Located) -> str:
    if isinstance(located.finding, InvalidFinding):
        return f"{located.finding.field}: {located.finding.reason}"
    return located.result.reason if isinstance(located.result, NotLocated) else ""


def line(record: Mapping[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False)


def _finding(finding: Finding | InvalidFinding) -> Mapping[str, object]:
    if isinstance(finding, InvalidFinding):
        return {"finding_id": redact(finding.id) or None, "control": None, "check_id": None, "resource": None}
    return {
        "finding_id": redact(finding.id),
        "control": finding.control or None,
        "check_id": redact(finding.check_id),
        "resource": redact(finding.resource.identifier),
    }


def also(finding: Finding | InvalidFinding) -> list[str]:
    """The other reports of the same fact, as in the ledger."""
    reports = () if isinstance(finding, InvalidFinding) else finding.also
    return [redact(f"{source}:{identity}") for source, identity in reports]


def _location(location: Location | None) -> Mapping[str, object]:
    return {
        "path": location.path if location else None,
        "address": location.address if location else None,
        "start_line": location.start_line if location else None,
        "end_line": location.end_line if location else None,
    }
