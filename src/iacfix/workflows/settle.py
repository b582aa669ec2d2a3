"""What follows a look at a live resource: the tools that reported it, its pull request and its owner are told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from iacfix.domain.change_request import HostedPullRequest, PullRequestState
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.verification import Verification
from iacfix.ports.git_host import GitHost
from iacfix.pull_requests.verified import verified, verified_key
from iacfix.workflows.close import Closer, Closing, Told
from iacfix.workflows.moves import Moves


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
    moves: Moves
    host_of: Callable[[str], GitHost]
    tell: Callable[[Looked], None] = lambda _looked: None

    def catch_up(self, key: str) -> str:
        """Since the owners have merged its pull request, a verification is due: what is seen counts from now on.
        Answers with why that could not be told, "" where nothing stands in the way. Raises LedgerError.
        """
        entry = self.moves.store.get(key)
        if entry is None or entry.state is not State.PULL_REQUEST_OPEN:
            return ""
        try:
            found = self._merged(entry)
        except IacfixError as error:
            return str(error)
        if found is not None:
            finding = entry.sources[0].partition(":")[2] if entry.sources else ""
            self.moves.to(entry, State.VERIFYING, f"its pull request is merged: {found.url}", finding=finding)
        return ""

    def settle(self, looked: Sequence[Looked]) -> tuple[Told, ...]:
        """Doing it again tells nothing twice. Raises LedgerError where the ledger cannot be used."""
        told = self.closer.close((each.entry.key, each.seen) for each in looked)
        comments = tuple(said for each in looked if (said := self._commented(each)) is not None)
        for each in looked:
            self.tell(each)
        return (*told, *comments)

    def _commented(self, looked: Looked) -> Told | None:
        """None where there is nothing to say, or nobody to say it to."""
        entry, text = looked.entry, verified(looked.seen)
        try:
            found = self._merged(entry) if text else None
            if found is None:
                return None
            host = self.host_of(entry.repository)
            if not host.limits.comments:
                return None
            host.ensure_comment(found, verified_key(entry.key), text[: host.limits.max_comment_length])
        except IacfixError as error:
            return Told(entry.key, entry.pull_request, Closing.FAILED, str(error))
        return Told(entry.key, found.url, Closing.TOLD, "its pull request has what was seen")

    def _merged(self, entry: LedgerEntry) -> HostedPullRequest | None:
        """The newest pull request of the branch, where that is merged. Raises IacfixError."""
        if not (entry.branch and entry.repository):
            return None
        found = next(iter(self.host_of(entry.repository).pull_requests(entry.branch)), None)
        return found if found is not None and found.state is PullRequestState.MERGED else None
