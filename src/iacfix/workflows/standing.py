"""What is on the host now, as the rules of the lifecycle look at it."""

from datetime import UTC, datetime

from iacfix.domain.change_request import HostedPullRequest, PullRequestState
from iacfix.domain.marks import facts_in
from iacfix.ports.git_host import GitHost
from iacfix.pull_requests.lifecycle import Limits, Marked, Standing, Traffic

CLOSED_COMMENT = "closed"
"""The key of the comment that says that iacfix closed a pull request, and no person."""


def standing(host: GitHost, branch: str, base: str) -> Standing:
    """What is on the host now."""
    return Standing(tuple(_marked(host, each) for each in host.pull_requests(branch)), host.branch(branch, base))


def traffic(host: GitHost, limits: Limits | None) -> Traffic:
    """Nothing is counted where nothing limits."""
    if limits is None:
        return Traffic()
    found = host.open_pull_requests()
    return Traffic(len(found), tuple(at for each in found if (at := when(each.opened_at)) is not None))


def when(text: str) -> datetime | None:
    """A time as a host writes it, in UTC where it names no zone; None where it says nothing."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _marked(host: GitHost, found: HostedPullRequest) -> Marked:
    facts = facts_in(found.body)
    ours = found.state is not PullRequestState.CLOSED or any(
        comment.key == CLOSED_COMMENT for comment in (host.comments(found) if host.limits.comments else ())
    )
    return Marked(found, facts.get("finding", ""), facts.get("base", ""), ours)
