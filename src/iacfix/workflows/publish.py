"""From an accepted proposal to its pull request."""

from collections.abc import Callable
from dataclasses import replace

from iacfix.controls import Catalogue
from iacfix.domain.change_request import ChangeRequest
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.ports import GitHost
from iacfix.pull_requests import branch_name, commit_message, compose, finding_key, title


def open_pull_request(outcome: Outcome, catalogue: Catalogue, host_of: Callable[[str], tuple[GitHost, str]]) -> Outcome:
    """The outcome with its pull request. One that the host refuses needs a person, and keeps the host's reason.

    `host_of` gives the host of a repository, and the base of its pull requests.
    """
    finding, location, proposal = outcome.finding, outcome.location, outcome.proposal
    if not isinstance(finding, Finding) or location is None or proposal is None:
        return outcome
    try:
        host, base = host_of(outcome.repository)
        request = _request(finding, location, proposal, catalogue, host, base)
        return replace(outcome, pull_request=host.ensure_pull_request(request))
    except IacfixError as error:
        reason = f"the fix is proven, but its pull request could not be opened: {error}"
        return replace(outcome, status=Status.GENERATION_FAILED, proposal=None, reason=reason)


def _request(  # noqa: PLR0913, PLR0917 - all that a pull request tells
    finding: Finding, location: Location, proposal: Proposal, catalogue: Catalogue, host: GitHost, base: str
) -> ChangeRequest:
    control = catalogue.get(finding.control)
    key = finding_key(finding, location)
    return ChangeRequest(
        key=key,
        branch=branch_name(key, finding),
        base=base,
        title=title(finding, control, location),
        body=compose(finding, control, location, proposal, key, max_length=host.max_body_length),
        commit_message=commit_message(finding, control, location, proposal, key),
        edits=proposal.verdict.edits,
    )
