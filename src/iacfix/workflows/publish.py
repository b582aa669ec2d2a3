"""From an accepted proposal to its pull request."""

from dataclasses import replace

from iacfix.controls import Catalogue
from iacfix.domain.change_request import ChangeRequest
from iacfix.domain.errors import GitHostError, UnsafePathError
from iacfix.domain.finding import Finding
from iacfix.domain.outcome import Outcome, Status
from iacfix.ports import GitHost
from iacfix.pull_requests import branch_name, commit_message, compose, finding_key, title


def open_pull_request(outcome: Outcome, catalogue: Catalogue, host: GitHost, base: str) -> Outcome:
    """The outcome with its pull request. One that the host refuses needs a person, and keeps the host's reason."""
    finding, location, proposal = outcome.finding, outcome.location, outcome.proposal
    if not isinstance(finding, Finding) or location is None or proposal is None:
        return outcome
    control = catalogue.get(finding.control)
    key = finding_key(finding, location)
    request = ChangeRequest(
        key=key,
        branch=branch_name(key, finding),
        base=base,
        title=title(finding, control, location),
        body=compose(finding, control, location, proposal, key, max_length=host.max_body_length),
        commit_message=commit_message(finding, control, location, proposal, key),
        edits=proposal.verdict.edits,
    )
    try:
        return replace(outcome, pull_request=host.ensure_pull_request(request))
    except (GitHostError, UnsafePathError) as error:
        reason = f"the fix is proven, but its pull request could not be opened: {error}"
        return replace(outcome, status=Status.GENERATION_FAILED, proposal=None, reason=reason)
