"""What follows a look at a live resource: the tools that reported it, its pull request and its owner are told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from iacfix.domain.change_request import PullRequestState
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry
from iacfix.domain.verification import Verification
from iacfix.ports.git_host import GitHost
from iacfix.pull_requests.verified import verified, verified_key
from iacfix.workflows.close import Closer, Closing, Told


@dataclass(frozen=True, slots=True)
class Looked:
    """A finding, what the ledger says of it since it was looked at, and what was seen."""

    finding: Finding
    entry: LedgerEntry
    seen: Verification


@dataclass(frozen=True)
class Settling:
    """`host_of` gives the host of a repository by its name, and raises IacfixError. `tell` raises nothing."""

    closer: Closer
    host_of: Callable[[str], GitHost]
    tell: Callable[[Looked], None] = lambda _looked: None

    def settle(self, looked: Sequence[Looked]) -> tuple[Told, ...]:
        """Doing it again tells nothing twice. Raises LedgerError where the ledger cannot be used."""
        told = self.closer.close((each.entry.key, each.seen) for each in looked)
        comments = tuple(said for each in looked if (said := self._commented(each)) is not None)
        for each in looked:
            self.tell(each)
        return (*told, *comments)

    def _commented(self, looked: Looked) -> Told | None:
        """On the newest pull request of the branch, where it is merged. None where there is nothing to say."""
        entry, text = looked.entry, verified(looked.seen)
        if not (entry.branch and entry.repository and text):
            return None
        try:
            host = self.host_of(entry.repository)
            found = next(iter(host.pull_requests(entry.branch)), None)
            if found is None or found.state is not PullRequestState.MERGED or not host.limits.comments:
                return None
            host.ensure_comment(found, verified_key(entry.key), text[: host.limits.max_comment_length])
        except IacfixError as error:
            return Told(entry.key, entry.pull_request, Closing.FAILED, str(error))
        return Told(entry.key, found.url, Closing.TOLD, "its pull request has what was seen")
