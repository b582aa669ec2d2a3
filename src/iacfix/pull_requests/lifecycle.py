"""What becomes of a fix on its host: the rules, without a host. Whoever acts on a decision looks again before it does.

| on the host | a fix is wanted | nothing is wanted any more |
|---|---|---|
| no pull request | Open, or Queue where the limits are reached | Nothing |
| open, this very fix on this base | Keep | Close |
| open, another fix or an older base | Update | Close |
| open, with commits of a person | HandsOff | HandsOff |
| closed by a person | NotWanted, until the finding changes or an exception ends | Nothing |
| closed by us | Open or Queue | Nothing |
| open, without what its text says of itself | Update: the text | Close |
| merged, this very fix on this base | Verify: it was merged after we looked | Verify |
| merged, and the base has it | Open: it came undone | Verify |
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from iacfix.domain.change_request import BranchState, HostedPullRequest, PullRequestState

MAX_OPEN = 10
MAX_AN_HOUR = 2
HOUR = timedelta(hours=1)


class NoLonger(StrEnum):
    """Why a pull request is not needed any more."""

    FIXED_UPSTREAM = "fixed_upstream"
    RESOURCE_GONE = "resource_gone"
    CONTROL_OFF = "control_off"
    FINDING_RESOLVED = "finding_resolved"
    RISK_ACCEPTED = "risk_accepted"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The fix as it would be proposed now. `content` is the hash of its edits, `finding` that of what the tool says of
    the finding, `base` the commit they apply to.
    """

    key: str
    content: str
    finding: str
    base: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A pull request on the host and what its marker says of the finding and the base; "" where it does not.

    `ours`: it was closed by iacfix, or not at all.
    """

    pull_request: HostedPullRequest
    finding: str = ""
    base: str = ""
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on the host: pull requests of the fix's branch, newest first, and the branch."""

    pull_requests: tuple[Marked, ...] = ()
    branch: BranchState | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """At most so many open pull requests of iacfix in a repository, and so many opened within an hour."""

    max_open: int = MAX_OPEN
    max_an_hour: int = MAX_AN_HOUR


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the limits count: pull requests of iacfix that are open, and when the last ones were opened."""

    open: int = 0
    opened: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    reason: str


@dataclass(frozen=True, slots=True)
class Open:
    """`replacing` is the commit that a branch of ours, left over, may be moved from; "" where there is none."""

    replacing: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    pull_request: HostedPullRequest
    replacing: str
    reason: str


@dataclass(frozen=True, slots=True)
class Keep:
    pull_request: HostedPullRequest


@dataclass(frozen=True, slots=True)
class HandsOff:
    """Somebody has worked on the branch: it is theirs. `pull_request` is None where they have only the branch."""

    pull_request: HostedPullRequest | None
    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    pull_request: HostedPullRequest
    reason: NoLonger


@dataclass(frozen=True, slots=True)
class NotWanted:
    pull_request: HostedPullRequest
    reason: str


@dataclass(frozen=True, slots=True)
class Verify:
    pull_request: HostedPullRequest


@dataclass(frozen=True, slots=True)
class Queue:
    reason: str


Decision = Nothing | Open | Update | Keep | HandsOff | Close | NotWanted | Verify | Queue


def decide(  # noqa: PLR0913 - all that a decision rests on
    wanted: Wanted | NoLonger,
    standing: Standing,
    *,
    now: datetime,
    limits: Limits | None = DEFAULT_LIMITS,
    traffic: Traffic | None = None,
    expired: Collection[str] = (),
) -> Decision:
    """The one thing to do. `limits` None: there are none. `expired` are the keys whose exception has ended since."""
    # One that a person has opened again goes before later ones that are closed.
    opened = (each for each in standing.pull_requests if each.pull_request.state is PullRequestState.OPEN)
    newest = next(opened, next(iter(standing.pull_requests), None))
    is_open = newest is not None and newest.pull_request.state is PullRequestState.OPEN
    if newest is not None and is_open:
        if reason := _foreign(standing.branch, newest):
            return HandsOff(newest.pull_request, reason)
        if isinstance(wanted, NoLonger):
            return Close(newest.pull_request, wanted)
        return _kept_or_updated(wanted, newest, standing.branch)
    if isinstance(wanted, NoLonger):
        merged = newest is not None and newest.pull_request.state is PullRequestState.MERGED
        return Verify(newest.pull_request) if newest is not None and merged else Nothing("there is no pull request")
    if newest is not None and (refused := _not_wanted(wanted, newest, expired)):
        return refused
    if newest is not None and _is_merged_since(wanted, newest):
        return Verify(newest.pull_request)
    return _opened(wanted, standing.branch, limits, traffic or Traffic(), now)


def _foreign(branch: BranchState | None, marked: Marked) -> str:
    """Why the branch is not ours to change, "" where all that is on it is what we put there."""
    if branch is None:
        return f"its branch {marked.pull_request.branch} is gone"
    if not branch.content:
        ahead = f"{len(branch.ahead)} commit{'' if len(branch.ahead) == 1 else 's'} ahead"
        return f"somebody has worked on {branch.name}: it is {ahead}, and not one of ours"
    return ""


def _kept_or_updated(wanted: Wanted, marked: Marked, branch: BranchState | None) -> Decision:
    head = branch.head if branch is not None else ""
    content = branch.content if branch is not None else ""
    if content != wanted.content:
        return Update(marked.pull_request, head, "the fix is another one now")
    # A person has edited it, or a run was cut between the branch and the text.
    if not marked.pull_request.content:
        return Update(marked.pull_request, head, "its text has lost the marks of iacfix")
    if marked.pull_request.content != wanted.content:
        return Update(marked.pull_request, head, "its text is that of another fix")
    if marked.base != wanted.base:
        return Update(marked.pull_request, head, "the base has moved")
    return Keep(marked.pull_request)


def _is_merged_since(wanted: Wanted, newest: Marked) -> bool:
    """The base that we looked at is older than the merge: with a newer one the fix would not be wanted, or undone."""
    found = newest.pull_request
    is_merged = found.state is PullRequestState.MERGED
    return is_merged and (found.content, newest.base) == (wanted.content, wanted.base)


def _not_wanted(wanted: Wanted, newest: Marked, expired: Collection[str]) -> NotWanted | None:
    if newest.pull_request.state is not PullRequestState.CLOSED or newest.ours:
        return None
    if wanted.key in expired or (newest.finding and newest.finding != wanted.finding):
        return None
    return NotWanted(
        newest.pull_request, "a person closed it without merging: it stays closed until the finding changes"
    )


def _opened(
    wanted: Wanted, branch: BranchState | None, limits: Limits | None, traffic: Traffic, now: datetime
) -> Decision:
    if branch is not None and branch.ahead and not branch.content:
        return HandsOff(None, f"the branch {branch.name} is there and holds somebody's work")
    if branch is not None and branch.content and branch.key != wanted.key:
        return HandsOff(None, f"the branch {branch.name} is there and belongs to another finding")
    if limits is None:
        return Open(replacing=branch.head if branch is not None else "")
    if traffic.open >= limits.max_open:
        return Queue(f"{traffic.open} pull requests are open here, and {limits.max_open} may be")
    if len(_lately(traffic.opened, now)) >= limits.max_an_hour:
        return Queue(f"{limits.max_an_hour} were opened within the last hour, and no more may be")
    return Open(replacing=branch.head if branch is not None else "")


def _lately(opened: Sequence[datetime], now: datetime) -> list[datetime]:
    return [each for each in opened if now - each < HOUR]
